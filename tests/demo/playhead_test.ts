import assert from "node:assert/strict";
import { Playhead } from "../../demo/playhead.ts";

const CUES = [0, 0, 30, 70].map((atMs, index) => ({ atMs, message: String(index) }));
const ROUND_MS = 100;

function take(playhead: Playhead, count: number): [number, string][] {
  return Array.from({ length: count }, () => [playhead.dueMs, playhead.take() as string]);
}

Deno.test("Playhead.take() repeats the cues round after round, on one schedule", () => {
  const playhead = new Playhead(CUES, ROUND_MS, 0.25);
  assert.deepEqual(take(playhead, 6).map(([dueMs]) => dueMs), [
    0.25,
    0.25,
    30.25,
    70.25,
    100.25,
    100.25,
  ]);
  assert.deepEqual(take(playhead, 3), [[130.25, "2"], [170.25, "3"], [200.25, "0"]]);
});

Deno.test("Playhead.skipTo() leaves out what was due before, and nothing else", () => {
  for (const nowMs of [0, 1, 30, 31, 70, 71, 99, 100, 101, 230, 271, 300]) {
    const stepped = new Playhead(CUES, ROUND_MS, 0);
    while (stepped.dueMs < nowMs) stepped.take();
    const skipped = new Playhead(CUES, ROUND_MS, 0);
    skipped.skipTo(nowMs);
    assert.deepEqual(take(skipped, 5), take(stepped, 5), `at ${nowMs}`);
  }
});

Deno.test("Playhead.skipTo() skips a week at once and never goes back", () => {
  const weekMs = 7 * 24 * 3600 * 1000;
  const playhead = new Playhead(CUES, ROUND_MS, 0);
  playhead.skipTo(weekMs + 20);
  assert.equal(playhead.dueMs, weekMs + 30);
  playhead.skipTo(5);
  assert.equal(playhead.dueMs, weekMs + 30);
});
