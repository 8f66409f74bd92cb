import assert from "node:assert/strict";
import { openBrowser } from "../support/browser.ts";
import { testWith } from "../support/programs.ts";
import { KEY, OTHER_KEY, sleep, TestServer } from "../support/test_server.ts";
import { until } from "../support/until.ts";
import { WallPage } from "../support/wall_page.ts";

const MEDIA = { live: true, recording: true };

/** Tone at half of full scale, 8 kHz, as an agent sends it. */
function tone(ms: number): Uint8Array<ArrayBuffer> {
  const pcm = Int16Array.from({ length: ms * 8 }, (_, index) => 16_000 * Math.sin(index / 3));
  return new Uint8Array(pcm.buffer);
}

testWith(["chromium"], "The wall follows calls from their start to their recording", async () => {
  await using server = await TestServer.start();
  const browser = await openBrowser();
  try {
    await using wall = await WallPage.open(browser, server);
    await wall.connected();
    await wall.page.locator("#first-call").waitFor();
    const asked = wall.requests.length;
    assert.deepEqual(wall.requests.map((path) => path.split("?")[0]).sort(), [
      "/calls",
      "/calls",
      "/events",
    ]);

    const metadata = { from: "+1 555 0100", agent: "support" };
    const agent = await server.agent({ callId: "CA1", media: MEDIA, metadata });
    const card = wall.card("CA1");
    await card.waitFor();
    assert.equal(await card.locator(".name").textContent(), "+1 555 0100");
    assert.equal(await card.locator(".agent").textContent(), "support");
    assert.equal(await wall.page.locator("#first-call").isVisible(), false);
    assert.equal(await wall.page.locator("#counts").textContent(), "1 live");
    await until(() => card.locator(".clock").textContent(), (text) => text === "0:01", "time");

    agent.bot(tone(1500));
    await until(() => wall.level("CA1", "bot"), (level) => level > 0.8, "the bot's meter rises");
    assert.equal(await wall.level("CA1", "user"), 0);
    await until(() => wall.level("CA1", "bot"), (level) => level === 0, "and falls");

    const listener = await server.listen("CA1");
    await until(() => card.locator(".ears").innerText(), (text) => text.startsWith("1"), "ears");
    await listener.close();
    await card.locator(".ears").waitFor({ state: "hidden" });

    await agent.drop();
    await card.locator(".warning").waitFor();
    assert.match(await card.locator(".warning").innerText(), /^Connection lost/);
    const again = await server.agent({ callId: "CA1", resume: true });
    await card.locator(".warning").waitFor({ state: "detached" });

    again.end("hangup");
    const row = wall.ended.and(wall.page.locator('[data-id="CA1"]'));
    await row.waitFor();
    assert.match(await row.locator(".details").innerText(), /hangup/);
    await row.locator(".links a").first().waitFor();
    for (const link of await row.locator(".links a[download]").all()) {
      await link.hover();
      const href = async () => new URL(await link.getAttribute("href") ?? "", server.origin);
      const url = await until(href, ({ searchParams }) => searchParams.has("token"), "a token");
      const response = await fetch(url);
      assert.equal(response.status, 200);
      await response.body?.cancel();
    }
    await server.api("/calls/CA1/recording", { method: "DELETE" });
    await row.locator(".recording").filter({ hasText: "Recording deleted" }).waitFor();
    assert.equal(await row.locator(".links a").count(), 0);

    await sleep(500);
    const later = wall.requests.slice(asked).filter((path) => !/peaks|tokens/.test(path));
    assert.deepEqual(later, [], "nothing is asked again and again");
    assert.deepEqual([wall.errors, wall.foreign], [[], []]);
  } finally {
    await browser.close();
  }
});

testWith(["chromium"], "The wall shows announced calls, and those that never come", async () => {
  await using server = await TestServer.start();
  const browser = await openBrowser();
  try {
    await using wall = await WallPage.open(browser, server);
    await wall.connected();
    for (const id of ["CA1", "CA2"]) await server.api("/calls", { body: { id, media: MEDIA } });
    await wall.card("CA2").waitFor();
    assert.match(await wall.card("CA1").locator(".state").innerText(), /Waiting/);
    const agent = await server.agent({ callId: "CA1" });
    await wall.page.locator('[data-id="CA1"][data-state="live"]').waitFor();
    await server.api("/calls/CA2/end", { body: { reason: "cancelled" } });
    await wall.ended.and(wall.page.locator('[data-id="CA2"]')).waitFor();
    agent.end();
    assert.deepEqual(wall.errors, []);
  } finally {
    await browser.close();
  }
});

testWith(
  ["chromium"],
  "The wall shows a key's own organisation, and asks for another key",
  async () => {
    await using server = await TestServer.start();
    const browser = await openBrowser();
    try {
      await server.agent({ callId: "CA1", media: MEDIA });
      await server.agent({ callId: "GX1", media: MEDIA }, OTHER_KEY);
      await using wall = await WallPage.open(browser, server, { key: null });
      const { page } = wall;
      await page.locator("#key").fill("a-wrong-key-0123456789");
      await page.keyboard.press("Enter");
      await page.getByText("This key is not valid").waitFor();
      await page.locator("#key").fill(KEY);
      await page.keyboard.press("Enter");
      await wall.card("CA1").waitFor();
      assert.equal(await wall.live.count(), 1);
      await page.reload();
      await wall.card("CA1").waitFor();
      assert.equal(new URL(page.url()).search, "", "no key in the address");
      await page.locator("#forget").click();
      await page.locator("#sign-in").waitFor();
      assert.equal(await wall.live.count(), 0);
      assert.deepEqual(await page.evaluate(() => Object.values(sessionStorage)), [""]);
      await page.locator("#key").fill(OTHER_KEY);
      await page.keyboard.press("Enter");
      await wall.card("GX1").waitFor();
      await server.agent({ callId: "CA2", media: MEDIA });
      await server.agent({ callId: "GX2", media: MEDIA }, OTHER_KEY);
      await wall.card("GX2").waitFor();
      assert.equal(await wall.live.count(), 2);
      assert.deepEqual([wall.errors, wall.foreign], [[], []]);
    } finally {
      await browser.close();
    }
  },
);
