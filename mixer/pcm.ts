/**
 * Arithmetic on 16-bit PCM. All functions write into arrays of the caller and allocate nothing.
 *
 * @module
 */

/** Lowest level that is reported, in dBFS. */
export const FLOOR_DBFS = -90;

/** Below this root mean square a stretch of audio counts as silence: -50 dBFS. */
const SILENCE_RMS = 32768 * 10 ** (-50 / 20);

/**
 * Adds two signals at unity gain, limited to the 16-bit range, into `output`. All three arrays have
 * the same length; `output` may be one of the inputs.
 */
export function mixSaturating(a: Int16Array, b: Int16Array, output: Int16Array): void {
  for (let index = 0; index < output.length; index++) {
    const sum = a[index] + b[index];
    output[index] = sum > 32767 ? 32767 : sum < -32768 ? -32768 : sum;
  }
}

/** Whether the samples from `from` up to `to` (exclusive) are silence: RMS below -50 dBFS. */
export function isSilence(samples: Int16Array, from = 0, to = samples.length): boolean {
  const limit = SILENCE_RMS * SILENCE_RMS * (to - from);
  let energy = 0;
  for (let index = from; index < to; index++) energy += samples[index] * samples[index];
  return energy <= limit;
}

const fadeGains = new Map<number, Float32Array>();

/**
 * Gains of a raised-cosine fade-out over `length` samples, from just below 1 to just above 0; read
 * backwards it is a fade-in. Shared: do not write to it.
 */
export function raisedCosine(length: number): Float32Array {
  let gains = fadeGains.get(length);
  if (gains === undefined) {
    gains = new Float32Array(length);
    for (let index = 0; index < length; index++) {
      gains[index] = 0.5 * (1 + Math.cos((Math.PI * (index + 0.5)) / length));
    }
    // A call has one of two rates and two fade lengths, so the cache holds four tables at most.
    fadeGains.set(length, gains);
  }
  return gains;
}
