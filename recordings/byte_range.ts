/** A part of a recording's bytes or pixels, `end` exclusive; `start` is never above `end`. */
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
  return clamp(length, "startByte", start, "endByte", end);
}

/**
 * The part of `length` pixels that `start` and `end` (exclusive) select; what lies beyond is left out.
 *
 * @throws {RangeError} when a bound is negative or not an integer
 */
export function clampPixelRange(length: number, start = 0, end = length): ByteRange {
  return clamp(length, "startPixel", start, "endPixel", end);
}

function clamp(
  length: number,
  startName: string,
  start: number,
  endName: string,
  end: number,
): ByteRange {
  checkBound(startName, start);
  checkBound(endName, end);
  const last = Math.min(end, length);
  return { start: Math.min(start, last), end: last };
}

function checkBound(name: string, bound: number): void {
  if (Number.isSafeInteger(bound) && bound >= 0) return;
  throw new RangeError(
    `Cannot read recording: ${name} must be a non-negative integer, received ${bound}`,
  );
}
