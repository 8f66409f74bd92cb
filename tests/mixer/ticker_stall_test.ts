import assert from "node:assert/strict";
import { ManualClock } from "../../mixer/clock.ts";
import { Ticker } from "../../mixer/ticker.ts";

const START = 12_345.678;

Deno.test("Ticker yields once after a stall, then calls each subscriber once", async () => {
  const clock = new ManualClock(START);
  const ticker = new Ticker(clock);
  const calls = [0, 0, 0];
  [0, 10, 20].forEach((ms, i) => ticker.subscribe(START + ms, () => calls[i]++));
  await clock.advance(1000);
  calls.fill(0);
  clock.stall(2000);
  await clock.advance(14);
  assert.deepEqual(calls, [0, 0, 0], "messages that wait in the sockets come first");
  await clock.advance(1);
  assert.deepEqual(calls, [1, 1, 1]);
  await clock.advance(50);
  assert.deepEqual(calls, [2, 2, 2]);
});

Deno.test("Ticker does not yield when it is less than 20 ms late", async () => {
  const clock = new ManualClock(START);
  const ticker = new Ticker(clock);
  const called: number[] = [];
  ticker.subscribe(START, (nowMs) => called.push(nowMs - START));
  await clock.advance(49);
  clock.stall(20.5);
  await clock.advance(0);
  assert.deepEqual(called.map(Math.round), [0, 70]);
});

Deno.test("Ticker.subscribe() while a late wake-up yields does not hasten it", async () => {
  const clock = new ManualClock(START);
  const ticker = new Ticker(clock);
  const called: string[] = [];
  ticker.subscribe(START, () => called.push("old"));
  await clock.advance(40);
  called.length = 0;
  clock.stall(300);
  await clock.advance(1);
  ticker.subscribe(START + 340, () => called.push("new"));
  await clock.advance(13);
  assert.deepEqual(called, []);
  await clock.advance(1);
  assert.deepEqual(called.sort(), ["new", "old"]);
});

Deno.test("Ticker still yields after everybody left during a yield", async () => {
  const clock = new ManualClock(START);
  const ticker = new Ticker(clock);
  const end = ticker.subscribe(START, () => {});
  clock.stall(300);
  await clock.advance(1);
  end();
  assert.equal(clock.pendingTimers, 0);
  let called = 0;
  ticker.subscribe(START, () => called++);
  clock.stall(300);
  await clock.advance(14);
  assert.equal(called, 0);
  await clock.advance(1);
  assert.equal(called, 1);
});

Deno.test("Ticker.lagMs() is what the next wake-up is overdue, and for 200 ms what the last one was", async () => {
  const clock = new ManualClock(START);
  const ticker = new Ticker(clock);
  const lag = () => Math.round(ticker.lagMs(clock.now()));
  assert.equal(lag(), 0, "nobody subscribes");
  ticker.subscribe(START, () => {});
  await clock.advance(49);
  assert.equal(lag(), 0);
  clock.stall(301);
  assert.equal(lag(), 300, "before the timer has run");
  await clock.advance(0);
  assert.equal(lag(), 300, "while it yields");
  await clock.advance(15);
  assert.equal(lag(), 315, "just after");
  await clock.advance(200);
  assert.equal(lag(), 315);
  await clock.advance(1);
  assert.equal(lag(), 0);
});

Deno.test("Ticker.lagMs() tells of a second stall that hits while the first one's wake-up yields", async () => {
  const clock = new ManualClock(START);
  const ticker = new Ticker(clock);
  ticker.subscribe(START, () => {});
  await clock.advance(0);
  clock.stall(150);
  await clock.advance(1);
  clock.stall(400);
  await clock.advance(1);
  assert.ok(ticker.lagMs(clock.now()) >= 400, `${ticker.lagMs(clock.now())} ms`);
});
