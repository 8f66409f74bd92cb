import assert from "node:assert/strict";
import { SequenceWindow } from "../../mixer/sequence_window.ts";

Deno.test("SequenceWindow.isRepeated() tells repeated numbers from reordered ones", () => {
  const window = new SequenceWindow();
  const order = [0, 1, 3, 2, 2, 3, 4, 0, 1023, 1022, 1023];
  assert.deepEqual(order.map((n) => window.isRepeated(n)), [
    ...[false, false, false, false, true, true],
    ...[false, true, false, false, true],
  ]);
});

Deno.test("SequenceWindow.isRepeated() remembers the last 1024 numbers", () => {
  const window = new SequenceWindow();
  for (let n = 5000; n < 6024; n++) assert.equal(window.isRepeated(n), false);
  for (let n = 5000; n < 6024; n++) assert.equal(window.isRepeated(n), true);
  assert.equal(window.isRepeated(6024), false);
  assert.equal(window.isRepeated(5001), true);
});

Deno.test("SequenceWindow.reset() forgets all numbers, 0 included", () => {
  const window = new SequenceWindow();
  window.reset();
  assert.equal(window.isRepeated(0), false);
  assert.equal(window.isRepeated(7), false);
  window.reset();
  assert.equal(window.isRepeated(7), false);
  assert.equal(window.isRepeated(0), false);
});
