import assert from "node:assert/strict";
import { ManualClock } from "../../mixer/clock.ts";
import { Ticker } from "../../mixer/ticker.ts";

const START = 12_345.678;

/** A clock whose timers fire `lateMs()` after their time, as those of a busy process do. */
class SlackClock extends ManualClock {
  constructor(readonly lateMs: () => number) {
    super(START);
  }
  override setTimeout(callback: () => void, delayMs: number) {
    return super.setTimeout(callback, delayMs + this.lateMs());
  }
}

Deno.test("Ticker never drifts: after an hour of late timers every tick is where it belongs", async () => {
  let turn = 0;
  const clock = new SlackClock(() => (turn++ * 7) % 16);
  const ticker = new Ticker(clock);
  let ticks = 0;
  let worst = 0;
  ticker.subscribe(START + 17, (nowMs) => {
    const phase = (nowMs - START - 17) % 50;
    worst = Math.max(worst, phase);
    ticks++;
  });
  await clock.advance(3_600_000);
  assert.equal(ticks, 72_000);
  assert.ok(worst <= 5 + 15, `${worst} ms after its time`);
});

Deno.test("Ticker has one timer, however many subscribe, and none without subscribers", async () => {
  const clock = new ManualClock(START);
  const ticker = new Ticker(clock);
  assert.equal(clock.pendingTimers, 0);
  const ends = Array.from({ length: 100 }, (_, i) => ticker.subscribe(START + i * 3.3, () => {}));
  assert.equal(clock.pendingTimers, 1);
  await clock.advance(1234);
  assert.equal(clock.pendingTimers, 1);
  for (const end of ends) end();
  assert.equal(clock.pendingTimers, 0);
  ends[0]();
  ticker.subscribe(START, () => {});
  assert.equal(clock.pendingTimers, 1);
});

Deno.test("Ticker calls each subscriber once a period, in its phase", async () => {
  const clock = new ManualClock(START);
  const ticker = new Ticker(clock);
  const called: string[] = [];
  for (const phaseMs of [0, 1, 5, 45, 46, -1000, 7 * 50 + 20]) {
    ticker.subscribe(START + phaseMs, (nowMs) => called.push(`${phaseMs}@${nowMs - START}`));
  }
  await clock.advance(49);
  called.length = 0;
  await clock.advance(50);
  const rounded = called.map((entry) => entry.replace(/\.\d+$/, ""));
  assert.deepEqual(rounded, [
    ...["0@50", "46@50", "-1000@50"],
    ...["1@55", "5@55", "370@70", "45@95"],
  ]);
});

Deno.test("Ticker lets callbacks end subscriptions, their own and others'", async () => {
  const clock = new ManualClock(START);
  const ticker = new Ticker(clock);
  const called: string[] = [];
  const endFirst = ticker.subscribe(START, () => {
    called.push("first");
    endFirst();
    endSecond();
  });
  const endSecond = ticker.subscribe(START, () => called.push("second"));
  ticker.subscribe(START, () => called.push("third"));
  await clock.advance(60);
  assert.deepEqual(called, ["first", "third", "third"]);
});

Deno.test("Ticker lets callbacks subscribe, and the last one leave and return", async () => {
  const clock = new ManualClock(START);
  const ticker = new Ticker(clock);
  const called: string[] = [];
  const end = ticker.subscribe(START, (nowMs) => {
    called.push("first");
    end();
    ticker.subscribe(nowMs + 10, () => called.push("second"));
  });
  await clock.advance(105);
  assert.deepEqual(called, ["first", "second", "second"]);
  assert.equal(clock.pendingTimers, 1);
});

Deno.test("Ticker takes one callback twice as two subscriptions", async () => {
  const clock = new ManualClock(START);
  const ticker = new Ticker(clock);
  let called = 0;
  const callback = () => called++;
  const ends = [ticker.subscribe(START, callback), ticker.subscribe(START, callback)];
  await clock.advance(49);
  assert.equal(called, 2);
  for (const end of ends) end();
  assert.equal(clock.pendingTimers, 0);
});

Deno.test("Ticker goes on for the others when a callback throws", async () => {
  const clock = new ManualClock(START);
  const ticker = new Ticker(clock);
  let called = 0;
  const end = ticker.subscribe(START, () => {
    throw new Error("one call's bug");
  });
  ticker.subscribe(START + 10, () => called++);
  await assert.rejects(clock.advance(5), /one call's bug/);
  end();
  await clock.advance(100);
  assert.equal(called, 2);
});

Deno.test("Ticker wakes a crowd in two groups, nobody early, none more than 20 ms late, and few in ten", async () => {
  const clock = new ManualClock(START);
  const ticker = new Ticker(clock, { crowd: 20 });
  let called: { phaseMs: number; atMs: number }[] = [];
  const subscribe = (phaseMs: number) =>
    ticker.subscribe(
      START + phaseMs,
      (nowMs) => void called.push({ phaseMs, atMs: nowMs - START }),
    );
  /** When callbacks were called in a second, and how late the latest was. */
  const second = async () => {
    called = [];
    await clock.advance(1000);
    const late = called.map(({ phaseMs, atMs }) => (((atMs - phaseMs) % 50) + 50) % 50);
    const instants = new Set(called.map(({ atMs }) => Math.round(atMs * 10)));
    return { calls: called.length, instants: instants.size, latestMs: Math.max(...late) };
  };
  const few = Array.from({ length: 19 }, (_, index) => subscribe(index * 5));
  await clock.advance(100);
  const alone = await second();
  assert.deepEqual([alone.calls, alone.instants], [380, 200]);
  assert.ok(alone.latestMs < 1e-6, `${alone.latestMs} ms late`);

  const last = subscribe(0);
  await clock.advance(100);
  const crowd = await second();
  assert.deepEqual([crowd.calls, crowd.instants], [400, 40]);
  assert.ok(Math.abs(crowd.latestMs - 20) < 1e-6, `${crowd.latestMs} ms late`);

  last();
  few[0]();
  await clock.advance(100);
  const again = await second();
  assert.deepEqual([again.calls, again.instants], [360, 200]);
});

Deno.test("Ticker.lagMs() of a crowd that has just become one no more is 0", async () => {
  const clock = new ManualClock(START);
  const ticker = new Ticker(clock, { crowd: 3 });
  const called: number[] = [];
  const ends = Array.from({ length: 3 }, () => ticker.subscribe(START + 30, () => called.push(1)));
  await clock.advance(42);
  ends[0]();
  ends[1]();
  ticker.subscribe(START + 45, () => called.push(2));
  assert.equal(ticker.lagMs(clock.now()), 0);
  await clock.advance(8);
  assert.deepEqual(called, [1, 2]);
  await clock.advance(50);
  assert.deepEqual(called, [1, 2, 1, 2]);
  assert.equal(clock.pendingTimers, 1);
});
