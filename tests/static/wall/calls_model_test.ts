import assert from "node:assert/strict";
import { CallsModel } from "../../../static/wall/calls_model.js";
import { described } from "./calls.ts";

const NOW = 50_000;

Deno.test("CallsModel moves a call from the active ones to the ended ones", () => {
  const model = new CallsModel();
  model.apply("call.started", { call: described("a") }, NOW);
  assert.deepEqual([...model.active.keys()], ["a"]);
  model.apply("call.ended", { call: described("a", { state: "ended", endedAt: 9000 }) }, NOW);
  assert.deepEqual([[...model.active.keys()], [...model.ended.keys()]], [[], ["a"]]);
  assert.deepEqual([...model.takeChanged()], ["a"]);
  assert.deepEqual([...model.takeChanged()], []);
});

Deno.test("CallsModel is not taken in by an old start, but by a new use of an id", () => {
  const model = new CallsModel();
  model.loadEnded([described("a", { state: "ended" })]);
  model.apply("call.started", { call: described("a") }, NOW);
  assert.equal(model.get("a")?.state, "ended");
  model.apply("call.started", { call: described("a", { startedAt: 2000 }) }, NOW);
  assert.equal(model.get("a")?.state, "live");
  assert.equal(model.ended.size, 0);
});

Deno.test("CallsModel keeps listeners, metadata, pauses and recordings up to date", () => {
  const model = new CallsModel();
  model.loadActive([described("a")]);
  model.apply("listener.joined", { callId: "a", listeners: 2 }, NOW);
  model.apply("call.updated", { callId: "a", paused: true, metadata: { agent: "x" } }, NOW);
  model.apply("recording.ready", { callId: "a", recording: { state: "complete", url: "u" } }, NOW);
  model.apply("from a later version", { callId: "a" }, NOW);
  model.apply("listener.joined", { callId: "unknown", listeners: 2 }, NOW);
  const call = model.get("a");
  assert.deepEqual([call?.listeners, call?.paused, call?.metadata.agent], [2, true, "x"]);
  assert.equal(call?.recording?.state, "complete");
});

Deno.test("CallsModel holds each warning once, from when it began until it is over", () => {
  const model = new CallsModel();
  const active = { code: "track_silent", track: "user", since: 3000 };
  const health = { warnings: [active] };
  model.loadActive([described("a", { health })]);
  const warn = (code: string, more: object) =>
    model.apply("call.warning", { callId: "a", code, message: "", ...more }, NOW);
  warn("track_silent", { track: "user", active: true });
  warn("track_silent", { track: "bot", active: true, position: 16_000 });
  warn("clipping", { track: "bot" });
  const warnings = () => [...model.get("a")?.warnings.values() ?? []];
  assert.deepEqual(warnings().map(({ code, track, since }) => [code, track, since]), [
    ["track_silent", "user", 3000],
    ["track_silent", "bot", 3000],
    ["clipping", "bot", NOW],
  ]);
  warn("track_silent", { track: "user", active: false });
  assert.equal(warnings().length, 2);
  model.apply("call.ended", { call: described("a", { state: "ended", health }) }, NOW);
  warn("clipping", { track: "user", active: true });
  assert.equal(warnings().length, 0);
});

Deno.test("CallsModel warns of a lost ingest socket, which is a state and no event", () => {
  const model = new CallsModel();
  const warnings = () => [...model.get("a")?.warnings.values() ?? []];
  model.loadActive([described("a", { durationSeconds: 4, health: { ingestLost: true } })]);
  assert.deepEqual(warnings().map(({ code, since }) => [code, since]), [["ingest_lost", 5000]]);
  model.apply("call.updated", { callId: "a", paused: false, ingestLost: false }, NOW);
  assert.deepEqual(warnings(), []);
});

Deno.test("CallsModel keeps a thousand ended calls, the latest", () => {
  const model = new CallsModel();
  const ended = (index: number) => described(`c${index}`, { state: "ended", startedAt: index });
  model.loadEnded(Array.from({ length: 1000 }, (_, index) => ended(index)));
  model.apply("call.ended", { call: ended(1000) }, NOW);
  assert.equal(model.ended.size, 1000);
  assert.equal(model.get("c0"), undefined);
});
