import assert from "node:assert/strict";
import { DriftMeter, stretchByOne } from "../../mixer/drift.ts";
import { Timeline } from "../../mixer/timeline.ts";
import { Simulation } from "./support/simulation.ts";
import { IndexedSource, PAUSES } from "./support/source.ts";

const CHUNK = 160;
const SPEECH = new Int16Array(CHUNK).fill(5000);
const SILENCE = new Int16Array(CHUNK).fill(8);

/** Shows a meter chunks of one lateness; answers what it last said. */
class Rig {
  readonly meter = new DriftMeter(new Timeline(8000, 0));
  arrival = 0;

  show(ms: number, lateness: number, samples = SPEECH): { by: number; stretch: number } {
    let answer = { by: 0, stretch: 0 };
    for (const until = this.arrival + ms * 8; this.arrival < until; this.arrival += CHUNK) {
      this.meter.observe(lateness, this.arrival);
      const by = this.meter.correction(samples, this.arrival);
      const stretch = by === 0 ? this.meter.stretch(samples, this.arrival) : 0;
      answer = { by, stretch };
    }
    return answer;
  }
}

Deno.test("DriftMeter.drift is the smallest lateness of the last 4 to 8 s, unknown before", () => {
  const { meter } = new Rig();
  assert.equal(meter.drift, undefined);
  const lateness = (at: number) => at < 32_000 ? 300 - at / 400 : 500;
  for (let at = 0; at < 32_000; at += CHUNK) {
    meter.observe(lateness(at), at);
    assert.equal(meter.drift, undefined);
  }
  meter.observe(500, 32_000);
  assert.equal(meter.drift, lateness(32_000 - CHUNK));
  meter.observe(400, 63_999);
  assert.equal(meter.drift, lateness(32_000 - CHUNK));
  meter.observe(450, 64_000);
  assert.equal(meter.drift, 400, "the first 4 s are forgotten");
});

Deno.test("DriftMeter.correction() moves silence, by at most 10 ms, and never speech", () => {
  const rig = new Rig();
  assert.equal(rig.show(5000, 300).by, 0);
  assert.equal(rig.meter.correction(SILENCE, rig.arrival), 80);
  rig.meter.shifted(80);
  rig.meter.shifted(80);
  assert.equal(rig.meter.drift, 140);
  assert.equal(rig.meter.correction(SILENCE, rig.arrival), 80);
  assert.equal(rig.meter.correction(SILENCE.subarray(0, 30), rig.arrival), 80);
});

Deno.test("DriftMeter.correction() leaves out no more than the chunk has", () => {
  const rig = new Rig();
  rig.show(5000, -300);
  assert.equal(rig.meter.correction(SILENCE, rig.arrival), -80);
  assert.equal(rig.meter.correction(SILENCE.subarray(0, 30), rig.arrival), -30);
});

Deno.test("DriftMeter.correction() lets be what may be the network's: up to 10 ms late, 5 ms early", () => {
  for (const [lateness, by] of [[79, 0], [80, 80], [-39, 0], [-40, -40]]) {
    const rig = new Rig();
    rig.show(5000, lateness);
    assert.equal(rig.meter.correction(SILENCE, rig.arrival), by, `${lateness} samples`);
  }
});

Deno.test("DriftMeter.stretch() changes speech only above 40 ms and after 5 s without silence", () => {
  assert.equal(new Rig().show(30_000, 320).stretch, 0, "exactly 40 ms");
  assert.equal(new Rig().show(30_000, 321).stretch, 1);
  assert.equal(new Rig().show(30_000, -321).stretch, -1);
  const rig = new Rig();
  rig.show(10_000, 400);
  rig.show(20, 400, SILENCE);
  assert.equal(rig.show(4980, 400).stretch, 0);
  assert.equal(rig.show(40, 400).stretch, 1);
});

Deno.test("DriftMeter.stretch() gives one sample per 20 ms, however small the chunks", () => {
  const rig = new Rig();
  rig.show(20_000, 400);
  let stretched = 0;
  for (let at = 0; at < 8000; at += 40) {
    stretched += rig.meter.stretch(SPEECH.subarray(0, 40), rig.arrival + at);
  }
  assert.equal(stretched, 50);
  assert.equal(rig.meter.stretch(SPEECH.subarray(0, 3), rig.arrival), 0, "too short to stretch");
});

Deno.test("DriftMeter.reset() forgets the sender's clock", () => {
  const rig = new Rig();
  rig.show(5000, 300);
  rig.meter.reset();
  assert.equal(rig.meter.drift, undefined);
  assert.equal(rig.show(3000, 300, SILENCE).by, 0);
});

Deno.test("stretchByOne() adds or leaves out one sample in the middle", () => {
  const samples = Int16Array.of(10, 20, 30, 40, 50);
  assert.deepEqual([...stretchByOne(samples, 1)], [10, 20, 25, 30, 40, 50]);
  assert.deepEqual([...stretchByOne(samples, -1)], [10, 25, 40, 50]);
  assert.deepEqual([...samples], [10, 20, 30, 40, 50]);
});

for (const ppm of [500, -500]) {
  Deno.test(`A sender ${ppm} ppm off that is never silent stays within about 40 ms`, async () => {
    const call = new Simulation({ durationMs: 6 * 60_000 });
    const source = new IndexedSource(call, call.user, { ppm });
    await call.run();
    const { maxErrorMs, lost } = source.compare(call.recorded.user);
    if (Deno.env.has("REPORT")) console.log(ppm, maxErrorMs, lost, call.user.stats);
    assert.ok(maxErrorMs > 39 && maxErrorMs <= 46, `${maxErrorMs} ms`);
    const { inserted, skipped, gaps, refused } = call.user.stats;
    // 6 minutes at 500 ppm are 1440 samples; 40 ms, and what is not yet known, stay.
    const corrected = ppm > 0 ? skipped - inserted : inserted - skipped;
    assert.ok(corrected >= 1440 - 368 && corrected <= 1440 - 320, `${corrected} samples`);
    assert.equal(ppm > 0 ? inserted : skipped, 0);
    assert.deepEqual([gaps, refused], [0, 0]);
    // One sample in the middle of two becomes their mean: that is all that may be missing.
    assert.ok(lost <= 2 * corrected, `${lost} samples lost`);
  });
}

Deno.test("A sender 500 ppm off with media times is followed as well", async () => {
  for (const ppm of [500, -500]) {
    const call = new Simulation({ durationMs: 5 * 60_000, sampleRate: 16000 });
    const mediaMs = (ms: number) => ms;
    const source = new IndexedSource(call, call.user, { ppm, mediaMs, silent: PAUSES });
    await call.run();
    const { maxErrorMs, lost } = source.compare(call.recorded.user);
    assert.ok(maxErrorMs <= 25, `${maxErrorMs} ms`);
    assert.equal(lost, 0);
  }
});
