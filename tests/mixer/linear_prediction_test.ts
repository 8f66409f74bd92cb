import assert from "node:assert/strict";
import { extrapolate, MAX_HISTORY } from "../../mixer/linear_prediction.ts";
import { noise, tone } from "./tones.ts";

Deno.test("extrapolate() continues tones the way they went", () => {
  const sound = (length: number) => {
    const low = tone(310, 8000, length, 6000);
    const high = tone(1730, 8000, length, 5000);
    return low.map((sample, index) => sample + high[index]);
  };
  const output = new Int16Array(40);
  extrapolate(sound(160), output);
  const expected = sound(200).subarray(160);
  const errors = output.map((sample, index) => Math.abs(sample - expected[index]));
  assert.ok(Math.max(...errors) < 300, `${Math.max(...errors)} off`);
});

Deno.test("extrapolate() stays in range and never grows, whatever came before", () => {
  const output = new Int16Array(4000);
  for (let seed = 1; seed < 50; seed++) {
    const sound = noise(MAX_HISTORY, seed);
    extrapolate(sound, output);
    let peak = 0;
    for (let at = 2000; at < 4000; at++) peak = Math.max(peak, Math.abs(output[at]));
    assert.ok(peak < 32767, `${peak} after a quarter of a second, seed ${seed}`);
  }
  const alternating = new Int16Array(160).map((_, index) => index % 2 === 0 ? 32767 : -32768);
  extrapolate(alternating, output);
  assert.ok(output.every((sample) => sample >= -32768));
});

Deno.test("extrapolate() predicts silence from silence, and little from little", () => {
  const output = new Int16Array(40).fill(9);
  extrapolate(new Int16Array(160), output);
  assert.ok(output.every((sample) => sample === 0));
  for (const length of [0, 1, 2, 3]) {
    output.fill(9);
    extrapolate(new Int16Array(length).fill(1000), output);
    assert.ok(output.every((sample) => Math.abs(sample) <= 1000));
  }
  extrapolate(new Int16Array(160), new Int16Array(0));
});
