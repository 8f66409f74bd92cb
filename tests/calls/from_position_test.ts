import assert from "node:assert/strict";
import { fromPosition } from "../../calls/from_position.ts";

Deno.test("fromPosition() answers the frame that holds the moment, or the nearest that there is", () => {
  const extent = { sampleRate: 8000, frameSamples: 400, begin: 8000, edge: 80_000 };
  for (
    const [seconds, position] of [
      [2, 16_000],
      [2.0499, 16_000],
      [2.05, 16_400],
      [0, 8000],
      [9.99, 79_600],
      [10, 80_000],
      [999_999, 80_000],
      [-1, 72_000],
      [-0.001, 79_600],
      [-9.5, 8000],
      [-999_999, 8000],
    ]
  ) {
    assert.equal(fromPosition(seconds, extent), position, `${seconds} s`);
  }
});
