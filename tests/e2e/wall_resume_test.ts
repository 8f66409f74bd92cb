import assert from "node:assert/strict";
import { openBrowser } from "../support/browser.ts";
import { FaultyProxy } from "../support/faulty_proxy.ts";
import { testWith } from "../support/programs.ts";
import { sleep, TestServer } from "../support/test_server.ts";
import { until } from "../support/until.ts";
import { WallPage } from "../support/wall_page.ts";

const MEDIA = { live: true };

testWith(["chromium"], "The wall goes on where it stopped when its line is cut", async () => {
  await using server = await TestServer.start();
  const browser = await openBrowser();
  try {
    await using line = new FaultyProxy(server.origin);
    await using wall = await WallPage.open(browser, line);
    await wall.connected();
    const first = await server.agent({ callId: "CA1", media: MEDIA });
    await wall.card("CA1").waitFor();
    const lists = () => wall.requests.filter((path) => path.startsWith("/calls")).length;
    const before = lists();
    line.fail("cut", "/events");
    await server.agent({ callId: "CA2", media: MEDIA });
    first.end();
    await first.closed;
    const { page } = wall;
    await page.locator('#connection[data-state="reconnecting"]').waitFor();
    line.mend();
    await page.locator("#retry").click();
    await wall.card("CA2").waitFor();
    await wall.ended.and(wall.page.locator('[data-id="CA1"]')).waitFor();
    assert.equal(lists(), before, "what was missed came by the events");
    assert.deepEqual(wall.errors, []);
  } finally {
    await browser.close();
  }
});

testWith(
  ["chromium"],
  "The wall says that the server is away, and loads all anew from the next",
  async () => {
    const browser = await openBrowser();
    const server = await TestServer.start();
    const env = { EARSHOT_PORT: new URL(server.origin).port };
    try {
      await using wall = await WallPage.open(browser, server);
      await wall.connected();
      await server.agent({ callId: "CA1", media: MEDIA });
      await wall.card("CA1").waitFor();
      await server.close();
      const { page } = wall;
      await page.locator('#connection[data-state="reconnecting"]').waitFor();
      assert.match(await page.locator("#connection").innerText(), /Reconnecting\s+for 0:0\d/);
      const row = wall.ended.and(page.locator('[data-id="CA1"]'));
      assert.match(await row.innerText(), /server shutdown/, "what is known stays");

      await using next = await TestServer.start({ env });
      await next.agent({ callId: "CA2", media: MEDIA });
      await page.locator("#retry").click();
      await wall.connected();
      await wall.card("CA2").waitFor();
      await until(
        () => wall.ended.count(),
        (count) => count === 0,
        "the next knows nothing of CA1",
      );
      await sleep(100);
      assert.deepEqual(wall.errors, []);
    } finally {
      await browser.close();
    }
  },
);
