import assert from "node:assert/strict";
import { EarlyAllowance } from "../../mixer/early_allowance.ts";
import { Timeline } from "../../mixer/timeline.ts";
import { Simulation } from "./support/simulation.ts";
import { IndexedSource, PAUSES } from "./support/source.ts";

Deno.test("EarlyAllowance learns for 8 s how early a stream is, and forgives that for ever", () => {
  const allowance = new EarlyAllowance(new Timeline(8000, 0));
  allowance.begin(160, 0);
  assert.equal(allowance.samples, 160);
  assert.equal(allowance.apply(-200, 8000), 0);
  assert.equal(allowance.samples, 360);
  assert.equal(allowance.apply(50, 8000), 50, "what is late is late");
  assert.equal(allowance.apply(-100, 64_000), -100, "after that it is drift");
  assert.equal(allowance.samples, 360);
});

Deno.test("EarlyAllowance forgives at most half a second, and nothing of a stream without it", () => {
  const allowance = new EarlyAllowance(new Timeline(16000, 0));
  assert.equal(allowance.apply(-100, 0), -100);
  allowance.begin(100_000, 0);
  assert.equal(allowance.samples, 8000);
  assert.equal(allowance.apply(-100, 10), -100);
  allowance.reset();
  assert.equal(allowance.samples, 0);
  assert.equal(allowance.apply(-100, 20), -100);
  allowance.begin(-50, 0);
  assert.equal(allowance.samples, 0);
});

Deno.test("Nothing is cut from a stream whose beginning was slower than what followed", async () => {
  for (const timed of [false, true]) {
    const call = new Simulation({ durationMs: 60_000 });
    const source = new IndexedSource(call, call.user, {
      ...(timed && { mediaMs: (ms: number) => ms }),
      delayMs: (ms) => ms < 100 ? 70 : 5,
      silent: PAUSES,
    });
    await call.run();
    const { skipped, inserted } = call.user.stats;
    assert.deepEqual({ skipped, inserted }, { skipped: 0, inserted: 0 });
    assert.equal(source.compare(call.recorded.user).lost, 0);
  }
});
