import assert from "node:assert/strict";
import { constant, ramp, stretches, TrackRig } from "./support/track_rig.ts";

Deno.test("Track.push() copies its samples and takes an empty chunk for nothing", () => {
  const rig = new TrackRig("speech");
  const samples = ramp(400);
  rig.track.push(samples);
  samples.fill(0);
  assert.equal(rig.track.push(new Int16Array(0)), undefined);
  rig.to(200);
  assert.deepEqual(rig.read(50), ramp(400));
  assert.equal(rig.track.stats.received, 400);
});

Deno.test("Track.push() drops a repeated number, and the numbers begin anew with restart()", () => {
  const rig = new TrackRig("live");
  [[20, 1], [40, 2], [41, 2], [60, 3]].forEach(([ms, sequence], index) => {
    rig.to(ms);
    rig.track.push(constant(160, 101 + index), undefined, sequence);
  });
  assert.equal(rig.track.stats.repeated, 160);
  rig.to(60);
  rig.track.restart();
  rig.to(80);
  rig.track.push(constant(160, 200), undefined, 2);
  rig.to(300);
  assert.equal(stretches(rig.read(100)), "101x160 102x160 104x160 200x160 0x160");
});

Deno.test("Track.push() takes what the decoder holds back into account", () => {
  const rig = new TrackRig("live");
  rig.to(1000);
  rig.track.push(ramp(160), undefined, undefined, 24);
  assert.equal(rig.track.end, 8000 - 24);
});

Deno.test("Track.pause() and resume() silence what comes meanwhile, and no time is cut", () => {
  const rig = new TrackRig("live");
  for (let ms = 0; ms < 2000; ms += 20) {
    rig.to(ms + 20);
    rig.track.push(ramp(160, ms * 8 + 1));
    if (ms === 480) rig.track.pause();
    if (ms === 700) rig.track.pause();
    if (ms === 980) rig.track.resume();
    if (ms === 1200) rig.track.resume();
  }
  rig.to(2200);
  const expected = ramp(16_000);
  expected.fill(0, 4000, 8000);
  assert.deepEqual(rig.read(2000), expected);
  assert.equal(rig.track.stats.redacted, 4000);
});

Deno.test("Track.resume() lets nothing out that waited for a decision during the pause", () => {
  // Undecided when the pause ends: what a stall held up since 0.1 s, and the first chunk after a gap.
  const cases = [
    { burstMs: 995, chunks: 30, nextMs: 1001 },
    { burstMs: 999, chunks: 1, nextMs: 1028 },
  ];
  for (const { burstMs, chunks, nextMs } of cases) {
    const rig = new TrackRig("live");
    rig.to(100);
    rig.track.push(constant(800, 1));
    rig.to(500);
    rig.track.pause();
    rig.to(burstMs);
    for (let n = 0; n < chunks; n++) rig.track.push(constant(160, 66));
    rig.to(1000);
    rig.track.resume();
    for (let ms = nextMs; ms < 1100; ms += 20) {
      rig.to(ms);
      rig.track.push(constant(160, 2));
    }
    rig.to(2000);
    const lane = rig.read(2000);
    assert.equal(lane.indexOf(66), -1, `${chunks} chunks at ${burstMs} ms`);
    assert.ok(lane.includes(2));
  }
});

Deno.test("Track.pause() keeps what was received before it, decided or not", () => {
  const rig = new TrackRig("live");
  rig.to(1000);
  rig.track.push(constant(160, 1));
  rig.to(2000);
  rig.track.push(constant(160, 2));
  rig.track.pause();
  rig.to(4000);
  const lane = rig.read(4000);
  assert.equal(lane.indexOf(2), 2000 * 8 - 160);
});

Deno.test("Track.read() asks the decoder for its tail where the audio runs out, pauses included", () => {
  const tails = [constant(10, 9), undefined, constant(10, 66)];
  const rig = new TrackRig("speech", { tail: () => tails.shift() });
  rig.track.push(constant(400, 1));
  rig.to(200);
  assert.equal(stretches(rig.read(100)), "1x400 9x10 0x390");
  assert.equal(tails.length, 2);
  rig.track.pause();
  assert.equal(tails.length, 1, "it was received before the pause");
  rig.to(400);
  rig.track.resume();
  assert.equal(tails.length, 0);
  rig.to(900);
  const lane = rig.read(800);
  assert.equal(lane.includes(66), false, "it was received during the pause");
});

Deno.test("Track that nobody reads takes 30 s more than it may be ahead, then refuses", () => {
  for (const kind of ["live", "speech"] as const) {
    const rig = new TrackRig(kind, { maxAheadMs: 10_000 });
    for (let ms = 0; ms < 120_000; ms += 100) {
      rig.to(ms);
      rig.track.push(ramp(800));
    }
    const aheadMs = kind === "live" ? 1000 : 10_000;
    const { received, refused } = rig.track.stats;
    const beyond = received - refused - (30_000 + aheadMs) * 8;
    // One chunk may wait for a decision about its place.
    assert.ok(beyond >= 0 && beyond <= 800, `${kind}: ${beyond}`);
  }
});

Deno.test("Track.restart() keeps what was received and follows another clock", () => {
  const rig = new TrackRig("live");
  rig.to(20);
  rig.track.push(constant(160, 1), 0);
  rig.to(1000);
  rig.track.push(constant(160, 2));
  rig.track.restart();
  rig.to(1520);
  rig.track.push(constant(160, 3), 500);
  rig.to(2000);
  const lane = rig.read(2000);
  assert.deepEqual([1, 2, 3].map((value) => lane.indexOf(value)), [0, 7840, 12_000]);
});
