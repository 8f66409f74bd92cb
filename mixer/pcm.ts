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

/** Levels of a stretch of audio; owned by the caller and reused from frame to frame. */
export interface Levels {
  /** Largest magnitude of a sample, in dBFS; 0 is full scale, {@linkcode FLOOR_DBFS} silence. */
  peakDbfs: number;
  /** Root mean square in dBFS; a full-scale sine reads -3.01. */
  rmsDbfs: number;
  /** Samples at either limit of the 16-bit range. */
  clipped: number;
}

/** Measures `samples` into `levels`. */
export function measureLevels(samples: Int16Array, levels: Levels): void {
  let peak = 0;
  let energy = 0;
  let clipped = 0;
  for (let index = 0; index < samples.length; index++) {
    const sample = samples[index];
    const magnitude = sample < 0 ? -sample : sample;
    if (magnitude > peak) peak = magnitude;
    if (magnitude >= 32767) clipped++;
    energy += sample * sample;
  }
  levels.peakDbfs = decibels(peak);
  levels.rmsDbfs = samples.length === 0 ? FLOOR_DBFS : decibels(Math.sqrt(energy / samples.length));
  levels.clipped = clipped;
}

function decibels(amplitude: number): number {
  if (amplitude <= 0) return FLOOR_DBFS;
  return Math.max(FLOOR_DBFS, 20 * Math.log10(amplitude / 32768));
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
