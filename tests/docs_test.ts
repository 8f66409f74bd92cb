import assert from "node:assert/strict";
import { SETTINGS } from "../config.ts";
import type { IngestEvent, Provider } from "../ingest/provider.ts";
import { settingsTable } from "../scripts/settings_table.ts";

const ROOT = new URL("../", import.meta.url);

/** Variables of the examples and of the tests, which are no settings of the server. */
const OTHER_NAMES = ["EARSHOT_URL", "EARSHOT_KEY", "EARSHOT_CALL", "EARSHOT_TEST_REQUIRE_ALL"];

interface Document {
  /** Relative to the root. */
  name: string;
  url: URL;
  text: string;
}

async function read(name: string): Promise<Document> {
  const url = new URL(name, ROOT);
  return { name, url, text: await Deno.readTextFile(url) };
}

/** The README, which must be there, and all of `docs`. */
async function documents(): Promise<Document[]> {
  const names = ["README.md"];
  for await (const { name } of Deno.readDir(new URL("docs/", ROOT))) {
    if (name.endsWith(".md")) names.push(`docs/${name}`);
  }
  return await Promise.all(names.sort().map(read));
}

/** A document without its blocks of code. */
function prose(text: string): string {
  return text.replace(/^ *```.*?^ *```$/gms, "");
}

/** The blocks of code in one language. */
function blocks(text: string, language: string): string[] {
  const pattern = new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\`$`, "gms");
  return Array.from(text.matchAll(pattern), ([, code]) => code);
}

/** The anchors of a document's headings, as code hosts make them. */
function anchors(text: string): string[] {
  return Array.from(
    prose(text).matchAll(/^#+ (.+)$/gm),
    ([, heading]) => heading.toLowerCase().replace(/[^\p{L}\p{N} _-]/gu, "").replaceAll(" ", "-"),
  );
}

async function exists(url: URL): Promise<boolean> {
  try {
    await Deno.stat(url);
    return true;
  } catch {
    return false;
  }
}

Deno.test("Documents link to files and headings that are there", async () => {
  const broken: string[] = [];
  let count = 0;
  for (const { name, url, text } of await documents()) {
    for (const [, target] of prose(text).matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^[a-z]+:/i.test(target)) continue;
      count++;
      const { href, hash } = new URL(target, url);
      const file = new URL(href.slice(0, href.length - hash.length));
      const isThere = await exists(file);
      const isFine = isThere && (hash === "" ||
        anchors(await Deno.readTextFile(file)).includes(decodeURIComponent(hash.slice(1))));
      if (!isFine) broken.push(`${name} links to ${target}`);
    }
  }
  assert.deepEqual(broken, []);
  assert.ok(count > 30, `the test reads the links, found ${count}`);
});

Deno.test("Documents name only settings that exist, and README.md all of them", async () => {
  const known = new Set<string>([
    ...Object.values(SETTINGS).map(({ env }) => env),
    ...OTHER_NAMES,
  ]);
  const unknown: string[] = [];
  for (const { name, text } of await documents()) {
    for (const [variable] of text.matchAll(/\bEARSHOT_[A-Z0-9_]+/g)) {
      if (!known.has(variable)) unknown.push(`${name} names ${variable}`);
    }
  }
  assert.deepEqual(unknown, []);
  const { text } = await read("README.md");
  assert.ok(text.includes(settingsTable()), "put in what scripts/settings_table.ts prints");
});

Deno.test("Documents name only files that exist", async () => {
  const missing: string[] = [];
  let count = 0;
  for (const { name, text } of await documents()) {
    for (const [, path] of prose(text).matchAll(/`((?:[\w.-]+\/)+[\w.-]+\.[a-z]+)`/g)) {
      count++;
      if (!await exists(new URL(path, ROOT))) missing.push(`${name} names ${path}`);
    }
  }
  assert.deepEqual(missing, []);
  assert.ok(count > 80, `the test reads the paths, found ${count}`);
});

Deno.test("Documents have JSON that is JSON", async () => {
  for (const { text } of await documents()) {
    for (const block of blocks(text, "json")) JSON.parse(block);
  }
});

Deno.test("docs/protocol.md names every error code of the server", async () => {
  const { text } = await read("docs/protocol.md");
  const codes = new Set<string>();
  const { text: provider } = await read("ingest/provider.ts");
  const union = /type IngestErrorCode =([^;]+);/.exec(provider)?.[1] ?? "";
  for (const [, code] of union.matchAll(/"(\w+)"/g)) codes.add(code);
  for await (const { name } of Deno.readDir(new URL("routes/", ROOT))) {
    const { text: source } = await read(`routes/${name}`);
    for (const [, code] of source.matchAll(/ApiError\(\s*\d{3},\s*"(\w+)"/g)) codes.add(code);
    for (const [, code] of source.matchAll(/errorBody\("(\w+)"/g)) codes.add(code);
  }
  assert.ok(codes.size > 15, `the test reads the codes, found ${codes.size}`);
  assert.deepEqual([...codes].filter((code) => !text.includes(`\`${code}\``)), []);
});

Deno.test("docs/architecture.md has a provider that works", async () => {
  const { text } = await read("docs/architecture.md");
  const [code] = blocks(text, "ts");
  const source = code.replace(
    /from "([^"]+)"/g,
    (_, from) =>
      `from "${
        from.startsWith(".") ? new URL(from, new URL("ingest/", ROOT)) : import.meta.resolve(from)
      }"`,
  );
  const base64 = new TextEncoder().encode(source).toBase64();
  const module = await import(`data:application/typescript;base64,${base64}`);
  const provider: Provider = module.phoneSwitch;
  assert.equal(provider.name, "switch");
  const parser = provider.open();
  const parse = (message: string | Uint8Array): IngestEvent[] => [...parser.parse(message)];
  const isRefused = (code: string) => (error: unknown) => (error as { code: string }).code === code;
  assert.throws(() => parse(Uint8Array.of(0, 0x55)), isRefused("not_started"));
  const hello = '{"type":"hello","call":"CA1","key":"a-key"}';
  const [start] = parse(hello);
  assert.ok(start.type === "start" && start.callId === "CA1" && start.credential === "a-key");
  assert.throws(() => parse(hello), isRefused("already_started"));
  const [audio] = parse(Uint8Array.of(1, 0x55, 0xd5));
  assert.deepEqual(audio, { type: "audio", track: "bot", payload: Uint8Array.of(0x55, 0xd5) });
  assert.deepEqual(parse('{"type":"bye"}'), [{ type: "stop", reason: "hangup" }]);
});
