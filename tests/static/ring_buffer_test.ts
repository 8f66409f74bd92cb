import assert from "node:assert/strict";
import { LevelMeter } from "../../static/audio/level_meter.js";
import { RingBuffer } from "../../static/audio/ring_buffer.js";

const meter = () => new LevelMeter();

/** The next `count` samples, as 16-bit numbers. */
function take(ring: RingBuffer, count: number): number[] {
  return Array.from({ length: count }, () => Math.round(32768 * ring.shift(meter(), meter())));
}

Deno.test("RingBuffer.write() pushes the oldest out when full, and says how many", () => {
  const ring = new RingBuffer(8);
  assert.equal(ring.write(Int16Array.of(1, 2, 3, 4, 5, 6, 7, 8), 1), 0);
  assert.equal(ring.write(Int16Array.of(9, 10), 1), 2);
  assert.equal(ring.length, 8);
  assert.deepEqual(take(ring, 8), [3, 4, 5, 6, 7, 8, 9, 10]);
  assert.deepEqual(take(ring, 1), [0]);
});

Deno.test("RingBuffer.shift() answers the saturating sum and tells each side its own", () => {
  const ring = new RingBuffer(8);
  ring.write(Int16Array.of(30000, 10000, -30000, -10000, 5, -3), 2);
  const user = meter();
  const bot = meter();
  const mix = [1, 2, 3].map(() => 32768 * ring.shift(user, bot));
  assert.deepEqual(mix, [32767, -32768, 2]);
  assert.equal(user.peak, 30000 / 32768);
  assert.equal(bot.peak, 10000 / 32768);
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
