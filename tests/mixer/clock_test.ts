import assert from "node:assert/strict";
import { ManualClock, systemClock } from "../../mixer/clock.ts";

Deno.test("ManualClock.advance() fires timers in order of their time, equal ones as they were set", async () => {
  const clock = new ManualClock(100);
  const fired: string[] = [];
  const note = (name: string) => () => fired.push(`${name}@${clock.now()}`);
  clock.setTimeout(note("b"), 20);
  clock.setTimeout(note("a"), 10);
  clock.setTimeout(note("c"), 20);
  clock.setTimeout(note("late"), 21);
  await clock.advance(20);
  assert.deepEqual(fired, ["a@110", "b@120", "c@120"]);
  assert.equal(clock.pendingTimers, 1);
  assert.equal(clock.now(), 120);
});

Deno.test("ManualClock.advance() fires what a timer sets, as far as it falls due", async () => {
  const clock = new ManualClock();
  const fired: number[] = [];
  const tick = () => {
    fired.push(clock.now());
    clock.setTimeout(tick, 10);
  };
  clock.setTimeout(tick, 10);
  await clock.advance(35);
  assert.deepEqual(fired, [10, 20, 30]);
});

Deno.test("ManualClock.clearTimeout() forgets a timer and ignores one that has fired", async () => {
  const clock = new ManualClock();
  let fired = 0;
  const first = clock.setTimeout(() => fired++, 5);
  const second = clock.setTimeout(() => fired++, 5);
  clock.clearTimeout(first);
  await clock.advance(5);
  clock.clearTimeout(second);
  assert.equal(fired, 1);
});

Deno.test("ManualClock.stall() passes time without firing; what is overdue fires afterwards", async () => {
  const clock = new ManualClock(0, 1_000_000);
  let firedAt = -1;
  clock.setTimeout(() => firedAt = clock.now(), 5);
  clock.stall(300);
  assert.equal(firedAt, -1);
  assert.equal(clock.wallTime(), 1_000_300);
  await clock.advance(0);
  assert.equal(firedAt, 300);
});

Deno.test("systemClock.setTimeout() never fires before its time, fractions included", async () => {
  // The platform cuts 4.9 ms down to 4: a tick that comes early finds its frame not yet due.
  const early = await Promise.all(Array.from({ length: 200 }, (_, index) => {
    const delayMs = 1 + (index % 10) + 0.95;
    const dueMs = systemClock.now() + delayMs;
    return new Promise<number>((resolve) => {
      systemClock.setTimeout(() => resolve(dueMs - systemClock.now()), delayMs);
    });
  }));
  assert.ok(Math.max(...early) <= 0, `${Math.max(...early)} ms early`);
});
