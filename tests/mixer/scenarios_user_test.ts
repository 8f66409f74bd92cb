import assert from "node:assert/strict";
import { Simulation } from "./support/simulation.ts";
import { IndexedSource, PAUSES, randomness } from "./support/source.ts";

const HALF_HOUR_MS = 30 * 60_000;

/** Delays of 5 to 80 ms. */
function jitter(seed: number): () => number {
  const random = randomness(seed);
  return () => 5 + 75 * random();
}

Deno.test("Scenario 1: half an hour of clean audio is bit-exact and in time", async () => {
  const call = new Simulation({ durationMs: HALF_HOUR_MS });
  const source = new IndexedSource(call, call.user);
  await call.run();
  for (const lane of [call.live.user, call.recorded.user]) {
    const { lost, maxErrorMs } = source.compare(lane);
    assert.equal(lost, 0);
    assert.ok(maxErrorMs <= 1, `${maxErrorMs} ms`);
  }
  const frames = call.liveLength / call.timeline.frameSamples;
  assert.ok(Math.abs(frames - HALF_HOUR_MS / 50) <= 1);
});

for (const ppm of [100, -100, 500, -500]) {
  const scenario = Math.abs(ppm) === 100 ? 2 : 3;
  Deno.test(`Scenario ${scenario}: a sender's clock ${ppm} ppm off, under jitter`, async () => {
    const call = new Simulation({ durationMs: HALF_HOUR_MS });
    const source = new IndexedSource(call, call.user, { ppm, delayMs: jitter(7), silent: PAUSES });
    await call.run();
    const recorded = source.compare(call.recorded.user);
    assert.equal(recorded.lost, 0);
    assert.equal(source.compare(call.live.user).lost, 0, "live holes");
    assert.ok(recorded.maxErrorMs <= (scenario === 2 ? 20 : 25), `max ${recorded.maxErrorMs} ms`);
    assert.ok(recorded.p99ErrorMs <= (scenario === 2 ? 15 : 25), `p99 ${recorded.p99ErrorMs} ms`);
    if (Deno.env.has("REPORT")) console.log(ppm, recorded, call.user.stats);
  });
}

Deno.test("Scenario 4: media times put repeated and reordered chunks where they belong", async () => {
  const random = randomness(4);
  const call = new Simulation({ durationMs: HALF_HOUR_MS });
  const source = new IndexedSource(call, call.user, {
    mediaMs: (ms) => ms,
    delayMs: () => random() < 0.05 ? 20 * (1 + Math.floor(3 * random())) + 1 : 0,
    reorders: true,
    repeats: 0.05,
  });
  await call.run();
  for (const lane of [call.live.user, call.recorded.user]) {
    const { lost, maxErrorMs } = source.compare(lane);
    assert.equal(lost, 0);
    assert.equal(maxErrorMs < 0.001, true, `${maxErrorMs} ms`);
  }
  assert.ok(call.user.stats.repeated > 0);
});

Deno.test("Scenario 5: stalls of our own event loop lose nothing, live or recorded", async () => {
  const stalls = Array.from({ length: 29 }, (_, i) => ({ atMs: 20_000 * (i + 1) + 7, forMs: 300 }));
  for (const mediaMs of [undefined, (ms: number) => ms]) {
    const call = new Simulation({ durationMs: 10 * 60_000, stalls });
    const source = new IndexedSource(call, call.user, { ...(mediaMs && { mediaMs }) });
    await call.run();
    for (const lane of [call.live.user, call.recorded.user]) {
      const { lost, maxErrorMs } = source.compare(lane);
      assert.equal(lost, 0);
      assert.ok(maxErrorMs <= 1, `${maxErrorMs} ms`);
    }
    assert.ok(call.largestBurst <= 8, `burst of ${call.largestBurst}`);
  }
});

Deno.test("Scenario 6: network stalls of a second are holes live and whole in the recording", async () => {
  const stallMs = (ms: number) => Math.max(0, 1000 - (ms % 60_000 - 30_000));
  for (const mediaMs of [undefined, (ms: number) => ms]) {
    const call = new Simulation({ durationMs: HALF_HOUR_MS });
    const source = new IndexedSource(call, call.user, {
      ...(mediaMs && { mediaMs }),
      delayMs: (ms) => ms % 60_000 >= 30_000 ? stallMs(ms) : 0,
    });
    await call.run();
    const recorded = source.compare(call.recorded.user);
    assert.equal(recorded.lost, 0);
    assert.ok(recorded.maxErrorMs <= 1, `${recorded.maxErrorMs} ms`);
    const holesMs = source.compare(call.live.user).lost / 8;
    assert.ok(holesMs <= 30 * 1000, `${holesMs} ms of live holes`);
    assert.ok(call.user.stats.repaired > 0);
  }
});

Deno.test("Scenario 7: a sender that says nothing leaves a gap of that length", async () => {
  const muted = (ms: number) => (ms >= 5000 && ms < 5500) || (ms >= 20_000 && ms < 27_000);
  for (const [mediaMs, limitMs] of [[undefined, 20], [(ms: number) => ms, 1]] as const) {
    const random = randomness(9);
    const call = new Simulation({ durationMs: 40_000 });
    const source = new IndexedSource(call, call.user, {
      ...(mediaMs && { mediaMs }),
      sends: (ms) => !muted(ms),
      delayMs: () => 15 * random(),
    });
    await call.run();
    const { lost, maxErrorMs } = source.compare(call.recorded.user);
    assert.equal(lost, 0);
    assert.ok(maxErrorMs <= limitMs, `${maxErrorMs} ms`);
    assert.equal(call.sources[Math.floor(23_000 / 50)], 0);
  }
});

Deno.test("Scenario 8: media times frozen through a pause are found wrong within 8 s", async () => {
  const call = new Simulation({ durationMs: 60_000 });
  const source = new IndexedSource(call, call.user, {
    sends: (ms) => ms < 10_000 || ms >= 15_000,
    mediaMs: (ms) => ms < 10_000 ? ms : ms - 5000,
    silent: PAUSES,
  });
  await call.run();
  const { maxErrorMs } = source.compare(call.recorded.user, 23_000);
  assert.ok(maxErrorMs <= 25, `${maxErrorMs} ms`);
});

Deno.test("Scenario 16: after a reconnect the sender's clock means something else", async () => {
  for (const timed of [false, true]) {
    const random = randomness(16);
    const call = new Simulation({ durationMs: 60_000 });
    call.at(23_000, () => call.user.restart());
    const source = new IndexedSource(call, call.user, {
      sends: (ms) => ms < 20_000 || ms >= 23_000,
      ...(timed && { mediaMs: (ms: number) => ms < 20_000 ? ms : ms - 23_000 }),
      delayMs: () => 15 * random(),
    });
    await call.run();
    const { lost, maxErrorMs } = source.compare(call.recorded.user);
    assert.equal(lost, 0);
    assert.ok(maxErrorMs <= 20, `${maxErrorMs} ms`);
  }
});
