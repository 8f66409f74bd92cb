import assert from "node:assert/strict";
import { openBrowser } from "../support/browser.ts";
import { testWith } from "../support/programs.ts";
import { KEY, TestServer } from "../support/test_server.ts";
import { until } from "../support/until.ts";
import { WallPage } from "../support/wall_page.ts";

const MEDIA = { live: true };

testWith(["chromium"], "The wall can be used with the keyboard alone", async () => {
  await using server = await TestServer.start();
  const browser = await openBrowser();
  try {
    for (let index = 0; index < 9; index++) {
      const metadata = { from: `caller ${index}`, agent: index % 2 === 0 ? "even" : "odd" };
      await server.agent({ callId: `CA${index}`, media: MEDIA, metadata });
    }
    const viewport = { width: 1200, height: 800 };
    await using wall = await WallPage.open(browser, server, { key: null, viewport });
    const { page } = wall;
    const focused = () => page.evaluate<string>("document.activeElement.ariaLabel");
    const press = (...keys: string[]) =>
      keys.reduce((before, key) => before.then(() => page.keyboard.press(key)), Promise.resolve());
    await page.keyboard.type(KEY);
    await press("Enter");
    await wall.card("CA8").waitFor();

    // The first step of a keyboard on the page is past the tools.
    await page.reload();
    await wall.card("CA8").waitFor();
    await press("Tab");
    assert.equal(await page.evaluate("document.activeElement.className"), "skip");
    await press("Enter", "Tab");
    while (await focused() !== "Listen to caller 0") await press("Tab");
    await press("ArrowRight");
    assert.equal(await focused(), "Listen to caller 1");
    await press("ArrowDown");
    const below = await focused();
    assert.match(below, /caller [4-7]$/, "the card below, in another row");
    await press("ArrowUp");
    assert.equal(await focused(), "Listen to caller 1");
    await press("End");
    assert.equal(await focused(), "Listen to caller 8");
    await press("Home");
    await press("Enter");
    await page.locator('#player[data-state="silent"]').waitFor();
    assert.equal(await focused(), "Stop listening to caller 0");
    await press("Tab");
    assert.equal(await focused(), "Open caller 0 in the full player");
    await press("Tab");
    assert.doesNotMatch(await focused() ?? "", /caller/, "one more step leaves the cards");
    await press("Escape");
    await page.locator("#player").waitFor({ state: "hidden" });

    await page.locator("#search").focus();
    await page.keyboard.type("agent:odd");
    await until(() => wall.live.count(), (count) => count === 4, "the odd ones");
    await press("Escape");
    await until(() => wall.live.count(), (count) => count === 9, "all again");
    await page.locator("button[data-view=table]").focus();
    await press("Space");
    assert.equal(await page.locator("[role=row]").count(), 10);
    await page.reload();
    await wall.card("CA8").waitFor();
    assert.equal(await page.locator("[role=table]").count(), 1, "the view is remembered");
    assert.deepEqual(wall.errors, []);
  } finally {
    await browser.close();
  }
});

testWith(["chromium"], "The wall filters, and moves nothing under whoever reads", async () => {
  await using server = await TestServer.start({ env: { EARSHOT_GRACE_SECONDS: "600" } });
  const browser = await openBrowser();
  try {
    const start = (id: string, agent: string) =>
      server.agent({ callId: id, media: MEDIA, metadata: { from: `from ${id}`, agent } });
    const first = await start("CA1", "sales");
    const second = await start("CA2", "support");
    await start("CA3", "support");
    (await start("CA4", "sales")).end();
    await using wall = await WallPage.open(browser, server);
    const { page } = wall;
    await wall.connected();
    await wall.card("CA3").waitFor();

    await page.locator("#metadata").selectOption("agent=support");
    await until(() => wall.live.count(), (count) => count === 2, "support");
    await until(() => wall.ended.count(), (count) => count === 0, "none of it has ended");
    assert.ok(wall.requests.at(-1)?.includes("metadata.agent=support"), "the server is asked");
    await page.locator("#metadata").selectOption("");
    await wall.card("CA4").waitFor();
    await page.locator("#state").selectOption("ended");
    await page.locator("#live-part").waitFor({ state: "hidden" });
    await page.locator("#state").selectOption("");

    const place = () => wall.card("CA3").boundingBox();
    const before = await place();
    await wall.card("CA3").hover();
    first.end();
    await page.locator('.call[data-id="CA1"][data-state="ended"]').waitFor();
    await start("CA5", "sales");
    await wall.card("CA5").waitFor();
    await page.waitForTimeout(4500);
    assert.deepEqual(await place(), before, "it stays under the pointer");
    await page.locator("h1").hover();
    await until(() => wall.live.count(), (count) => count === 3, "CA1 has gone");
    assert.notDeepEqual(await place(), before);

    await second.drop();
    await page.locator("#warned[data-any]").click();
    await until(() => wall.live.count(), (count) => count === 1, "the one with a warning");
    await until(
      () => page.locator("#announcer").textContent(),
      (text) => text === "Warning: Connection lost, call from CA2",
      "it is told",
    );
    await server.agent({ callId: "CA2", resume: true });
    await page.locator("#no-live").waitFor();
    await page.getByRole("button", { name: "Clear the filters" }).first().click();
    await until(() => wall.live.count(), (count) => count === 3, "all");
    assert.deepEqual(wall.errors, []);
  } finally {
    await browser.close();
  }
});
