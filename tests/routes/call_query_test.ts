import assert from "node:assert/strict";
import { ManualClock } from "../../mixer/clock.ts";
import type { CallDescription } from "../../routes/call_description.ts";
import { OTHER_KEY, TestServer } from "../support/test_server.ts";

interface Page {
  calls: CallDescription[];
  before: string | null;
}

const BEGIN = Date.UTC(2026, 0, 31, 12);

async function idsOf(server: TestServer, query: string, key?: string): Promise<string[]> {
  const path = `/calls?${query}`;
  const { status, body } = await server.api<Page>(path, key === undefined ? {} : { key });
  assert.equal(status, 200, `${query}: ${body.error?.message}`);
  return body.calls.map(({ id }) => id);
}

Deno.test("GET /calls filters live and ended calls alike", async () => {
  const clock = new ManualClock(0, BEGIN);
  await using server = await TestServer.start({ clock });
  const recording = { live: true, recording: true };
  // CA1 and CA2 end, CA3 and CA4 run; the odd ones are recorded.
  for (const [n, lang] of ["de", "en", "de", "en"].entries()) {
    const callId = `CA${n + 1}`;
    const metadata = { agent: "support", lang };
    const agent = await server.agent({
      callId,
      metadata,
      ...(n % 2 === 0 && { media: recording }),
    });
    await server.advance(1000);
    if (n < 2) await server.api(`/calls/${callId}/end`, { method: "POST" });
    else agent.end();
  }
  await server.api("/calls", { body: { id: "CA5", metadata: { agent: "sales" } } });
  await server.api("/calls", {
    body: { id: "other", metadata: { agent: "sales" } },
    key: OTHER_KEY,
  });
  for (const callId of ["CA3", "CA4"]) await server.until(callId, ({ state }) => state === "ended");
  const live = await server.agent({ callId: "CA6", media: recording, metadata: { lang: "de" } });
  const at = (seconds: number) => new Date(BEGIN + seconds * 1000).toISOString();
  for (
    const [query, ids] of [
      ["", ["CA6", "CA5", "CA4", "CA3", "CA2", "CA1"]],
      ["state=active", ["CA6", "CA5"]],
      ["state=active&has=recording", ["CA6"]],
      ["state=ended&has=recording", ["CA3", "CA1"]],
      ["has=recording", ["CA6", "CA3", "CA1"]],
      ["metadata.lang=de", ["CA6", "CA3", "CA1"]],
      ["metadata.lang=de&metadata.agent=support&limit=1", ["CA3"]],
      ["metadata.agent=sales", ["CA5"]],
      ["metadata.agent=nobody", []],
      ["metadata.toString=x", []],
      [`from=${at(1)}`, ["CA6", "CA5", "CA4", "CA3", "CA2"]],
      [`from=${at(1)}&to=${at(3)}`, ["CA3", "CA2"]],
      [`to=${BEGIN + 1}`, ["CA1"]],
      [`from=${BEGIN + 1000.5}&to=${BEGIN + 2000}`, []],
      // The same moment in other words; a plus sign that is not escaped is a blank.
      ["to=2026-01-31T14:00:01%2B02:00", ["CA1"]],
      ["to=2026-01-31T14:00:01+02:00", ["CA1"]],
      ["to=2026-01-31T12:00:01", ["CA1"]],
      ["to=2026-01-31", []],
      ["from=2026-02-01", []],
    ] as const
  ) assert.deepEqual(await idsOf(server, query), ids, query);
  assert.deepEqual(await idsOf(server, "metadata.agent=sales", OTHER_KEY), ["other"]);
  assert.deepEqual(await idsOf(server, "has=recording", OTHER_KEY), []);
  live.end();
  await live.closed;
});

Deno.test("GET /calls finds metadata of any characters", async () => {
  await using server = await TestServer.start();
  const odd = ["a b", "a+b", "a&b=c", "%", "'\"", "ü ✓ 💬", "a.b", "", "\u0000", "metadata."];
  for (const [n, text] of odd.entries()) {
    await server.api("/calls", { body: { id: `key${n}`, metadata: { [text]: "x" } } });
    await server.api("/calls", { body: { id: `value${n}`, metadata: { x: text } } });
    for (const name of ["key", "value"]) {
      // Half of them have ended.
      if (n % 2 === 0) await server.api(`/calls/${name}${n}/end`, { method: "POST" });
    }
  }
  for (const [n, text] of odd.entries()) {
    const escaped = encodeURIComponent(text);
    assert.deepEqual(await idsOf(server, `metadata.${escaped}=x`), [`key${n}`], text);
    assert.deepEqual(await idsOf(server, `metadata.x=${escaped}`), [`value${n}`], text);
  }
});

Deno.test("GET /calls says what it does not understand", async () => {
  await using server = await TestServer.start();
  const nine = Array.from({ length: 9 }, (_, n) => `metadata.k${n}=v`).join("&");
  for (
    const [query, message] of [
      ["from=yesterday", /from: takes a time as ISO 8601/],
      ["from=", /from: takes a time/],
      ["to=2026-13-01", /to: takes a time/],
      ["to=2026-01-01T25:00", /to: takes a time/],
      ["from=1&from=2", /from: /],
      ["has=audio", /has: /],
      ["state=live", /state: /],
      ["before=x", /before takes a cursor/],
      ["metadata[agent]=a", /write metadata\.<key>=<value>, not "metadata\[agent\]"/],
      ["metadata=a", /write metadata\.<key>=<value>/],
      ["metadata.a=1&metadata.a=2", /"metadata\.a" is there twice/],
      [nine, /metadata takes at most 8 entries, received 9/],
    ] as const
  ) {
    const { status, body } = await server.api(`/calls?${query}`);
    assert.equal(status, 400, query);
    assert.ok(["bad_query", "bad_request"].includes(body.error.code));
    assert.match(body.error.message, message);
  }
});

Deno.test("/openapi.json describes how calls are listed", async () => {
  await using server = await TestServer.start();
  interface Parameter {
    name: string;
    in: string;
    schema: { type: string };
  }
  type Document = { paths: { "/calls": { get: { parameters: Parameter[] } } } };
  const { body } = await server.api<Document>("/openapi.json", { key: null });
  const { parameters } = body.paths["/calls"].get;
  assert.ok(parameters.every((parameter) => parameter.in === "query"));
  const types = new Map(parameters.map(({ name, schema }) => [name, schema.type]));
  assert.deepEqual(
    [...types].sort(),
    [
      ["before", "string"],
      ["from", "string"],
      ["has", "string"],
      ["limit", "integer"],
      ["metadata", "object"],
      ["state", "string"],
      ["to", "string"],
    ],
  );
});
