import assert from "node:assert/strict";
import { constant, ramp, stretches, TrackRig } from "./support/track_rig.ts";
import { Simulation } from "./support/simulation.ts";
import { IndexedSource } from "./support/source.ts";

/** Sends chunks in real time from `fromMs` on; the media time of each is what `mediaMs` says. */
function stream(
  rig: TrackRig,
  fromMs: number,
  toMs: number,
  mediaMs: (ms: number) => number,
): void {
  for (let ms = fromMs; ms < toMs; ms += 20) {
    rig.to(ms + 20);
    rig.track.push(ramp(160, ms * 8 + 1), mediaMs(ms));
    rig.read(ms - 100);
  }
}

Deno.test("TimestampPlacement puts late, reordered and missing chunks where their time is", () => {
  const rig = new TrackRig("live");
  const arrivals: [number, number][] = [[20, 0], [40, 20], [81, 60], [82, 40], [180, 100]];
  for (const [ms, media] of arrivals) {
    rig.to(ms);
    rig.track.push(ramp(160, media * 8 + 1), media);
  }
  rig.to(300);
  const expected = ramp(1200);
  expected.fill(0, 640, 800).fill(0, 960);
  assert.deepEqual(rig.read(150), expected);
});

Deno.test("TimestampPlacement snaps to what came before within 2 ms, and lets the first write win", () => {
  const rig = new TrackRig("live");
  const parts: [number, number, number][] = [
    [20, 0, 101],
    [40, 22, 102],
    [60, 38, 103],
    [80, 43, 104],
  ];
  for (const [ms, media, value] of parts) {
    rig.to(ms);
    rig.track.push(constant(160, value), media);
  }
  rig.to(200);
  // The last one begins 17 ms before the end: what overlaps is already there.
  assert.equal(stretches(rig.read(100)), "101x160 102x160 103x160 104x24 0x296");
  assert.equal(rig.track.stats.repeated, 136);
});

Deno.test("A media clock that began before the call does not put audio into the future", () => {
  for (const beganMs of [150, 300, 5000, 1e9]) {
    const rig = new TrackRig("live");
    stream(rig, 0, 1000, (ms) => ms + beganMs);
    rig.to(1200);
    assert.equal(rig.track.end, 8000, `${beganMs} ms before`);
    assert.equal(rig.track.stats.refused, 0);
  }
});

Deno.test("A media clock that began with the call counts from position 0, however late it arrives", () => {
  for (const lateMs of [0, 40, 99]) {
    const rig = new TrackRig("live");
    rig.to(20 + lateMs);
    rig.track.push(ramp(160), 0);
    assert.equal(rig.track.end, 160);
  }
});

Deno.test("One absurd media time, ahead or behind, costs nothing of what follows", () => {
  for (const absurd of [1e12, 600_000, -600_000, 0]) {
    const rig = new TrackRig("live");
    stream(rig, 0, 60_000, (ms) => ms === 40_000 ? absurd : ms);
    const { lost, refused, reanchored } = rig.track.stats;
    assert.deepEqual({ lost, refused }, { lost: 0, refused: 0 }, `${absurd} ms`);
    assert.equal(reanchored, 2);
    assert.ok(Math.abs(rig.track.end - 480_000) <= 160, `ends at ${rig.track.end}`);
  }
});

Deno.test("A media clock that wraps or jumps back a little is found again", () => {
  for (const [backMs, lostMs] of [[2 ** 32 / 8, 0], [60_000, 0], [3000, 2000], [20, 20]]) {
    const rig = new TrackRig("live");
    stream(rig, 0, 90_000, (ms) => ms < 70_000 ? ms : ms - backMs);
    assert.ok(Math.abs(rig.track.end - 720_000) <= 160, `back ${backMs}: ends at ${rig.track.end}`);
    const { lost, repeated } = rig.track.stats;
    assert.ok(lost + repeated <= (lostMs + 20) * 8, `back ${backMs}: ${lost + repeated}`);
  }
});

Deno.test("Media times that go backwards all the time lose no more than they must", () => {
  const rig = new TrackRig("live");
  stream(rig, 0, 20_000, (ms) => 20_000 - ms);
  const { received, lost, repeated, refused } = rig.track.stats;
  assert.equal(received, 160_000);
  assert.ok(lost + repeated + refused <= received);
  assert.ok(rig.track.end <= 8 * 21_000);
});

Deno.test("Timed audio faster than real time is refused a second ahead, not kept without bound", () => {
  for (const step of [20, 600, 5000]) {
    const rig = new TrackRig("live");
    for (let n = 0; n < 20_000; n++) rig.track.push(ramp(160), n * step);
    assert.ok(rig.track.end <= 8 * 1040, `steps of ${step} ms: ends at ${rig.track.end}`);
    assert.ok(rig.track.stats.refused > 0);
  }
});

Deno.test("Timed speech that comes ahead of its time is kept at its time, silence and all", () => {
  const rig = new TrackRig("speech");
  rig.to(7300);
  // 30 s of words and pauses in 150 ms, the way a fast TTS sends them.
  for (let ms = 0; ms < 30_000; ms += 100) {
    const words = ms % 3000 < 2000 ? ramp(800, ms * 8 + 1) : new Int16Array(800);
    rig.track.push(words, ms);
    rig.to(7300 + ms / 200);
  }
  rig.to(60_000);
  const lane = rig.read(40_000);
  const from = 7300 * 8;
  assert.ok(lane.subarray(0, from).every((sample) => sample === 0));
  for (let ms = 0; ms < 30_000; ms += 100) {
    const expected = ms % 3000 < 2000 ? ramp(800, ms * 8 + 1) : new Int16Array(800);
    assert.deepEqual(lane.subarray(from + ms * 8, from + ms * 8 + 800), expected, `at ${ms} ms`);
  }
  const { inserted, skipped, refused } = rig.track.stats;
  assert.deepEqual([inserted, skipped, refused], [0, 0, 0]);
});

Deno.test("Timed speech after a barge-in is spoken at once, whatever its sender counted", () => {
  const rig = new TrackRig("speech");
  for (let ms = 0; ms < 10_000; ms += 100) rig.track.push(ramp(800), ms);
  rig.to(2000);
  rig.track.clear();
  rig.to(5000);
  rig.track.push(constant(800, 7), 10_000);
  rig.to(6000);
  const lane = rig.read(6000);
  assert.equal(lane.indexOf(7, 20_000), 40_000);
});

Deno.test("Timed speech is refused beyond the limit of the queue", () => {
  const rig = new TrackRig("speech", { maxAheadMs: 10_000 });
  for (let ms = 0; ms < 60_000; ms += 100) rig.track.push(ramp(800), ms);
  assert.ok(rig.track.end <= 8 * 10_100, `ends at ${rig.track.end}`);
  assert.ok(rig.track.stats.refused >= 8 * 49_000);
});

for (const sampleRate of [8000, 16000] as const) {
  Deno.test(`A burst after a stall of the network is repaired exactly, at ${sampleRate} Hz`, async () => {
    const call = new Simulation({ durationMs: 20_000, sampleRate });
    const source = new IndexedSource(call, call.user, {
      mediaMs: (ms) => ms,
      delayMs: (ms) => ms >= 8000 ? Math.max(0, 4000 - (ms - 8000)) : 0,
    });
    await call.run();
    const { lost, maxErrorMs } = source.compare(call.recorded.user);
    assert.equal(lost, 0);
    assert.ok(maxErrorMs < 0.2, `${maxErrorMs} ms`);
  });
}

Deno.test("A lateness of 300 ms is given up at the next silence, when it has lasted for 4 s", () => {
  const rig = new TrackRig("live");
  const send = (fromMs: number, toMs: number, samples: Int16Array) => {
    for (let ms = fromMs; ms < toMs; ms += 20) {
      rig.to(ms + 20);
      rig.track.push(samples, ms < 5000 ? ms : ms - 300);
      rig.read(ms - 100);
    }
  };
  send(0, 8000, constant(160, 9000));
  send(8000, 8020, new Int16Array(160));
  assert.equal(rig.track.stats.reanchored, 0, "not yet");
  send(8020, 9500, constant(160, 9000));
  assert.equal(rig.track.end, (9500 - 300) * 8, "not in speech");
  send(9500, 9520, new Int16Array(160));
  assert.equal(rig.track.stats.reanchored, 1);
  assert.equal(rig.track.end, 9520 * 8);
});
