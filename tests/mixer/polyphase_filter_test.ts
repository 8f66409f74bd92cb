import assert from "node:assert/strict";
import { polyphaseFilter } from "../../mixer/polyphase_filter.ts";

Deno.test("polyphaseFilter() shares one filter among equal pairs of rates", () => {
  assert.equal(polyphaseFilter(24000, 8000), polyphaseFilter(24000, 8000));
  assert.notEqual(polyphaseFilter(24000, 8000), polyphaseFilter(24000, 16000));
});

Deno.test("polyphaseFilter() keeps the 16 filters used last", () => {
  const kept = polyphaseFilter(9000, 8000);
  const dropped = polyphaseFilter(9001, 8000);
  polyphaseFilter(9000, 8000);
  for (let i = 0; i < 15; i++) polyphaseFilter(10000 + 1000 * i, 16000);
  assert.equal(polyphaseFilter(9000, 8000), kept);
  assert.notEqual(polyphaseFilter(9001, 8000), dropped);
});

Deno.test("polyphaseFilter() has at most 65536 coefficients whatever the rates", () => {
  for (const outputRateHz of [8000, 16000]) {
    for (let inputRateHz = 8000; inputRateHz <= 48000; inputRateHz += 577) {
      const { coefficients, taps, rows } = polyphaseFilter(inputRateHz, outputRateHz);
      const rates = `${inputRateHz} to ${outputRateHz}`;
      assert.ok(coefficients.length <= 65536, `${rates}: ${coefficients.length} coefficients`);
      assert.ok(taps % 4 === 0 && coefficients.length >= rows * taps, rates);
    }
  }
});

Deno.test("polyphaseFilter() passes a constant unchanged in every row", () => {
  for (const [inputRateHz, outputRateHz] of [[44100, 8000], [37123, 16000]]) {
    const { coefficients, taps } = polyphaseFilter(inputRateHz, outputRateHz);
    for (let row = 0; row < coefficients.length; row += taps) {
      const sum = coefficients.subarray(row, row + taps).reduce((a, b) => a + b, 0);
      assert.ok(Math.abs(sum - 1) < 1e-12, `row ${row / taps} sums to ${sum}`);
    }
  }
});

Deno.test("polyphaseFilter() gives rows that mirror each other: the phase is linear", () => {
  const { coefficients, taps, rows } = polyphaseFilter(22050, 16000);
  for (let row = 1; row < rows; row++) {
    const mirror = (rows - row) * taps;
    for (let tap = 0; tap < taps; tap++) {
      const difference = coefficients[row * taps + tap] - coefficients[mirror + taps - 1 - tap];
      assert.ok(Math.abs(difference) < 1e-12, `row ${row}, tap ${tap}`);
    }
  }
});
