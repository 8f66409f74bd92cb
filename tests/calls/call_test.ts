import assert from "node:assert/strict";
import { Call } from "../../calls/call.ts";
import type { Feed, TrackName } from "../../mixer/inbox.ts";
import { openOf } from "../recordings/store_contract.ts";
import { aListener, anEnvironment, anOwner, someDetails } from "./support.ts";

const MONO = { channels: 1, silenceAsPcm: false } as const;

function aCall() {
  const { environment, clock, told } = anEnvironment();
  const ended: string[] = [];
  const call = new Call(someDetails(), environment, ({ details }) => ended.push(details.id));
  return { call, clock, told, ended, environment };
}

Deno.test("Call that was announced ends when its audio does not come", async () => {
  const { call, clock, told } = aCall();
  await clock.advance(59_999);
  assert.equal(call.state, "announced");
  await clock.advance(1);
  assert.deepEqual([call.state, call.reason, call.position], ["ended", "never_started", 0]);
  assert.deepEqual(told, ["warning CA1 never_started"]);
  assert.equal(clock.pendingTimers, 0);
});

Deno.test("Call.lose() lets the call live through its grace time, to the millisecond", async () => {
  const { call, clock, told, ended } = aCall();
  const owner = anOwner();
  call.start(owner);
  await clock.advance(1000);
  call.lose(anOwner());
  assert.equal(call.ingestLost, false);
  call.lose(owner);
  assert.equal(call.ingestLost, true);
  await clock.advance(9999);
  assert.equal(call.state, "live");
  await clock.advance(1);
  await call.end("too late to count");
  assert.deepEqual([call.state, call.reason, call.position], ["ended", "ingest_lost", 88_000]);
  assert.deepEqual(told, ["start CA1", "warning CA1 ingest_lost", "end CA1 ingest_lost"]);
  assert.deepEqual([ended, owner.reasons], [["CA1"], []]);
  assert.equal(clock.pendingTimers, 0);
});

Deno.test("Call.takeOver() releases the owner before, whose loss then means nothing", async () => {
  const { call, clock } = aCall();
  const [first, second] = [anOwner(), anOwner()];
  call.start(first);
  call.takeOver(second);
  assert.deepEqual(first.reasons, ["another socket took the call over"]);
  call.lose(first);
  await clock.advance(20_000);
  assert.equal(call.state, "live");
  await call.end("ended");
  assert.deepEqual(second.reasons, ["call ended"]);
});

Deno.test("Call.end() flushes, ends the listeners and completes the recording, once", async () => {
  const { call, clock, told, environment } = aCall();
  call.start(anOwner());
  const { listener, socket } = aListener({ maxQueuedBytes: 1e6 });
  call.addListener(listener, MONO);
  const speech = Int16Array.from({ length: 4000 }, (_, index) => Math.min(index, 3999 - index));
  call.pipeline!.bot.push(new Uint8Array(speech.buffer), clock.now());
  await clock.advance(500);
  const first = call.end("hangup");
  assert.equal(call.end("again"), first);
  await first;
  const frames = socket.sent.filter(({ length }) => length === 800);
  assert.equal(frames.length, 10);
  assert.equal(socket.sent.at(-1)!.length, 0);
  assert.deepEqual(socket.closes, [{ code: 1000, reason: "call ended" }]);
  const recording = (await openOf(environment.store))!;
  assert.deepEqual([recording.info.state, recording.info.samples], ["complete", 4000]);
  assert.deepEqual(told, ["start CA1", "end CA1 hangup"]);
  // Whoever comes too late hears the end.
  const late = aListener();
  call.addListener(late.listener, MONO);
  assert.equal(late.socket.closes[0].code, 1000);
});

Deno.test("Call notes what happens to it, at its position, while it lives", async () => {
  const { call, clock, told, environment } = aCall();
  call.pause();
  call.start(anOwner());
  await clock.advance(100);
  call.pause();
  call.pause();
  for (const name of ["dtmf", "transcript"]) {
    call.note({ type: "event", position: call.position, name, data: "not to be known" });
  }
  await clock.advance(100);
  call.resume();
  call.resume();
  call.clear();
  call.note({ type: "event", position: call.position, name: "dtmf", data: { digit: "5" } });
  await call.end("ended");
  call.note({ type: "event", position: 0 });
  call.clear();
  const { info } = (await openOf(environment.store))!;
  assert.deepEqual(info.markers.map(({ type, position }) => [type, position]), [
    ["paused", 800],
    ["resumed", 1600],
    ["barge-in", 1600],
    ["event", 1600],
  ]);
  assert.deepEqual([info.events, info.reason], [[], "ended"]);
  assert.deepEqual(told.slice(1, -1), [
    "paused CA1 800",
    "resumed CA1 1600",
    "barge-in CA1 1600",
    "event CA1 1600",
  ]);
});

Deno.test("Call.end() of many calls leaves no timer behind", async () => {
  const { environment, clock } = anEnvironment();
  const calls = Array.from(
    { length: 20 },
    (_, index) => new Call(someDetails({ id: `CA${index}` }), environment, () => {}),
  );
  for (const call of calls) call.start(anOwner());
  await clock.advance(333);
  await Promise.all(calls.map((call) => call.end("ended")));
  assert.equal(clock.pendingTimers, 0);
});

/** A feed of PCM16 whose messages are all one side's, and what it was told. */
function aFeed(track: TrackName) {
  const told: unknown[] = [];
  const parse = (message: string | Uint8Array) => {
    if (typeof message === "string") throw new TypeError("no audio");
    return [{ type: "audio" as const, track, payload: message }];
  };
  const feed: Feed = {
    parser: { parse },
    broken: 0,
    closed: false,
    refused: (error) => void told.push(error),
    ahead: (side) => void told.push(side),
  };
  return { feed, told };
}

Deno.test("Call does first what has arrived before, whatever is done to it", async () => {
  const doings: ((call: Call) => unknown)[] = [
    (call) => call.end("ended"),
    (call) => call.pause(),
    (call) => call.clear(),
    (call) => call.takeOver(anOwner()),
  ];
  for (const doing of doings) {
    const { call, clock } = aCall();
    call.start(anOwner());
    await clock.advance(1000);
    const { pipeline } = call;
    const { feed, told } = aFeed("bot");
    pipeline!.inbox.add(feed, new Int16Array(800).fill(5).buffer, clock.now() - 40, 0);
    assert.equal(pipeline!.bot.track.stats.received, 0);
    doing(call);
    const { received, redacted } = pipeline!.bot.track.stats;
    assert.deepEqual([received, redacted, told], [800, 0, []], `${doing}`);
    await call.end("ended");
    assert.equal(clock.pendingTimers, 0);
  }
});

Deno.test("Call looked at stays as it is: nothing that waits is taken in", async () => {
  const { call, clock } = aCall();
  call.start(anOwner());
  const { feed } = aFeed("user");
  call.pipeline!.inbox.add(feed, new ArrayBuffer(320), clock.now(), 0);
  void [call.pipeline, call.position, call.quietMs(), call.ingestLost, call.memory];
  assert.equal(call.pipeline!.user.track.stats.received, 0);
  await clock.advance(50);
  assert.equal(call.pipeline!.user.track.stats.received, 160, "the next frame takes it in");
  await call.end("ended");
});

Deno.test("Call.end() leaves no timer behind when what waited loses the socket", async () => {
  const { call, clock, told } = aCall();
  const owner = anOwner();
  call.start(owner);
  const { feed } = aFeed("user");
  call.pipeline!.inbox.add({ ...feed, refused: () => call.lose(owner) }, "broken", clock.now(), 0);
  await call.end("ended");
  assert.deepEqual([call.reason, clock.pendingTimers], ["ended", 0]);
  assert.deepEqual(told, ["start CA1", "warning CA1 ingest_lost", "end CA1 ended"]);
});

Deno.test("Call.quietMs() is how long its socket has said nothing, and Infinity without one", async () => {
  const { call, clock } = aCall();
  const owner = { ...anOwner(), heardAtMs: clock.now() };
  call.start(owner);
  clock.stall(3000);
  assert.equal(call.quietMs(), 3000);
  owner.heardAtMs = clock.now();
  assert.equal(call.quietMs(), 0);
  call.lose(owner);
  assert.equal(call.quietMs(), Infinity);
  await call.end("ended");
});
