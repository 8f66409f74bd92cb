import assert from "node:assert/strict";
import { SETTINGS } from "../config.ts";
import type { Provider } from "../ingest/provider.ts";
import { ManualClock } from "../mixer/clock.ts";
import { settingsTable } from "../scripts/settings_table.ts";
import { testProvider } from "./ingest/provider_contract.ts";
import {
  blocksOf,
  type Document,
  documents,
  proseOf,
  readDocument,
  ROOT,
} from "./support/documents.ts";
import { openSocket } from "./support/socket.ts";
import { KEY, TestServer } from "./support/test_server.ts";

/** Variables of the examples and of the tests, which are no settings of the server. */
const OTHER_NAMES = [
  "EARSHOT_URL",
  "EARSHOT_KEY",
  "EARSHOT_CALL",
  "EARSHOT_TEST_REQUIRE_ALL",
  "EARSHOT_TEST_INSTALLS",
];

/** The code of a document's blocks in one language. */
function codeIn(document: Document, language: string): string[] {
  return blocksOf(document).filter((block) => block.language === language).map(({ code }) => code);
}

/** The anchors of a document's headings, as code hosts make them. */
function anchors(document: Pick<Document, "text">): string[] {
  return Array.from(
    proseOf(document).matchAll(/^#+ (.+)$/gm),
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
    for (const [, target] of proseOf({ text }).matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^[a-z]+:/i.test(target)) continue;
      count++;
      const { href, hash } = new URL(target, url);
      const file = new URL(href.slice(0, href.length - hash.length));
      const isThere = await exists(file);
      const isFine = isThere && (hash === "" ||
        anchors({ text: await Deno.readTextFile(file) }).includes(
          decodeURIComponent(hash.slice(1)),
        ));
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
  const { text } = await readDocument("README.md");
  assert.ok(text.includes(settingsTable()), "put in what scripts/settings_table.ts prints");
});

Deno.test("Documents name only files that exist", async () => {
  const missing: string[] = [];
  let count = 0;
  for (const { name, text } of await documents()) {
    for (const [, path] of proseOf({ text }).matchAll(/`((?:[\w.-]+\/)+[\w.-]+\.[a-z]+)`/g)) {
      count++;
      if (!await exists(new URL(path, ROOT))) missing.push(`${name} names ${path}`);
    }
  }
  assert.deepEqual(missing, []);
  assert.ok(count > 80, `the test reads the paths, found ${count}`);
});

Deno.test("Documents have JSON that is JSON", async () => {
  for (const document of await documents()) {
    for (const code of codeIn(document, "json")) JSON.parse(code);
  }
});

Deno.test("docs/protocol.md names every error code of the server", async () => {
  const { text } = await readDocument("docs/protocol.md");
  const codes = new Set<string>();
  const { text: provider } = await readDocument("ingest/provider.ts");
  const union = /type IngestErrorCode =([^;]+);/.exec(provider)?.[1] ?? "";
  for (const [, code] of union.matchAll(/"(\w+)"/g)) codes.add(code);
  for await (const { name } of Deno.readDir(new URL("routes/", ROOT))) {
    const { text: source } = await readDocument(`routes/${name}`);
    for (const [, code] of source.matchAll(/ApiError\(\s*\d{3},\s*"(\w+)"/g)) codes.add(code);
    for (const [, code] of source.matchAll(/errorBody\("(\w+)"/g)) codes.add(code);
  }
  assert.ok(codes.size > 15, `the test reads the codes, found ${codes.size}`);
  assert.deepEqual([...codes].filter((code) => !text.includes(`\`${code}\``)), []);
});

/** Code that docs/architecture.md shows, as a module of its own in a temporary folder. */
async function documentedModule(index: number, folder: string) {
  const document = await readDocument("docs/architecture.md");
  const source = codeIn(document, "ts")[index].replace(
    /from "([^"]+)"/g,
    (_, from) => `from "${from.startsWith(".") ? new URL(from, new URL(folder, ROOT)) : from}"`,
  );
  const file = `${await Deno.makeTempDir({ prefix: "documented-" })}/documented.ts`;
  await Deno.writeTextFile(file, source);
  return { module: await import(`file://${file}`), file };
}

const { module: { phoneSwitch }, file: providerFile } = await documentedModule(0, "ingest/");
const documented: { provider: Provider } = { provider: phoneSwitch };
const { module: { SilenceAlarm }, file: sinkFile } = await documentedModule(1, "calls/");
const HELLO = `{"type":"hello","call":"CA1","key":"${KEY}"}`;

testProvider({
  provider: documented.provider,
  isInTable: false,
  opening: [HELLO],
  audio: [Uint8Array.of(0, 0x55, 0xd5), Uint8Array.of(1, 0x80)],
  others: ['{"type":"bye"}'],
});

Deno.test("docs/architecture.md has a provider and a consumer whose types are right", async () => {
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      "check",
      "--quiet",
      "--config",
      new URL("deno.json", ROOT).pathname,
      providerFile,
      sinkFile,
    ],
    cwd: ROOT.pathname,
  }).output();
  assert.ok(success, new TextDecoder().decode(stderr));
});

Deno.test("docs/architecture.md has a provider that takes a call from its start to its end", async () => {
  await using server = await TestServer.start({ providers: [documented.provider] });
  const { socket, opened, closed } = openSocket(server.ws("/ingest/switch"), {}, () => {});
  await opened;
  socket.send(HELLO);
  // 100 ms of each leg.
  for (const leg of [0, 1]) socket.send(new Uint8Array(801).fill(0x2a).fill(leg, 0, 1));
  const call = await server.received("CA1", "bot", 800);
  assert.equal(call.health?.user.received, 800);
  socket.send('{"type":"bye"}');
  const { reason } = await server.until("CA1", ({ state }) => state === "ended");
  assert.equal(reason, "hangup");
  assert.deepEqual(server.log.filter((line) => /error|failed/.test(line)), []);
  assert.equal((await closed).code, 1000);
});

Deno.test("docs/architecture.md has a consumer of live audio that warns of a silent user", async () => {
  await using server = await TestServer.start({
    clock: new ManualClock(),
    sinks: [(call) => new SilenceAlarm(call)],
  });
  const agent = await server.agent({ callId: "CA1" });
  await server.advance(10_050);
  assert.equal(server.log.filter((line) => line.includes("code=silent")).length, 0);
  await server.advance(1000);
  const told = server.log.filter((line) => line.includes("code=silent"));
  assert.equal(told.length, 1);
  assert.match(told[0], /warn call warning id=CA1 .*The user has said nothing for 10 s/);
  agent.end();
  await agent.closed;
});

Deno.test("IngestSession closes one socket, and no other call, when a provider's canWait() throws", async () => {
  const { open, ...rest } = documented.provider;
  const broken: Provider = {
    ...rest,
    open: (reply) =>
      Object.assign(open(reply), {
        canWait() {
          throw new TypeError("not what it was written for");
        },
      }),
  };
  await using server = await TestServer.start({ providers: [broken] });
  const { socket, opened, closed } = openSocket(server.ws("/ingest/switch"), {}, () => {});
  await opened;
  socket.send(HELLO);
  socket.send(Uint8Array.of(0, 0x55));
  const { code } = await closed;
  assert.equal(code, 1011);
  assert.equal((await server.api("/calls")).status, 200, "the server lives");
  assert.equal(server.log.filter((line) => line.includes("ingest message failed")).length, 1);
});
