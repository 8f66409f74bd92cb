/** A part of a recording's bytes, `end` exclusive; `start` is never above `end`. */
export interface ByteRange {
  start: number;
  end: number;
}

/**
 * The part of `length` bytes that `start` and `end` (exclusive) select; what lies beyond is left out.
 *
 * @throws {RangeError} when a bound is negative or not an integer
 */
export function clampByteRange(length: number, start = 0, end = length): ByteRange {
  for (const [name, bound] of [["startByte", start], ["endByte", end]] as const) {
    if (!Number.isSafeInteger(bound) || bound < 0) {
      throw new RangeError(
        `Cannot read recording: ${name} must be a non-negative integer, received ${bound}`,
      );
    }
  }
  const last = Math.min(end, length);
  return { start: Math.min(start, last), end: last };
}
