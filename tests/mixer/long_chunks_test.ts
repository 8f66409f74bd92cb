import assert from "node:assert/strict";
import { Holdback } from "../../mixer/holdback.ts";
import { Timeline } from "../../mixer/timeline.ts";

/** The holdback after `seconds` of audio in chunks of `chunkMs` that come `lateMs` late. */
function after(seconds: number, chunkMs: number, lateMs = 0): number {
  const timeline = new Timeline(8000, 0);
  const holdback = new Holdback(timeline, { baseMs: 100 });
  for (let ms = chunkMs; ms <= 1000 * seconds; ms += chunkMs) {
    holdback.observe(timeline.samples(lateMs), timeline.samples(chunkMs));
    holdback.update(ms, true);
  }
  return holdback.currentMs;
}

Deno.test("Holdback waits for the whole of chunks of 100 to 1000 ms, within 4 s", () => {
  for (const [chunkMs, wantedMs] of [[200, 200], [256, 300], [400, 400], [1000, 1000]]) {
    assert.equal(after(4, chunkMs), wantedMs, `chunks of ${chunkMs} ms`);
  }
  assert.equal(after(4, 400, 50), 450);
  assert.equal(after(10, 3000), 1050, "and no longer");
});

Deno.test("Holdback stays where it is for chunks of 10 to 60 ms in time", () => {
  for (const chunkMs of [10, 20, 30, 40, 60]) assert.equal(after(30, chunkMs, 20), 100);
});
