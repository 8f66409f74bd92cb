import assert from "node:assert/strict";
import { constant, ramp, stretches, TrackRig } from "./support/track_rig.ts";

Deno.test("SpeechPlacement begins at the arrival and appends what comes faster than it is spoken", () => {
  const rig = new TrackRig("speech");
  rig.to(100.4);
  rig.track.push(constant(800, 1));
  rig.track.push(constant(1, 2));
  rig.to(150);
  rig.track.push(constant(799, 3));
  rig.to(500);
  assert.equal(stretches(rig.read(350)), "0x803 1x800 2x1 3x799 0x397");
  assert.equal(rig.track.stats.gaps, 0);
});

Deno.test("SpeechPlacement continues speech up to 100 ms late; after that there is a gap", () => {
  for (const [lateMs, gap] of [[0, 0], [99, 0], [100, 0], [101, 101], [5000, 5000]] as const) {
    const rig = new TrackRig("speech");
    rig.track.push(constant(800, 1));
    rig.to(100 + lateMs);
    rig.track.push(constant(800, 2));
    assert.equal(rig.track.end, 1600 + gap * 8, `${lateMs} ms late`);
    assert.equal(rig.track.stats.gaps, gap > 0 ? 1 : 0);
  }
});

Deno.test("SpeechPlacement forgives what our own event loop held up", () => {
  const rig = new TrackRig("speech");
  rig.ticker.subscribe(rig.clock.now(), () => {});
  rig.track.push(constant(800, 1));
  rig.clock.stall(400);
  rig.track.push(constant(800, 2));
  assert.equal(rig.track.end, 1600);
});

Deno.test("SpeechPlacement answers how late a chunk was, and nothing when it began anew", () => {
  const rig = new TrackRig("speech");
  assert.equal(rig.track.push(ramp(160)), undefined);
  assert.equal(rig.track.push(ramp(160)), 0);
  rig.to(100);
  assert.equal(rig.track.push(ramp(160)), 800 - 320 - 160);
  rig.to(1000);
  assert.equal(rig.track.push(ramp(160)), undefined);
});

Deno.test("SpeechPlacement refuses whole chunks beyond 120 s, and takes them when there is room", () => {
  const rig = new TrackRig("speech");
  const second = ramp(8000);
  for (let n = 0; n < 120; n++) rig.track.push(second);
  assert.equal(rig.track.end, 960_000);
  rig.track.push(ramp(1));
  assert.equal(rig.track.stats.refused, 1);
  rig.to(999);
  rig.track.push(second);
  assert.equal(rig.track.stats.refused, 8001);
  rig.to(1000);
  rig.track.push(second);
  assert.equal(rig.track.end, 968_000);
});
