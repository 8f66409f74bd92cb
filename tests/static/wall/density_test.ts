import assert from "node:assert/strict";
import { isDense } from "../../../static/wall/fitting.js";

Deno.test("isDense() makes cards small when far too many are there, and large when all fit", () => {
  const screen = { width: 90, height: 56 }; // 5 columns of 4.
  assert.deepEqual([20, 30, 31, 200].map((count) => isDense(count, screen, false)), [
    false,
    false,
    true,
    true,
  ]);
  assert.deepEqual([31, 21, 20].map((count) => isDense(count, screen, true)), [true, true, false]);
  assert.ok(!isDense(1, { width: 10, height: 10 }, false));
});
