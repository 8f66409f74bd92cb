/**
 * The outline of a recording, for drawing it: the least and the greatest sample of every 12.5 ms.
 *
 * One pixel is four signed bytes: user min, user max, bot min, bot max, each a sample's upper 8 bits
 * (`sample >> 8`), as audiowaveform's 8-bit format has them.
 *
 * @module
 */

/** Pixels of one frame of 50 ms at base resolution. */
export const PIXELS_PER_FRAME = 4;

/** Bytes of a pixel, and values of it. */
export const PIXEL_BYTES = 4;

const PIXELS_PER_SECOND = 80;

/** Samples per channel that one pixel of base resolution covers: 100 at 8 kHz, 200 at 16 kHz. */
export function samplesPerPixel(sampleRate: number): number {
  return Math.max(1, Math.round(sampleRate / PIXELS_PER_SECOND));
}

/** How many pixels `samples` take; the last may cover less than a whole one. */
export function pixelsOf(samples: number, sampleRate: number): number {
  return Math.ceil(samples / samplesPerPixel(sampleRate));
}

/** Values that the peaks of so many samples take. */
export function peakBytesOf(samples: number, sampleRate: number): number {
  return PIXEL_BYTES * pixelsOf(samples, sampleRate);
}

/**
 * Puts the peaks of `count` sample pairs of `stereo`, from pair `from` on, into `output` at value
 * `at`. The first pixel begins with the first pair.
 *
 * @param stereo interleaved: left the user, right the bot
 * @param perPixel pairs that one pixel covers
 * @returns where the next pixel goes
 */
export function computePeaks(
  stereo: Int16Array,
  from: number,
  count: number,
  perPixel: number,
  output: Int8Array,
  at: number,
): number {
  const end = from + count;
  for (let start = from; start < end; start += perPixel) {
    const stop = Math.min(end, start + perPixel);
    let userMin = 32767;
    let userMax = -32768;
    let botMin = 32767;
    let botMax = -32768;
    for (let i = 2 * start; i < 2 * stop; i += 2) {
      const user = stereo[i];
      const bot = stereo[i + 1];
      if (user < userMin) userMin = user;
      if (user > userMax) userMax = user;
      if (bot < botMin) botMin = bot;
      if (bot > botMax) botMax = bot;
    }
    output[at++] = userMin >> 8;
    output[at++] = userMax >> 8;
    output[at++] = botMin >> 8;
    output[at++] = botMax >> 8;
  }
  return at;
}
