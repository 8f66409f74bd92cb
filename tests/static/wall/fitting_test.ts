import assert from "node:assert/strict";
import { Fitting } from "../../../static/wall/fitting.js";

/** Fits one number of cards after the other on a screen measured in letters of 20 pixels. */
function fitted(counts: number[], width: number, height: number) {
  const dataset: { density?: string } = {};
  const size = () => ({ width: 20 * width, height: 20 * height });
  const fitting = new Fitting({
    dataset,
    size,
    letter: () => dataset.density === "dense" ? 10 : 20,
  });
  return counts.map((count) => {
    fitting.fit(count);
    return dataset.density;
  });
}

Deno.test("Fitting.fit() makes cards small when far too many are there, and large when all fit", () => {
  const [rem90, rem56] = [90, 56]; // 5 columns of 4.
  assert.deepEqual(fitted([20, 30, 31, 200], rem90, rem56), ["roomy", "roomy", "dense", "dense"]);
  assert.deepEqual(fitted([31, 21, 20], rem90, rem56), ["dense", "dense", "roomy"]);
  assert.deepEqual(fitted([1], 10, 10), ["roomy"]);
});
