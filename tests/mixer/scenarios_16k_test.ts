import assert from "node:assert/strict";
import { Simulation } from "./support/simulation.ts";
import { IndexedSource, PAUSES, randomness } from "./support/source.ts";

const sampleRate = 16000;
const MINUTE_MS = 60_000;

Deno.test("Scenarios 1 and 4 at 16 kHz: bit-exact, with media times and without", async () => {
  for (const timed of [false, true]) {
    const random = randomness(4);
    const call = new Simulation({ durationMs: 2 * MINUTE_MS, sampleRate });
    const source = new IndexedSource(call, call.user, {
      ...(timed && {
        mediaMs: (ms: number) => ms,
        delayMs: () => random() < 0.05 ? 20 * (1 + Math.floor(3 * random())) + 1 : 0,
        reorders: true,
        repeats: 0.05,
      }),
    });
    await call.run();
    for (const lane of [call.live.user, call.recorded.user]) {
      const { lost, maxErrorMs } = source.compare(lane);
      assert.equal(lost, 0);
      assert.ok(maxErrorMs < 0.001, `${maxErrorMs} ms`);
    }
  }
});

for (const [ppm, limitMs] of [[100, 20], [-100, 20], [500, 25], [-500, 25]]) {
  Deno.test(`Scenarios 2 and 3 at 16 kHz: ${ppm} ppm, under jitter`, async () => {
    const random = randomness(7);
    const call = new Simulation({ durationMs: 6 * MINUTE_MS, sampleRate });
    const delayMs = () => 5 + 75 * random();
    const source = new IndexedSource(call, call.user, { ppm, delayMs, silent: PAUSES });
    await call.run();
    const { lost, maxErrorMs } = source.compare(call.recorded.user);
    assert.equal(lost, 0);
    assert.equal(source.compare(call.live.user).lost, 0, "live holes");
    assert.ok(maxErrorMs <= limitMs, `${maxErrorMs} ms`);
  });
}

Deno.test("Scenario 6 at 16 kHz: network stalls of a second are repaired", async () => {
  for (const timed of [false, true]) {
    const call = new Simulation({ durationMs: 3 * MINUTE_MS, sampleRate });
    const source = new IndexedSource(call, call.user, {
      ...(timed && { mediaMs: (ms: number) => ms }),
      delayMs: (ms) => ms % MINUTE_MS >= 30_000 ? Math.max(0, 1000 - (ms % MINUTE_MS - 30_000)) : 0,
    });
    await call.run();
    const { lost, maxErrorMs } = source.compare(call.recorded.user);
    assert.equal(lost, 0);
    assert.ok(maxErrorMs <= 1, `${maxErrorMs} ms`);
  }
});

Deno.test("Scenario 7 at 16 kHz: mutes leave gaps of their length", async () => {
  const muted = (ms: number) => (ms >= 5000 && ms < 5500) || (ms >= 20_000 && ms < 27_000);
  for (const [timed, limitMs] of [[false, 20], [true, 1]] as const) {
    const random = randomness(9);
    const call = new Simulation({ durationMs: 40_000, sampleRate });
    const source = new IndexedSource(call, call.user, {
      ...(timed && { mediaMs: (ms: number) => ms }),
      sends: (ms) => !muted(ms),
      delayMs: () => 15 * random(),
    });
    await call.run();
    const { lost, maxErrorMs } = source.compare(call.recorded.user);
    assert.equal(lost, 0);
    assert.ok(maxErrorMs <= limitMs, `${maxErrorMs} ms`);
  }
});
