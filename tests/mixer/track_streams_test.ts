import assert from "node:assert/strict";
import { stretches, TrackRig } from "./support/track_rig.ts";
import { constant, ramp } from "./support/track_rig.ts";

/** A stream of chunks that counts how many have been taken from it. */
function chunks(lengths: number[]): { stream: ReadableStream<Int16Array>; taken: () => number } {
  let taken = 0;
  let position = 0;
  const stream = new ReadableStream<Int16Array>({
    pull(controller) {
      if (taken === lengths.length) return controller.close();
      controller.enqueue(ramp(lengths[taken], position + 1));
      position += lengths[taken++];
    },
  }, { highWaterMark: 0 });
  return { stream, taken: () => taken };
}

/** Reads all windows; the lane grows as time goes on. */
function collect(readable: ReadableStream<Int16Array>): { windows: Int16Array[]; done: boolean } {
  const result = { windows: [] as Int16Array[], done: false };
  (async () => {
    for await (const window of readable) result.windows.push(window);
    result.done = true;
  })();
  return result;
}

Deno.test("Track.writable waits for room instead of losing, and says so to its source", async () => {
  const rig = new TrackRig("speech", { maxAheadMs: 2000 });
  const { stream, taken } = chunks(Array(20).fill(8000));
  const heard = collect(rig.track.readable);
  let finished = false;
  const piping = stream.pipeTo(rig.track.writable).then(() => finished = true);
  await rig.clock.advance(1);
  assert.ok(taken() <= 4, `${taken()} s taken of a queue of 2 s`);
  assert.ok(rig.track.end <= 16_008);
  await rig.clock.advance(10_000);
  assert.ok(taken() >= 12 && taken() <= 14, `${taken()} s taken after 10 s`);
  assert.equal(finished, false);
  await rig.clock.advance(10_500);
  await piping;
  assert.equal(heard.done, true, "closing the one side ends the other");
  const lane = Int16Array.from(heard.windows.flatMap((window) => [...window]));
  assert.deepEqual(lane.subarray(0, 160_000), ramp(160_000));
  const { received, refused, gaps } = rig.track.stats;
  assert.deepEqual({ received, refused, gaps }, { received: 160_000, refused: 0, gaps: 0 });
});

Deno.test("Track.writable takes a chunk longer than the whole queue", async () => {
  const rig = new TrackRig("speech", { maxAheadMs: 1000 });
  const heard = collect(rig.track.readable);
  const piping = chunks([80_000]).stream.pipeTo(rig.track.writable);
  await rig.clock.advance(10_500);
  await piping;
  const lane = Int16Array.from(heard.windows.flatMap((window) => [...window]));
  assert.deepEqual(lane.subarray(0, 80_000), ramp(80_000));
});

Deno.test("Track.writable stops waiting when it is aborted", async () => {
  const rig = new TrackRig("speech", { maxAheadMs: 1000 });
  const writer = rig.track.writable.getWriter();
  const writing = assert.rejects(writer.write(ramp(80_000)), /barge-in/);
  await rig.clock.advance(100);
  // Somebody else takes the room as soon as there is some.
  const fill = () => {
    rig.track.push(constant(80, 3));
    if (rig.nowMs < 400) rig.clock.setTimeout(fill, 10);
  };
  fill();
  await rig.clock.advance(100);
  const aborting = writer.abort(new Error("barge-in"));
  await rig.clock.advance(100);
  await aborting;
  await writing;
  await rig.clock.advance(1000);
  assert.equal(rig.clock.pendingTimers, 0);
});

Deno.test("Track.readable gives windows of 50 ms, each an array of its own, 100 ms after their time", async () => {
  const rig = new TrackRig("live");
  const heard = collect(rig.track.readable);
  await rig.clock.advance(149);
  assert.equal(heard.windows.length, 0);
  rig.track.push(constant(160, 5));
  await rig.clock.advance(6);
  assert.equal(heard.windows.length, 1);
  await rig.clock.advance(200);
  assert.equal(heard.windows.length, 5);
  assert.equal(new Set(heard.windows.map((window) => window.buffer)).size, 5);
  assert.equal(heard.windows.every((window) => window.length === 400), true);
  const lane = Int16Array.from(heard.windows.flatMap((window) => [...window]));
  assert.equal(stretches(lane), `0x${129 * 8} 5x160 0x${2000 - 149 * 8}`);
});

Deno.test("Track is what pipeThrough() takes: chunks of any length in, windows out", async () => {
  for (const kind of ["live", "speech"] as const) {
    const rig = new TrackRig(kind, { sampleRate: 16000 });
    const { track } = rig;
    const { stream } = chunks([1, 0, 799, 333, 16_000, 5, 2862]);
    const out = stream.pipeThrough({ writable: track.writable, readable: track.readable });
    const heard = collect(out);
    await rig.clock.advance(2000);
    assert.equal(heard.done, true, kind);
    assert.equal(heard.windows.length, 25);
    const lane = Int16Array.from(heard.windows.flatMap((window) => [...window]));
    assert.deepEqual(lane, ramp(20_000));
  }
});
