import assert from "node:assert/strict";
import { openBrowser } from "../support/browser.ts";
import { testWith } from "../support/programs.ts";
import { KEY, TestServer } from "../support/test_server.ts";
import { until } from "../support/until.ts";
import { WallPage } from "../support/wall_page.ts";

const MEDIA = { live: true, recording: true };
/** A token of a call, as a page's address shows it. */
const WITH_TOKEN = /\?(?:.*&)?token=[\w-]+\.[\w-]+\.[\w-]+$/;

/** Clicks at once, without the pointer or the focus having been there before. */
const click = (link: unknown) => (link as { click(): void }).click();

testWith(
  ["chromium"],
  "The wall's links carry a token of their call alone, never the key",
  async () => {
    await using server = await TestServer.start();
    const browser = await openBrowser();
    try {
      const agent = await server.agent({ callId: "CA1", media: MEDIA });
      await using wall = await WallPage.open(browser, server);
      const context = wall.page.context();
      await wall.connected();
      const urls: string[] = [];
      context.on("request", (request) => urls.push(request.url()));

      const open = wall.card("CA1").locator("a.open");
      await open.waitFor();
      assert.match(await open.getAttribute("href") ?? "", /\/live\/CA1\/player$/);
      const coming = context.waitForEvent("page");
      await open.evaluate(click);
      const player = await coming;
      await until(() => player.url(), (url) => WITH_TOKEN.test(url), "the player's address");
      await player.locator("#state-title, h1").first().waitFor();
      assert.equal(await player.evaluate("opener"), null);
      await player.close();

      await open.focus();
      assert.match(await open.getAttribute("href") ?? "", WITH_TOKEN, "it is here already");

      agent.end();
      await agent.closed;
      const links = wall.ended.and(wall.page.locator('[data-id="CA1"]')).locator(".links a");
      await links.first().waitFor();
      await wall.page.reload();
      await links.first().waitFor();
      const download = wall.page.waitForEvent("download");
      await links.filter({ hasText: "Stereo" }).evaluate(click);
      const url = (await download).url();
      assert.match(url, /\/calls\/CA1\/recording\?channels=2&token=/);
      assert.match(url, WITH_TOKEN);

      assert.deepEqual(urls.filter((url) => url.includes(KEY)), []);
      assert.deepEqual([wall.errors, wall.foreign], [[], []]);
    } finally {
      await browser.close();
    }
  },
);
