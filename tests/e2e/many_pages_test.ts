import assert from "node:assert/strict";
import { openBrowser } from "../support/browser.ts";
import { CallStage } from "../support/call_stage.ts";
import { inState } from "../support/player_scenes.ts";
import { testWith } from "../support/programs.ts";
import { KEY } from "../support/test_server.ts";

/** Long enough for a busy machine. */
const TIMEOUT_MS = 60_000;

testWith(
  ["chromium"],
  "Ten players and two walls of one browser all work over HTTP/1.1, whatever the server's public name is",
  async () => {
    const ids = Array.from({ length: 10 }, (_, index) => `many${index}`);
    await using stage = await CallStage.open(ids.map((id) => ({ id })), {
      EARSHOT_PUBLIC_URL: "https://elsewhere.example",
    });
    await stage.pass(3000);
    stage.live();
    const browser = await openBrowser();
    try {
      const context = await browser.newContext();
      const asked: string[] = [];
      context.on("page", (page) => page.on("websocket", (socket) => asked.push(socket.url())));
      context.on("request", (request) => asked.push(request.url()));
      for (let index = 0; index < 2; index++) {
        const wall = await context.newPage();
        await wall.goto(`${stage.server.origin}/?token=${KEY}`, { timeout: TIMEOUT_MS });
        await wall.locator("#live > *").nth(9).waitFor({ state: "attached", timeout: TIMEOUT_MS });
      }
      const pages = [];
      for (const id of ids) {
        const page = await context.newPage();
        await page.goto(stage.player(id), { timeout: TIMEOUT_MS });
        await page.waitForSelector('[data-state="idle"]', { timeout: TIMEOUT_MS });
        pages.push(page);
      }
      const last = pages[9];
      await last.click("#toggle");
      await last.waitForSelector('[data-state="live"], [data-state="silence"]', {
        timeout: TIMEOUT_MS,
      });
      // Its end comes to a page without a stream of its own, and the recording is where the page is.
      await stage.server.api(`/calls/${ids[9]}/end`, { method: "POST" });
      await last.waitForSelector("#downloads a", { timeout: TIMEOUT_MS });
      const href = await last.getAttribute("#downloads a", "href");
      assert.equal(new URL(href ?? "").origin, stage.server.origin);
      const download = await fetch(href ?? "");
      await download.body?.cancel();
      assert.equal(download.status, 200);
      assert.deepEqual(
        asked.filter((url) => new URL(url).host !== new URL(stage.server.origin).host),
        [],
      );
      const own = asked.filter((url) => /[?&]token=/.test(url) && !/\/player\?|\/\?/.test(url));
      assert.deepEqual(own, [], "no request of a page has a credential in its URL");
    } finally {
      await browser.close();
    }
  },
);

testWith(
  ["chromium"],
  "Listening takes another audio context when the clock of one stands",
  async () => {
    await using stage = await CallStage.open([{ id: "stand" }]);
    await stage.pass(3000);
    stage.live();
    const browser = await openBrowser();
    try {
      const page = await browser.newPage();
      await page.addInitScript(`{
      const Real = AudioContext;
      globalThis.contexts = [];
      globalThis.AudioContext = class extends Real {
        constructor(...options) {
          super(...options);
          if (contexts.push(this) > 1) return;
          Object.defineProperty(this, "currentTime", { get: () => 1 });
          Object.defineProperty(this, "state", { get: () => "running" });
        }
      };
    }`);
      await page.goto(stage.player("stand"));
      await inState(page, "idle");
      await page.click("#toggle");
      const hasSecond = () =>
        page.evaluate<boolean>("contexts.length === 2 && contexts[1].currentTime > 1");
      const untilMs = performance.now() + TIMEOUT_MS;
      while (!await hasSecond()) assert.ok(performance.now() < untilMs, "no second context");
      await page.waitForSelector('[data-state="live"], [data-state="silence"]');
    } finally {
      await browser.close();
    }
  },
);

testWith(
  ["chromium"],
  "The player says that something blocks WebSockets, and goes on when it is gone",
  async () => {
    await using stage = await CallStage.open([{ id: "blocked" }]);
    await stage.pass(3000);
    stage.live();
    const browser = await openBrowser();
    try {
      const page = await browser.newPage();
      await page.goto(stage.player("blocked", { isFaulty: true }));
      await inState(page, "idle");
      stage.proxy.fail("strip", "/ws");
      await page.click("#toggle");
      await page.waitForSelector('[data-state="blocked"]', { timeout: TIMEOUT_MS });
      assert.match(await page.textContent("#hint") ?? "", /passes no WebSockets/);
      stage.proxy.mend();
      await page.waitForSelector('[data-state="live"], [data-state="silence"]', {
        timeout: TIMEOUT_MS,
      });
    } finally {
      await browser.close();
    }
  },
);

testWith(
  ["chromium"],
  "Player and wall notice a line that has gone quiet, say since when, and come back",
  async () => {
    await using stage = await CallStage.open([{ id: "quiet" }]);
    await stage.pass(3000);
    stage.live();
    const browser = await openBrowser();
    try {
      const context = await browser.newContext();
      const player = await context.newPage();
      await player.goto(stage.player("quiet", { isFaulty: true }));
      await inState(player, "idle");
      await player.click("#toggle");
      await player.waitForSelector('[data-state="live"], [data-state="silence"]');
      const wall = await context.newPage();
      await wall.goto(`${stage.proxy.origin}/?token=${KEY}`);
      await wall.waitForSelector('#connection[data-state="live"]');
      const letThrough = stage.proxy.stall();
      // Noticed after 6 and 8 s.
      await Promise.all([
        player.waitForSelector('[data-state="reconnecting"]', { timeout: TIMEOUT_MS }),
        wall.waitForSelector('#connection[data-state="reconnecting"]', { timeout: TIMEOUT_MS }),
      ]);
      assert.match(await player.textContent("#since") ?? "", /^for 0:\d\d$/);
      assert.match(await wall.textContent("#connection-time") ?? "", /^for 0:\d\d/);
      letThrough();
      await player.waitForSelector('[data-state="live"], [data-state="silence"]', {
        timeout: TIMEOUT_MS,
      });
      await wall.waitForSelector('#connection[data-state="live"]', { timeout: TIMEOUT_MS });
    } finally {
      await browser.close();
    }
  },
);
