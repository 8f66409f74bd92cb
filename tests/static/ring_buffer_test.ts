import assert from "node:assert/strict";
import { RingBuffer } from "../../static/audio/ring_buffer.js";

/** The next `count` samples of the left side. */
function take(ring: RingBuffer, count: number): number[] {
  return Array.from({ length: count }, () => {
    ring.shift();
    return ring.user;
  });
}

Deno.test("RingBuffer.write() pushes the oldest out when full, and says how many", () => {
  const ring = new RingBuffer(8);
  assert.equal(ring.write(Int16Array.of(1, 2, 3, 4, 5, 6, 7, 8), 1), 0);
  assert.equal(ring.write(Int16Array.of(9, 10), 1), 2);
  assert.equal(ring.length, 8);
  assert.deepEqual(take(ring, 8), [3, 4, 5, 6, 7, 8, 9, 10]);
  assert.deepEqual(take(ring, 1), [0]);
});

Deno.test("RingBuffer.shift() takes both sides in step, and counts positions", () => {
  const ring = new RingBuffer(8);
  ring.write(Int16Array.of(30000, 10000, -30000, -10000, 5, -3), 2, 100);
  assert.equal(ring.position, 100);
  const taken = [1, 2, 3, 4].map(() => [ring.shift(), ring.user, ring.bot]);
  const first = [[true, 30000, 10000], [true, -30000, -10000], [true, 5, -3]];
  assert.deepEqual(taken, [...first, [false, 0, 0]]);
  assert.equal(ring.position, 103);
});

Deno.test("RingBuffer.write() leaves out what is here already, and begins a run after a hole", () => {
  const ring = new RingBuffer(16);
  ring.write(Int16Array.of(1, 2, 3, 4), 1, 10);
  ring.write(Int16Array.of(3, 4, 5, 6), 1, 12);
  assert.deepEqual([ring.run, ring.end], [6, 16]);
  ring.write(Int16Array.of(9), 1, 20);
  assert.deepEqual([ring.run, ring.length, ring.end], [6, 7, 21]);
  assert.deepEqual(take(ring, 7), [1, 2, 3, 4, 5, 6, 0]);
  ring.nextRun();
  assert.equal(ring.position, 20);
  assert.deepEqual(take(ring, 2), [9, 0]);
});

Deno.test("RingBuffer.keep() makes room for a place before", () => {
  const ring = new RingBuffer(16);
  ring.write(Int16Array.of(1, 2, 3, 4, 5), 1, 100);
  ring.keep(2);
  ring.write(Int16Array.of(7, 8), 1, 50);
  assert.deepEqual(take(ring, 3), [1, 2, 0]);
  ring.nextRun();
  assert.equal(ring.position, 50);
  assert.deepEqual(take(ring, 2), [7, 8]);
});

Deno.test("RingBuffer.rewind() takes back what was taken, as far as it is here", () => {
  const ring = new RingBuffer(16);
  ring.write(Int16Array.of(1, 2, 3, 4, 5), 1, 100);
  take(ring, 3);
  ring.rewind(2);
  assert.equal(ring.position, 101);
  ring.rewind(5);
  assert.deepEqual(take(ring, 5), [1, 2, 3, 4, 5]);
});

Deno.test("RingBuffer holds a bounded number of runs, the newest", () => {
  const ring = new RingBuffer(256);
  for (let n = 0; n < 100; n++) ring.write(Int16Array.of(n), 1, 10 * n);
  assert.equal(ring.length, 65);
  assert.equal(ring.position, 350);
});

for (const delta of [3, 20, -3, -20]) {
  Deno.test(`RingBuffer.jump() by ${delta} blends the old way into the new`, () => {
    const ring = new RingBuffer(128);
    ring.write(Int16Array.from({ length: 100 }, (_, i) => 100 * i), 1);
    take(ring, 40);
    assert.equal(ring.jump(delta, 8), delta);
    const expected = Array.from({ length: 30 }, (_, i) => {
      const weight = i >= 8 ? 1 : 0.5 - 0.5 * Math.cos(Math.PI * (i + 0.5) / 8);
      return Math.round(100 * ((40 + i) * (1 - weight) + (40 + delta + i) * weight));
    });
    assert.deepEqual(take(ring, 30), expected);
  });
}

Deno.test("RingBuffer.jump() stays where it is when there is nothing to go to", () => {
  const ring = new RingBuffer(16);
  ring.write(new Int16Array(10), 1);
  assert.equal(ring.jump(4, 8), 0);
  assert.equal(ring.jump(-1, 4), 0);
  take(ring, 2);
  assert.equal(ring.jump(-2, 4), -2);
});

Deno.test("RingBuffer.keep() and skip() forget the end and the beginning", () => {
  const ring = new RingBuffer(16);
  ring.write(Int16Array.of(1, 2, 3, 4, 5), 1);
  ring.keep(4);
  ring.skip(1);
  assert.equal(ring.length, 3);
  assert.deepEqual(take(ring, 3), [2, 3, 4]);
  ring.skip(100);
  assert.equal(ring.length, 0);
});

Deno.test("RingBuffer refuses a capacity that is no power of two", () => {
  assert.throws(() => new RingBuffer(100), /power of two, received 100/);
});
