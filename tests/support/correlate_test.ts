import assert from "node:assert/strict";
import { correlate, correlateWindows } from "./correlate.ts";
import { seededRandom } from "./random.ts";

const SEED = 20260101;

function noise(length: number, seed = SEED): Int16Array {
  const random = seededRandom(seed);
  return Int16Array.from({ length }, () => Math.floor((random() - 0.5) * 20_000));
}

function delayed(samples: Int16Array, by: number, tail = 0): Int16Array {
  const all = new Int16Array(samples.length + by + tail);
  all.set(samples, by);
  return all;
}

Deno.test(`correlate() finds the exact lag of a delayed signal (seed ${SEED})`, () => {
  const reference = noise(2000);
  const signal = delayed(reference, 137);
  const found = correlate(reference, signal, { minLag: -300, maxLag: 300 });
  assert.equal(found.lagSamples, 137);
  assert.ok(Math.abs(found.peak - 1) < 1e-12);
});

Deno.test("correlate() answers a negative lag for a signal whose beginning is lost", () => {
  const reference = noise(2000);
  const found = correlate(reference, reference.slice(250), { minLag: -400, maxLag: 400 });
  assert.equal(found.lagSamples, -250);
});

Deno.test("correlate() does not care for the level and tells the opposite apart", () => {
  const reference = noise(2000);
  const quiet = delayed(reference, 40).map((sample) => sample / 50);
  const opposite = reference.map((sample) => -sample);
  const range = { minLag: 0, maxLag: 80 };
  const found = correlate(reference, quiet, range);
  assert.equal(found.lagSamples, 40);
  assert.ok(found.peak > 0.999);
  assert.equal(correlate(reference, opposite, { minLag: 0, maxLag: 0 }).peak, -1);
});

Deno.test("correlate() answers a low peak for signals that have nothing in common", () => {
  const { peak } = correlate(noise(4000), noise(4400, SEED + 1), { minLag: 0, maxLag: 400 });
  assert.ok(peak < 0.1, `peak ${peak}`);
});

Deno.test("correlate() refuses lags that leave less than half of the reference", () => {
  const reference = noise(100);
  assert.throws(() => correlate(reference, reference, { minLag: 51, maxLag: 90 }), RangeError);
  assert.equal(correlate(reference, reference, { minLag: 50, maxLag: 50 }).lagSamples, 50);
});

Deno.test("correlateWindows() sees where the lag changes and leaves silence out", () => {
  const reference = noise(8000);
  reference.fill(0, 3000, 4000);
  // 100 late up to the silence, 140 late after it.
  const signal = delayed(reference, 100, 500);
  signal.fill(0, 3100, 4140);
  signal.set(reference.subarray(4000), 4140);
  const options = { windowSamples: 1000, minLag: 0, maxLag: 300 };
  const lags = correlateWindows(reference, signal, options);
  assert.deepEqual(lags.map(({ position }) => position), [0, 1000, 2000, 4000, 5000, 6000, 7000]);
  assert.deepEqual(lags.map(({ lagSamples }) => lagSamples), [100, 100, 100, 140, 140, 140, 140]);
});
