import assert from "node:assert/strict";
import { openIndexDatabase } from "../../archive/index_database.ts";
import { type CallFilter, pageQuery, termsOfFilter } from "../../archive/index_query.ts";
import { ManualClock } from "../../mixer/clock.ts";
import { anInfo } from "../recordings/store_contract.ts";
import { anEndedCall, anIndex } from "./support.ts";

type Index = ReturnType<typeof anIndex>["index"];

function idsOf(index: Index, filter: Partial<CallFilter> = {}): string[] {
  return index.list({ organisation: "acme", ...filter }, { limit: 100 }).map(({ id }) => id);
}

Deno.test("CallIndex.get() answers what was put, to the last detail", () => {
  const { index } = anIndex();
  const plain = anEndedCall({ startedAt: 1000.25, announcedAt: 3.5, endedAt: 2000.125 });
  const { media: _, ...withoutMedia } = plain;
  const full = anEndedCall({
    id: "CA2",
    metadata: { "a.b": "", "": "x", "\u0000\"'%_": "naïve ✓ \u0000", "__proto__": "p" },
    recording: "complete",
    bytes: 16_080,
    sha256: "ab".repeat(32),
  });
  for (const call of [plain, { ...withoutMedia, id: "CA3" }, full]) {
    index.put(call);
    assert.deepEqual(index.get(call.id), call);
  }
  assert.equal(index.get("CA4"), undefined);
  index.put(anEndedCall({ reason: "again", metadata: { a: "b" } }));
  assert.equal(index.get("CA1")?.reason, "again");
  index.delete("CA1");
  assert.equal(index.get("CA1"), undefined);
  assert.deepEqual(idsOf(index, { metadata: new Map([["a", "b"]]) }), []);
});

Deno.test("CallIndex.list() filters by time, recording and metadata, two organisations apart", () => {
  const { index } = anIndex();
  const agent = { agent: "support" };
  index.put(anEndedCall({ id: "A", startedAt: 1000, metadata: agent }));
  index.put(anEndedCall({ id: "B", startedAt: 2000, metadata: { ...agent, lang: "de" } }));
  index.put(anEndedCall({ id: "C", startedAt: 3000, recording: "complete", metadata: agent }));
  index.put(anEndedCall({ id: "D", startedAt: 3000, recording: "deleted" }));
  // Announced long before it began: its place is that of the announcement.
  index.put(anEndedCall({ id: "E", announcedAt: 1500, startedAt: 9000, recording: "failed" }));
  index.put(
    anEndedCall({ id: "X", organisation: "globex", metadata: agent, recording: "complete" }),
  );
  assert.deepEqual(idsOf(index), ["D", "C", "B", "E", "A"]);
  assert.deepEqual(idsOf(index, { from: 2000 }), ["D", "C", "B", "E"]);
  assert.deepEqual(idsOf(index, { to: 3000 }), ["B", "A"]);
  assert.deepEqual(idsOf(index, { from: 1500, to: 3001 }), ["D", "C", "B"]);
  assert.deepEqual(idsOf(index, { hasRecording: true }), ["C", "E"]);
  const metadata = new Map([["agent", "support"]]);
  assert.deepEqual(idsOf(index, { metadata }), ["C", "B", "A"]);
  assert.deepEqual(idsOf(index, { metadata, hasRecording: true }), ["C"]);
  assert.deepEqual(idsOf(index, { metadata, from: 1500, to: 2500 }), ["B"]);
  assert.deepEqual(idsOf(index, { metadata: new Map([...metadata, ["lang", "de"]]) }), ["B"]);
  assert.deepEqual(idsOf(index, { metadata: new Map([...metadata, ["lang", "fr"]]) }), []);
  assert.deepEqual(idsOf(index, { metadata: new Map([["agent", "suppor"]]) }), []);
  assert.deepEqual(idsOf(index, { organisation: "globex", metadata }), ["X"]);
  assert.deepEqual(idsOf(index, { organisation: "initech", metadata, hasRecording: true }), []);
});

Deno.test("CallIndex.list() finds metadata of any characters", () => {
  const { index } = anIndex();
  const odd = [
    "",
    " ",
    "'",
    '"',
    "%",
    "_",
    "\\",
    "\u0000",
    "a\u0000b",
    ".",
    "$.x",
    "💬",
    "é",
    "e\u0301",
  ];
  for (const [n, text] of odd.entries()) {
    index.put(anEndedCall({ id: `key${n}`, metadata: { [text]: "value" } }));
    index.put(anEndedCall({ id: `value${n}`, metadata: { key: text } }));
  }
  for (const [n, text] of odd.entries()) {
    assert.deepEqual(idsOf(index, { metadata: new Map([[text, "value"]]) }), [`key${n}`]);
    assert.deepEqual(idsOf(index, { metadata: new Map([["key", text]]) }), [`value${n}`]);
  }
});

Deno.test("CallIndex forgets calls without recording beyond its limit, those that ended first", () => {
  const { index } = anIndex({ endedCallsKept: 3 });
  index.put(anEndedCall({ id: "kept", startedAt: 1, recording: "complete" }));
  for (const n of [5, 1, 4, 2, 3]) index.put(anEndedCall({ id: `CA${n}`, startedAt: 1000 * n }));
  assert.deepEqual(idsOf(index), ["CA5", "CA4", "CA3", "kept"]);
  // A recording that is deleted makes one more.
  index.setRecording("kept", "deleted");
  assert.deepEqual(idsOf(index), ["CA5", "CA4", "CA3"]);
  assert.equal(index.isTombstone({ organisation: "acme", callId: "kept" }), true);
  index.delete("kept");
  assert.equal(index.isTombstone({ organisation: "acme", callId: "kept" }), false);
});

Deno.test("CallIndex forgets calls of the organisation that has most of them, and of no other", () => {
  const { index } = anIndex({ endedCallsKept: 4 });
  for (const [n, id] of ["old", "older"].entries()) {
    index.put(anEndedCall({ id, organisation: "globex", startedAt: 10 - n }));
  }
  for (let n = 0; n < 20; n++) index.put(anEndedCall({ id: `CA${n}`, startedAt: 100 + n }));
  assert.deepEqual(idsOf(index, { organisation: "globex" }), ["old", "older"]);
  assert.deepEqual(idsOf(index), ["CA19", "CA18"]);
});

Deno.test("CallIndex.list() reads no more calls than their metadata may take", () => {
  const { index } = anIndex();
  for (let n = 0; n < 20; n++) {
    index.put(anEndedCall({ id: `CA${n}`, metadata: { a: "x".repeat(92) } }));
  }
  const read = (maxMetadataChars: number) =>
    index.list({ organisation: "acme" }, { limit: 100, maxMetadataChars }).length;
  // Each is {"a":"…"}, 100 characters.
  assert.deepEqual([read(99), read(100), read(1000), read(5000)], [1, 2, 11, 20]);
});

Deno.test("CallIndex of limit 0 remembers only what is recorded", () => {
  const { index } = anIndex({ endedCallsKept: 0 });
  index.put(anEndedCall());
  index.put(anEndedCall({ id: "CA2", recording: "recording" }));
  assert.deepEqual(idsOf(index), ["CA2"]);
});

Deno.test("CallIndex.forgetExcess() gets down to a limit that was lowered", () => {
  const database = openIndexDatabase(undefined, () => {});
  const many = anIndex({ database }).index;
  for (let n = 0; n < 20; n++) many.put(anEndedCall({ id: `CA${n}`, startedAt: n }));
  const { index } = anIndex({ database, endedCallsKept: 1 });
  let rounds = 1;
  while (index.forgetExcess()) rounds++;
  assert.deepEqual(idsOf(index), ["CA19"]);
  assert.ok(rounds > 3, "a little at a time");
});

Deno.test("CallIndex.setRecording() keeps nothing personal of what is deleted", () => {
  const { index } = anIndex();
  const metadata = { from: "+491234" };
  index.put(anEndedCall({ recording: "recording", metadata }));
  assert.equal(index.isKept("CA1"), true);
  const info = anInfo({ state: "complete", samples: 4000, bytes: 16_080, sha256: "ab" });
  index.setRecording("CA1", info);
  const kept = index.get("CA1");
  assert.deepEqual([kept?.samples, kept?.bytes, kept?.sha256], [4000, 16_080, "ab"]);
  assert.deepEqual(index.usage(), [{ organisation: "acme", recordings: 1, bytes: 16_080 }]);
  index.setRecording("CA1", "deleted");
  const gone = index.get("CA1");
  assert.deepEqual([gone?.recording, gone?.metadata, gone?.bytes], ["deleted", {}, undefined]);
  assert.equal(gone?.reason, "ended");
  assert.deepEqual(idsOf(index, { metadata: new Map(Object.entries(metadata)) }), []);
  assert.equal(index.isKept("CA1"), false);
  assert.deepEqual(index.usage(), [{ organisation: "acme", recordings: 0, bytes: 0 }]);
  index.put(anEndedCall({ recording: "complete", metadata }));
  index.setRecording("CA1", undefined);
  assert.deepEqual(index.get("CA1"), anEndedCall({ metadata }));
  index.setRecording("CA404", "deleted");
});

Deno.test("CallIndex.oldestKept() leaves out what is still being completed", () => {
  const { index } = anIndex();
  index.put(anEndedCall({ id: "A", startedAt: 3000, recording: "complete", bytes: 10 }));
  index.put(anEndedCall({ id: "B", startedAt: 1000, recording: "recording" }));
  index.put(anEndedCall({ id: "C", startedAt: 2000, recording: "recovered", bytes: 20 }));
  const globex = { organisation: "globex", recording: "complete", bytes: 30 } as const;
  index.put(anEndedCall({ id: "D", startedAt: 1000, ...globex }));
  const ids = (...args: Parameters<Index["oldestKept"]>) =>
    index.oldestKept(...args).map(({ callId }) => callId);
  assert.deepEqual(ids(Infinity, 10), ["D", "C", "A"]);
  assert.deepEqual(ids(Infinity, 2), ["D", "C"]);
  assert.deepEqual(ids(4000, 10), ["D", "C"], "ended at 4000 is not before 4000");
  assert.deepEqual(ids(Infinity, 10, "acme"), ["C", "A"]);
  assert.deepEqual(index.usage(), [
    { organisation: "acme", recordings: 3, bytes: 30 },
    { organisation: "globex", recordings: 1, bytes: 30 },
  ]);
});

Deno.test("pageQuery() walks through an index in order, whatever is asked", () => {
  const database = openIndexDatabase(undefined, () => {});
  const metadata = new Map([["agent", "a"], ["lang", "de"]]);
  const before = { announcedAt: 5, id: "CA1" };
  const page = { limit: 10, before };
  for (const filter of [{}, { from: 1, to: 2 }, { hasRecording: true }, { metadata, from: 1 }]) {
    const wanted = { organisation: "acme", ...filter };
    const { sql, values } = pageQuery(wanted, page, termsOfFilter(wanted));
    const plan = database.prepare(`EXPLAIN QUERY PLAN ${sql}`).all(...values)
      .map(({ detail }) => String(detail));
    assert.ok(plan.length > 0);
    for (const step of plan) assert.ok(!/SCAN|TEMP B-TREE/.test(step), plan.join("\n"));
    const range = filter.hasRecording || filter.metadata
      ? /SEARCH term USING PRIMARY KEY \(term=\? AND/
      : /SEARCH call USING INDEX callByPlace \(organisation=\? AND/;
    assert.match(plan[0], range);
  }
  database.close();
});

Deno.test("CallIndex goes on when it cannot be written, tells once a second and is stale", () => {
  const clock = new ManualClock();
  const database = openIndexDatabase(undefined, () => {});
  const { index, warnings } = anIndex({ database, clock });
  index.put(anEndedCall());
  database.exec("PRAGMA query_only = ON");
  for (let n = 0; n < 3; n++) index.put(anEndedCall({ id: "CA2" }));
  assert.equal(warnings.length, 1);
  assert.match(warnings[0], /Cannot write to the list of calls: /);
  assert.deepEqual([index.unwritten, index.isStale], [3, true]);
  assert.deepEqual(idsOf(index), ["CA1"]);
  database.exec("PRAGMA query_only = OFF");
  index.put(anEndedCall({ id: "CA2" }));
  assert.deepEqual(idsOf(index), ["CA2", "CA1"]);
  index.close();
  index.close();
  index.put(anEndedCall({ id: "CA3" }));
  assert.equal(index.unwritten, 4);
});
