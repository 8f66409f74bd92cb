import assert from "node:assert/strict";

const STATIC = new URL("../../../static/", import.meta.url);

/** A module and all that it imports. */
async function modulesOf(url: URL, found = new Set<string>()): Promise<Set<string>> {
  if (found.has(url.href)) return found;
  found.add(url.href);
  const text = await Deno.readTextFile(url);
  for (const [, name] of text.matchAll(/^import\s[^;"]*?from\s+"(\.[^"]+)"/gm)) {
    await modulesOf(new URL(name, url), found);
  }
  return found;
}

Deno.test("player.html asks for all modules of the page at once", async () => {
  const page = new URL("player.html", STATIC);
  const html = await Deno.readTextFile(page);
  const asked = html.matchAll(/<link rel="modulepreload" href="\.\.\/\.\.\/static\/([^"]+)">/g);
  const preloaded = Array.from(asked, ([, name]) => new URL(name, STATIC).href);
  const entry = new URL("player.js", STATIC);
  const modules = await modulesOf(entry);
  modules.delete(entry.href);
  assert.deepEqual(preloaded.sort(), [...modules].sort());
});
