import assert from "node:assert/strict";
import { ManualClock } from "../../mixer/clock.ts";
import { TickedStream } from "../../mixer/ticked_stream.ts";
import { Ticker } from "../../mixer/ticker.ts";

/** Gives a number every 50 ms, the n-th one at n * 50. */
class Counter {
  readonly clock = new ManualClock(1000);
  readonly ticker = new Ticker(this.clock);
  given = 0;
  last = Infinity;
  readonly stream = new TickedStream<number>(this.ticker, 1000, {
    next: (nowMs) => {
      if (this.given >= this.last || 1000 + (this.given + 1) * 50 > nowMs) return undefined;
      return ++this.given;
    },
    ended: () => this.given >= this.last,
  });
}

Deno.test("TickedStream gives each chunk when it is due", async () => {
  const { clock, stream } = new Counter();
  const got: [number, number][] = [];
  const reading = (async () => {
    for await (const chunk of stream.readable) got.push([chunk, clock.now() - 1000]);
  })();
  await clock.advance(220);
  assert.deepEqual(got, [[1, 50], [2, 100], [3, 150], [4, 200]]);
  clock.stall(500);
  await clock.advance(20);
  assert.equal(got.length, 14, "what fell due in a stall follows at once");
  void reading;
});

Deno.test("TickedStream does not run ahead of a reader that stops reading", async () => {
  const counter = new Counter();
  const reader = counter.stream.readable.getReader();
  await counter.clock.advance(5000);
  assert.equal(counter.given, 0, "nothing is made before it is wanted");
  for (let n = 1; n <= 50; n++) {
    assert.deepEqual(await reader.read(), { done: false, value: n });
    await counter.clock.advance(0);
    assert.equal(counter.given, n);
  }
});

Deno.test("TickedStream closes when its source has ended, and leaves the ticker", async () => {
  const counter = new Counter();
  const { clock, stream } = counter;
  const reader = stream.readable.getReader();
  await clock.advance(20);
  const read = reader.read();
  counter.last = 0;
  stream.wake(clock.now());
  assert.deepEqual(await read, { done: true, value: undefined });
  assert.equal(clock.pendingTimers, 0);
  stream.wake(clock.now());
});

Deno.test("TickedStream that nobody reads yet keeps its last chunk and its end for later", async () => {
  const counter = new Counter();
  counter.last = 1;
  await counter.clock.advance(500);
  const reader = counter.stream.readable.getReader();
  assert.deepEqual(await reader.read(), { done: false, value: 1 });
  assert.deepEqual(await reader.read(), { done: true, value: undefined });
  assert.equal(counter.clock.pendingTimers, 0);
});

Deno.test("TickedStream leaves the ticker when its reader cancels", async () => {
  const counter = new Counter();
  await counter.clock.advance(120);
  const reader = counter.stream.readable.getReader();
  await reader.read();
  await reader.cancel();
  assert.equal(counter.clock.pendingTimers, 0);
  counter.stream.wake(counter.clock.now());
});

Deno.test("TickedStream hands a source's error to its reader, not to the ticker", async () => {
  for (const failsOnTick of [true, false]) {
    const clock = new ManualClock(0);
    const ticker = new Ticker(clock);
    let others = 0;
    const stream = new TickedStream<number>(ticker, 0, {
      next: (nowMs) => {
        if (nowMs >= 100 || !failsOnTick) throw new Error("broken source");
        return undefined;
      },
      ended: () => false,
    });
    ticker.subscribe(0, () => others++);
    const read = assert.rejects(stream.readable.getReader().read(), /broken source/);
    await clock.advance(300);
    await read;
    assert.ok(others >= 6, "the others go on");
    stream.wake(clock.now());
  }
});
