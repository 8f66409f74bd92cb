import assert from "node:assert/strict";

/**
 * Asserts that two long arrays are the same, and says where they differ first. `assert.deepEqual` would
 * print all of the difference, and finding it takes gigabytes.
 */
export function assertSame(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  what: string,
): void {
  assert.equal(actual.length, expected.length, `length of ${what}`);
  for (let index = 0; index < expected.length; index++) {
    if (actual[index] === expected[index]) continue;
    assert.fail(`${what} differs at ${index}: ${actual[index]}, expected ${expected[index]}`);
  }
}
