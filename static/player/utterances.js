// @ts-check

/** -36 dBFS: above the noise of a line, below anybody's speech. */
export const SPEECH_PEAK = 2;
/** A shorter silence is a breath within an utterance. */
const BREATH_PIXELS = 12;
/** This soon after an utterance's beginning, the one before it is meant. */
const AGAIN_PIXELS = 30;

/**
 * Where a side began what it said last before a pixel, or the utterance before that when the pixel
 * lies within 1.5 s of its beginning: so pressing twice goes back twice.
 *
 * @param {import("./peak_store.js").PeakStore} peaks
 * @param {import("./peak_store.js").Side} side
 * @param {number} before pixel
 * @param {number} [earliest] pixel of the first sound that can be heard
 * @returns {number | undefined} its pixel; none when the side has said nothing
 */
export function lastUtterance(peaks, side, before, earliest = 0) {
  const start = utteranceBefore(peaks, side, before, earliest);
  if (start === undefined || before - start > AGAIN_PIXELS) return start;
  return utteranceBefore(peaks, side, start, earliest) ?? start;
}

/**
 * @param {import("./peak_store.js").PeakStore} peaks
 * @param {import("./peak_store.js").Side} side
 * @param {number} before
 * @param {number} earliest
 */
function utteranceBefore(peaks, side, before, earliest) {
  let pixel = Math.min(before, peaks.length) - 1;
  const speaks = () => peaks.loudest(side, pixel, pixel + 1) >= SPEECH_PEAK;
  while (pixel >= earliest && !speaks()) pixel--;
  if (pixel < earliest) return undefined;
  let start = pixel;
  for (; pixel >= earliest && start - pixel <= BREATH_PIXELS; pixel--) if (speaks()) start = pixel;
  return start;
}
