import assert from "node:assert/strict";
import { seededRandom } from "../support/random.ts";
import { ramp, TrackRig } from "./support/track_rig.ts";

for (const wobbleMs of [2, 3, 4, 5]) {
  Deno.test(`Track.push() makes chunks without numbers contiguous whose times wobble by ${wobbleMs} ms (seed 13)`, () => {
    const random = seededRandom(13);
    const rig = new TrackRig("live");
    for (let ms = 0; ms < 10_000; ms += 20) {
      const offMs = Math.round((2 * random() - 1) * wobbleMs);
      rig.to(ms + 20);
      rig.track.push(ramp(160, ms * 8 + 1), ms === 0 ? 0 : ms + offMs);
    }
    rig.to(10_200);
    assert.deepEqual(rig.read(10_000), ramp(80_000));
  });
}

for (const wobbleMs of [2, 3, 5, 8, 10, 15]) {
  Deno.test(`Track.push() makes numbered chunks contiguous whose times wobble by ${wobbleMs} ms (seed 12)`, () => {
    const random = seededRandom(12);
    const rig = new TrackRig("live");
    for (let ms = 0; ms < 10_000; ms += 20) {
      const offMs = Math.round((2 * random() - 1) * wobbleMs);
      rig.to(ms + 20);
      rig.track.push(ramp(160, ms * 8 + 1), ms === 0 ? 0 : ms + offMs, ms / 20);
    }
    rig.to(10_200);
    assert.deepEqual(rig.read(10_000), ramp(80_000));
    assert.equal(rig.track.stats.repeated, 0);
  });
}

Deno.test("Track.push() keeps numbers that begin anew or stand still, at other media times", () => {
  for (const number of [(n: number) => n % 150, () => 1]) {
    const rig = new TrackRig("live");
    for (let n = 0; n < 300; n++) {
      rig.to(20 * (n + 1));
      rig.track.push(ramp(160, n * 160 + 1), 20 * n, number(n));
      rig.track.push(ramp(160, n * 160 + 1), 20 * n, number(n));
    }
    rig.to(6200);
    assert.deepEqual(rig.read(6000), ramp(48_000));
    assert.equal(rig.track.stats.repeated, 48_000, "only what came twice");
  }
});
