import assert from "node:assert/strict";
import { constant, stretches, TrackRig } from "./support/track_rig.ts";

Deno.test("Track.clear() fades out 10 ms from the cut and discards the rest", () => {
  const rig = new TrackRig("speech");
  rig.track.push(constant(8000, 10_000));
  rig.to(500);
  rig.read(400);
  assert.equal(rig.track.clear(), 8000 - 4000 - 80);
  assert.equal(rig.track.end, 4080);
  rig.to(1200);
  const lane = rig.read(1000);
  const at = 400 * 8;
  assert.ok(lane.subarray(0, 4000 - at).every((sample) => sample === 10_000));
  for (let index = 0; index < 80; index++) {
    const gain = 0.5 * (1 + Math.cos(Math.PI * (index + 0.5) / 80));
    assert.equal(lane[4000 - at + index], Math.round(10_000 * gain));
  }
  assert.ok(lane.subarray(4080 - at).every((sample) => sample === 0));
  assert.equal(rig.track.stats.cleared, 3920);
});

Deno.test("Track.clear() discards nothing when everything has been spoken", () => {
  const rig = new TrackRig("speech");
  assert.equal(rig.track.clear(), 0);
  rig.track.push(constant(800, 1));
  rig.to(100);
  assert.equal(rig.track.clear(), 0);
  rig.to(300);
  assert.equal(stretches(rig.read(100)), "1x800");
});

Deno.test("Track.clear() cuts where the caller last heard, but never what has been mixed", () => {
  for (const [heardTo, cut] of [[Infinity, 4000], [3600, 3600], [1000, 3200], [9999, 4000]]) {
    const rig = new TrackRig("speech");
    rig.track.push(constant(8000, 10_000));
    rig.to(500);
    rig.read(400);
    rig.track.clear(heardTo);
    assert.equal(rig.track.end, cut + 80, `heard to ${heardTo}`);
  }
});

Deno.test("Track.clear() twice, and speech after it, spoken at once", () => {
  const rig = new TrackRig("speech");
  rig.track.push(constant(80_000, 10_000));
  rig.to(500);
  rig.track.clear();
  rig.to(502);
  rig.track.clear();
  assert.equal(rig.track.end, 4080, "the second one fades what is left of the first");
  rig.to(505);
  rig.track.push(constant(400, 7));
  assert.equal(rig.track.end, 4480, "contiguous: it came within 100 ms");
  rig.to(3000);
  rig.track.push(constant(400, 8));
  assert.equal(rig.track.end, 24_400);
});
