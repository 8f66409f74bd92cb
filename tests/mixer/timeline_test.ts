import assert from "node:assert/strict";
import fc from "fast-check";
import { Timeline } from "../../mixer/timeline.ts";

Deno.test("Timeline.positionAt() puts every instant that is on a sample onto that sample", () => {
  const start = fc.integer({ min: 0, max: 1e10 }).map((microseconds) => microseconds / 1000);
  const position = fc.integer({ min: 0, max: 16_000 * 3600 });
  fc.assert(
    fc.property(fc.constantFrom(8000 as const, 16000 as const), start, position, (rate, s, p) => {
      const timeline = new Timeline(rate, s);
      const instantMs = s + (p / rate) * 1000;
      assert.equal(timeline.positionAt(instantMs), p);
      assert.equal(timeline.positionAt(instantMs + 400 / rate), p, "between two samples");
    }),
    { seed: 20260101, numRuns: 2000 },
  );
});

Deno.test("Timeline.positionAt() rounds down, before the call began too", () => {
  const timeline = new Timeline(8000, 1000);
  assert.equal(timeline.positionAt(1000), 0);
  assert.equal(timeline.positionAt(1000.124), 0);
  assert.equal(timeline.positionAt(1000.125), 1);
  assert.equal(timeline.positionAt(999.9), -1);
});

Deno.test("Timeline converts durations to samples and back", () => {
  const timeline = new Timeline(16000, 0);
  assert.equal(timeline.frameSamples, 800);
  assert.equal(timeline.samples(20), 320);
  assert.equal(timeline.samples(0.03), 0);
  assert.equal(timeline.samples(0.04), 1);
  assert.equal(timeline.milliseconds(320), 20);
  assert.equal(new Timeline(8000, 0).frameSamples, 400);
});
