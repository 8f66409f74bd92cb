import assert from "node:assert/strict";
import { Holdback } from "../../mixer/holdback.ts";
import { Timeline } from "../../mixer/timeline.ts";

/** A holdback that is told of a chunk every 20 ms and asked every 50 ms. */
class Rig {
  readonly timeline: Timeline;
  readonly holdback: Holdback;
  nowMs = 0;

  constructor(baseMs = 100, maxMs?: number, rate: 8000 | 16000 = 8000) {
    this.timeline = new Timeline(rate, 0);
    this.holdback = new Holdback(this.timeline, { baseMs, ...(maxMs && { maxMs }) });
  }

  /** Runs for a while; every `each`-th chunk is late. Answers the holdback as it is then. */
  run(forMs: number, lateMs: number, each = 1, silent = true): number {
    const endMs = this.nowMs + forMs;
    for (let chunk = 1; this.nowMs < endMs; chunk++, this.nowMs += 10) {
      if (chunk % 2 === 0) {
        this.holdback.observe(this.timeline.samples(chunk / 2 % each === 0 ? lateMs : 0));
      }
      if (this.nowMs % 50 === 0) this.holdback.update(this.nowMs, silent);
    }
    return this.holdback.currentMs;
  }
}

Deno.test("Holdback stays at its base as long as the audio is in time", () => {
  const rig = new Rig();
  assert.equal(rig.run(60_000, 80), 100);
  assert.equal(rig.holdback.samples, 800);
  assert.equal(new Rig(50).run(60_000, 25), 50);
});

Deno.test("Holdback goes up to the 50 ms step above the lateness and 20 ms, within seconds", () => {
  for (const [lateMs, wantedMs] of [[81, 150], [130, 150], [131, 200], [180, 200], [181, 250]]) {
    assert.equal(new Rig().run(4000, lateMs), wantedMs, `${lateMs} ms late`);
  }
  assert.equal(new Rig(100, undefined, 16000).run(4000, 131), 200);
});

Deno.test("Holdback follows the lateness of 99.5 % of the chunks", () => {
  assert.equal(new Rig().run(30_000, 170, 250), 100, "0.4 % are late");
  assert.equal(new Rig().run(30_000, 170, 150), 200, "0.7 % are late");
});

Deno.test("Holdback never exceeds 300 ms, or what it is told", () => {
  assert.equal(new Rig().run(10_000, 5000), 300);
  assert.equal(new Rig(100, 200).run(10_000, 5000), 200);
  assert.equal(new Rig(400).run(10_000, 5000), 400);
});

Deno.test("Holdback waits for 100 chunks before it follows", () => {
  const rig = new Rig();
  for (let chunk = 0; chunk < 99; chunk++) rig.holdback.observe(rig.timeline.samples(200));
  rig.holdback.update(0, true);
  assert.equal(rig.holdback.currentMs, 100);
  rig.holdback.observe(rig.timeline.samples(200));
  rig.holdback.update(1000, true);
  assert.equal(rig.holdback.currentMs, 250);
});

Deno.test("Holdback comes down after 60 stable seconds, and only in silence", () => {
  const rig = new Rig();
  assert.equal(rig.run(10_000, 180), 200);
  assert.equal(rig.run(79_000, 0), 200, "the last late chunk counts for 20 s, then 60 s go by");
  assert.equal(rig.run(12_000, 0, 1, false), 200, "someone speaks");
  assert.equal(rig.run(1000, 0), 100);
});

Deno.test("Holdback that is needed again within the 60 s does not come down", () => {
  const rig = new Rig();
  rig.run(10_000, 180);
  for (let turn = 0; turn < 4; turn++) {
    assert.equal(rig.run(60_000, 0), 200);
    assert.equal(rig.run(4000, 180), 200);
  }
});
