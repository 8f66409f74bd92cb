import assert from "node:assert/strict";
import { openBrowser } from "../support/browser.ts";
import { CallStage } from "../support/call_stage.ts";
import { inState } from "../support/player_scenes.ts";
import { testWith } from "../support/programs.ts";
import { KEY } from "../support/test_server.ts";

testWith(
  ["chromium"],
  "The player exchanges a key for a link that opens its call and nothing else",
  async () => {
    await using stage = await CallStage.open([{ id: "shared" }, { id: "other" }]);
    await stage.pass(3000);
    stage.live();
    const browser = await openBrowser();
    try {
      const context = await browser.newContext({
        permissions: ["clipboard-read", "clipboard-write"],
      });
      const page = await context.newPage();
      const requests: string[] = [];
      page.on("request", (request) => {
        requests.push(`${request.url()} ${JSON.stringify(request.headers())}`);
      });
      page.on("websocket", (socket) => requests.push(socket.url()));
      stage.proxy.fail("hold", "/tokens");
      await page.goto(stage.player("shared", { isFaulty: true }));
      await inState(page, "opening");
      assert.ok(!page.url().includes(KEY), "it is gone before anything is asked for");
      stage.proxy.mend();
      requests.length = 0;
      await page.goto(stage.player("shared"));
      await inState(page, "idle");
      await page.locator("#toggle").click();
      await inState(page, "live", "silence");

      const exchange = requests.findIndex((request) => request.includes("/shared/tokens "));
      assert.ok(exchange > 0);
      const later = requests.slice(exchange + 1);
      assert.deepEqual(later.filter((request) => request.includes(KEY)), []);
      assert.ok(later.some((request) => request.includes("/timeline")));
      const stored = await page.evaluate<string>("JSON.stringify(sessionStorage) + location.href");
      assert.ok(!stored.includes(KEY));
      assert.equal(await page.evaluate("localStorage.length + document.cookie.length"), 0);
      // Back in the history there is no page that had the key.
      assert.equal(await page.evaluate("history.length"), 3);

      await page.locator("#copy").click();
      const link = await page.evaluate<string>("navigator.clipboard.readText()");
      assert.ok(!link.includes(KEY));
      assert.equal(new URL(link).pathname, "/live/shared/player");
      const token = new URL(link).searchParams.get("token")!;

      const fresh = await (await browser.newContext()).newPage();
      await fresh.goto(link);
      await inState(fresh, "idle");
      await fresh.locator("#toggle").click();
      await inState(fresh, "live", "silence");
      await fresh.goto(stage.player("other", { key: token }));
      await inState(fresh, "refused");
      for (const path of ["/calls", "/calls/other", "/calls/other/timeline", "/calls/shared/end"]) {
        const method = path.endsWith("end") ? "POST" : "GET";
        const { status } = await stage.server.api(path, { key: token, method });
        assert.equal(status, 401, path);
      }
    } finally {
      await browser.close();
    }
  },
);

testWith(["chromium"], "The player works in a frame of another site", async () => {
  await using stage = await CallStage.open([{ id: "framed" }]);
  await stage.pass(3000);
  stage.live();
  const { body } = await stage.server.api<{ token: string }>("/calls/framed/tokens", {
    body: { scope: ["listen", "recording"], ttlSeconds: 60 },
  });
  // Another site: another host name, and storage that belongs to it alone.
  const address = stage.player("framed", { query: "&embed=1", key: body.token });
  const html = `<iframe src="${address}" width="320" height="160" allow="autoplay"></iframe>`;
  await using host = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    () => new Response(html, { headers: { "content-type": "text/html" } }),
  );
  const browser = await openBrowser();
  try {
    const page = await browser.newPage();
    // As browsers do with frames of others.
    await page.addInitScript(`Object.defineProperty(globalThis, "sessionStorage", {
      get() { throw new DOMException("no storage", "SecurityError"); },
    })`);
    await page.goto(`http://localhost:${host.addr.port}/`);
    const frame = page.frameLocator("iframe");
    await frame.locator("#toggle:enabled").click();
    await frame.locator('#player:is([data-state="live"], [data-state="silence"])').waitFor();
    const inner = page.frames()[1];
    assert.equal(await inner.evaluate("document.documentElement.scrollWidth"), 320);
    assert.equal(await frame.locator(".tools").isVisible(), false);
    assert.equal(await frame.locator("#overview").isVisible(), true);
  } finally {
    await browser.close();
  }
});
