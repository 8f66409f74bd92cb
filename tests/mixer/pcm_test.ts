import assert from "node:assert/strict";
import { isSilence, mixSaturating, raisedCosine } from "../../mixer/pcm.ts";
import { tone } from "./tones.ts";

Deno.test("mixSaturating() adds at unity gain and stops at both limits", () => {
  const a = Int16Array.of(0, 1, 32767, 32767, -32768, -32768, 20000, -20000, 32767);
  const b = Int16Array.of(0, -2, 0, 1, -1, 32767, 20000, -20000, -32768);
  const sum = new Int16Array(a.length);
  mixSaturating(a, b, sum);
  assert.deepEqual([...sum], [0, -1, 32767, 32767, -32768, -1, 32767, -32768, -1]);
});

Deno.test("mixSaturating() may write into one of its inputs", () => {
  const a = Int16Array.of(1, 2, 3);
  mixSaturating(a, Int16Array.of(10, 20, 30), a);
  assert.deepEqual([...a], [11, 22, 33]);
  const b = Int16Array.of(1, 2, 3);
  mixSaturating(Int16Array.of(10, 20, 30), b, b);
  assert.deepEqual([...b], [11, 22, 33]);
});

Deno.test("isSilence() draws the line at -50 dBFS root mean square", () => {
  const amplitude = 32768 * 10 ** (-50 / 20) * Math.SQRT2;
  assert.ok(isSilence(tone(1000, 8000, 800, amplitude * 0.98)));
  assert.ok(!isSilence(tone(1000, 8000, 800, amplitude * 1.02)));
  assert.ok(isSilence(new Int16Array(10).fill(8)), "A-law idle");
  assert.ok(isSilence(new Int16Array(0)));
});

Deno.test("isSilence() looks at the stretch it is given alone", () => {
  const samples = new Int16Array(300).fill(9000, 100, 200);
  assert.ok(isSilence(samples, 0, 100));
  assert.ok(!isSilence(samples, 100, 200));
  assert.ok(isSilence(samples, 200));
  assert.ok(!isSilence(samples));
});

Deno.test("raisedCosine() falls from 1 to 0, and with its reverse adds up to 1", () => {
  for (const length of [1, 40, 80, 160]) {
    const gains = raisedCosine(length);
    assert.equal(gains.length, length);
    for (let index = 0; index < length; index++) {
      assert.ok(gains[index] > 0 && gains[index] < 1);
      if (index > 0) assert.ok(gains[index] < gains[index - 1]);
      assert.ok(Math.abs(gains[index] + gains[length - 1 - index] - 1) < 1e-6);
    }
    assert.equal(raisedCosine(length), gains, "one table, shared");
  }
  assert.equal(raisedCosine(0).length, 0);
});
