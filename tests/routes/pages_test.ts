import assert from "node:assert/strict";
import { TestServer } from "../support/test_server.ts";

/** The paths of all files below a folder that pages are made of. */
function* filesOfPages(folder: URL): Generator<string> {
  for (const { name, isDirectory } of Deno.readDirSync(folder)) {
    if (isDirectory) yield* filesOfPages(new URL(`${name}/`, folder));
    else if (/(?<!\.d)\.(js|css|svg)$/.test(name)) yield new URL(name, folder).pathname;
  }
}

Deno.test("static files are served, every one, and strangers write nothing into the log", async () => {
  await using server = await TestServer.start();
  const root = new URL("../../static/", import.meta.url);
  for (const path of filesOfPages(root)) {
    const url = `${server.origin}/static/${path.slice(root.pathname.length)}`;
    const response = await fetch(url);
    await response.body?.cancel();
    assert.equal(response.status, 200, url);
    assert.match(response.headers.get("content-security-policy")!, /default-src 'none'/);
  }
  const said: unknown[] = [];
  const { warn } = console;
  console.warn = (...what) => said.push(what);
  try {
    const odd = [
      "%00",
      "a%0A2026-11-22T00:00:00.000Z%20info%20forged.js%00",
      "base.css/x.js",
      `${"a".repeat(5000)}.js`,
      "..%2Fdeno.json",
      "%2E%2E/deno.json",
      "%2Fetc/passwd",
      "",
      "wall",
      "worklet_globals.d.ts",
    ];
    for (const path of odd) {
      const { status, body } = await server.api(`/static/${path}`, { key: null });
      assert.deepEqual([status, body.error.code], [404, "not_found"], path);
    }
  } finally {
    console.warn = warn;
  }
  assert.deepEqual(said, []);
  assert.deepEqual(server.log, []);
});

Deno.test("pages ask for files of their own version, which caches may keep and never mix", async () => {
  await using server = await TestServer.start();
  const html = await (await fetch(`${server.origin}/`)).text();
  const [src, version] = /src="(static\/([0-9a-f]{12})\/index\.js)"/.exec(html)?.slice(1) ?? [];
  const file = await fetch(`${server.origin}/${src}`);
  assert.equal(file.status, 200);
  assert.match(file.headers.get("cache-control") ?? "", /immutable/);
  const text = await file.text();
  const plain = await fetch(`${server.origin}/static/index.js`);
  assert.equal(await plain.text(), text);
  assert.equal(plain.headers.get("cache-control"), "no-cache");
  const headers = { "if-none-match": plain.headers.get("etag") ?? "" };
  const again = await fetch(`${server.origin}/static/index.js`, { headers });
  assert.equal(again.status, 304);
  await again.body?.cancel();
  const other = await fetch(`${server.origin}/${src.replace(version, "0".repeat(12))}`);
  assert.equal(other.status, 404);
  await other.body?.cancel();
});
