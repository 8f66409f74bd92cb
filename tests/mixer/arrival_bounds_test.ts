import assert from "node:assert/strict";
import { Simulation } from "./support/simulation.ts";
import { IndexedSource, PAUSES } from "./support/source.ts";
import { ramp, TrackRig } from "./support/track_rig.ts";

Deno.test("A first chunk of many seconds is kept whole, and what follows is contiguous", () => {
  const rig = new TrackRig("live");
  const huge = ramp(8000 * 5);
  rig.track.push(huge);
  assert.equal(rig.track.stats.refused, 0);
  rig.to(5000);
  rig.track.push(ramp(8000 * 5, huge.length + 1));
  rig.to(5200);
  assert.deepEqual(rig.read(10_000), ramp(80_000));
});

Deno.test("Live audio more than a second in the future is refused, counted, and not remembered", () => {
  const rig = new TrackRig("live");
  rig.to(1000);
  for (let chunk = 0; chunk < 200; chunk++) rig.track.push(ramp(160));
  const { refused, received } = rig.track.stats;
  assert.ok(rig.track.end <= (1000 + 1000 + 20) * 8);
  assert.equal(received - refused, rig.track.end);
  rig.to(1500);
  rig.track.push(ramp(160));
  assert.equal(rig.track.stats.refused, refused, "there is room again");
});

Deno.test("Chunks of one sample make the same lane as chunks of 20 ms", () => {
  const lanes = [1, 7, 160].map((length) => {
    const rig = new TrackRig("live");
    for (let at = 0; at < 4000; at += length) {
      rig.to((at + length) / 8);
      rig.track.push(ramp(length, at + 1));
    }
    rig.to(700);
    return rig.read(450);
  });
  assert.deepEqual(lanes[0], ramp(3600));
  assert.deepEqual(lanes[1], lanes[0]);
  assert.deepEqual(lanes[2], lanes[0]);
});

Deno.test("Network stalls of 3 and 4.5 s are repaired and leave no delay", async () => {
  for (const stallMs of [3000, 4500]) {
    const call = new Simulation({ durationMs: 30_000 });
    const source = new IndexedSource(call, call.user, {
      delayMs: (ms) => ms >= 10_000 ? Math.max(0, stallMs - (ms - 10_000)) : 0,
      silent: PAUSES,
    });
    await call.run();
    const { lost, maxErrorMs } = source.compare(call.recorded.user);
    assert.equal(lost, 0, `stall of ${stallMs} ms`);
    assert.ok(maxErrorMs <= 60, `${maxErrorMs} ms`);
    const after = source.compare(call.recorded.user, 24_000);
    assert.ok(after.maxErrorMs <= 10, `${after.maxErrorMs} ms in the end`);
  }
});
