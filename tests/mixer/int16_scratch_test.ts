import assert from "node:assert/strict";
import { Int16Scratch } from "../../mixer/int16_scratch.ts";

Deno.test("Int16Scratch.take() answers exactly the length asked for", () => {
  const scratch = new Int16Scratch();
  for (const length of [0, 1, 160, 3, 0, 16383, 16384, 16385, 160]) {
    assert.equal(scratch.take(length).length, length);
  }
});

Deno.test("Int16Scratch.take() answers the same array for the same length", () => {
  const scratch = new Int16Scratch();
  const array = scratch.take(160);
  assert.equal(scratch.take(160), array);
  assert.equal(scratch.take(100).buffer, array.buffer);
});

Deno.test("Int16Scratch.take() keeps 16384 samples and no more", () => {
  const scratch = new Int16Scratch();
  const kept = scratch.take(16384);
  const large = scratch.take(16385);
  assert.notEqual(large.buffer, kept.buffer);
  assert.notEqual(scratch.take(16385).buffer, large.buffer);
  assert.equal(scratch.take(16384), kept);
});

Deno.test("Int16Scratch.takeFromBytes() reads little-endian samples from any byte on", () => {
  const scratch = new Int16Scratch();
  const message = Uint8Array.of(9, 1, 0, 255, 255, 0, 128);
  assert.deepEqual([...scratch.takeFromBytes(message.subarray(1))], [1, -1, -32768]);
  const large = new Uint8Array(1 + 2 * 20000);
  large[large.length - 1] = 1;
  const samples = scratch.takeFromBytes(large.subarray(1));
  assert.deepEqual([samples.length, samples[19998], samples[19999]], [20000, 0, 256]);
});
