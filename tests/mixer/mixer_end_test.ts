import assert from "node:assert/strict";
import { collectFrames } from "./support/collect_frames.ts";
import { Simulation } from "./support/simulation.ts";
import { constant, ramp } from "./support/track_rig.ts";

for (const endMs of [0, 1, 49.9, 50, 50.1, 1234.5]) {
  Deno.test(`Mixer.end() after ${endMs} ms flushes what is due, rounded up to a frame`, async () => {
    const call = new Simulation({ durationMs: 2000 });
    const got = collectFrames(call);
    for (let ms = 20; ms < endMs; ms += 20) call.at(ms, () => call.user.push(ramp(160, ms * 8)));
    await call.clock.advance(endMs);
    const due = Math.ceil(Math.floor(endMs * 8 + 1e-6) / 400) * 400;
    assert.equal(call.mixer.end(call.clock.now()), due);
    await call.clock.advance(0);
    assert.equal(got.done, true);
    assert.equal(got.frames.length * 400, due);
    assert.equal(call.clock.pendingTimers, 0, "the ticker sleeps");
  });
}

Deno.test("Mixer.end() a second time, later, changes nothing", async () => {
  const call = new Simulation({ durationMs: 2000 });
  const got = collectFrames(call);
  await call.clock.advance(500);
  const end = call.mixer.end(call.clock.now());
  await call.clock.advance(500);
  assert.equal(call.mixer.end(call.clock.now()), end);
  await call.clock.advance(0);
  assert.equal(got.frames.length * 400, end);
});

Deno.test("Mixer.end() before anyone reads still gives all frames and the end", async () => {
  const call = new Simulation({ durationMs: 2000 });
  await call.clock.advance(1000);
  assert.equal(call.mixer.end(call.clock.now()), 8000);
  const got = collectFrames(call);
  for (let n = 0; n < 20; n++) await call.clock.advance(0);
  assert.deepEqual([got.frames.length, got.done], [20, true]);
});

Deno.test("Mixer.end() never ends before what has been given", async () => {
  const call = new Simulation({ durationMs: 2000, holdbackMs: 0 });
  const got = collectFrames(call);
  await call.clock.advance(1000);
  const given = call.mixer.position;
  assert.equal(call.mixer.end(call.clock.now() - 500), given);
  await call.clock.advance(0);
  assert.equal(got.done, true);
});

Deno.test("Mixer.end() keeps the audio that waits for a decision about its place", async () => {
  const call = new Simulation({ durationMs: 2000 });
  const got = collectFrames(call);
  call.at(20, () => call.user.push(constant(160, 1)));
  call.at(1000, () => call.user.push(constant(160, 2)));
  await call.clock.advance(1001);
  call.mixer.end(call.clock.now());
  await call.clock.advance(0);
  const lane = got.frames.flatMap((frame) => [...frame.user]);
  assert.equal(lane.indexOf(2), 8000 - 160);
  assert.equal(lane.lastIndexOf(2), 7999);
});

Deno.test("Mixer.end() lets nothing be heard that the bot has not spoken", async () => {
  const call = new Simulation({ durationMs: 2000 });
  const got = collectFrames(call);
  call.bot.push(ramp(30_000));
  await call.clock.advance(1003);
  call.mixer.end(call.clock.now());
  await call.clock.advance(0);
  const lane = Int16Array.from(got.frames.flatMap((frame) => [...frame.bot]));
  assert.equal(lane.length, 8400);
  assert.deepEqual(lane.subarray(0, 8024), ramp(8024));
  assert.ok(lane[8100] < ramp(8101)[8100], "fades out");
  assert.ok(lane.subarray(8104).every((sample) => sample === 0));
});
