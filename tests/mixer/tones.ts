/** Making and measuring tones, for tests of what a filter does to them. */

/** A sine of `hz` with a peak of `amplitude`, rounded to 16 bits. */
export function tone(hz: number, rateHz: number, length: number, amplitude = 32000): Int16Array {
  return Int16Array.from(
    { length },
    (_, i) => Math.round(amplitude * Math.sin(2 * Math.PI * hz * i / rateHz)),
  );
}

/** The sine of one frequency that fits samples best, and what is left without it. */
export interface ToneFit {
  readonly amplitude: number;
  /** Against the sine that is 0 at sample 0, in radians from -pi to pi. */
  readonly phase: number;
  readonly residualRms: number;
}

/** Least-squares fit over the samples from `from` to `to` (exclusive). */
export function fitTone(
  samples: Int16Array,
  hz: number,
  rateHz: number,
  from = 0,
  to = samples.length,
): ToneFit {
  const angle = (i: number) => 2 * Math.PI * hz * i / rateHz;
  let ss = 0, sc = 0, cc = 0, xs = 0, xc = 0;
  for (let i = from; i < to; i++) {
    const s = Math.sin(angle(i)), c = Math.cos(angle(i));
    ss += s * s;
    sc += s * c;
    cc += c * c;
    xs += samples[i] * s;
    xc += samples[i] * c;
  }
  const determinant = ss * cc - sc * sc;
  const a = (xs * cc - xc * sc) / determinant;
  const b = (xc * ss - xs * sc) / determinant;
  let energy = 0;
  for (let i = from; i < to; i++) {
    energy += (samples[i] - a * Math.sin(angle(i)) - b * Math.cos(angle(i))) ** 2;
  }
  return {
    amplitude: Math.hypot(a, b),
    phase: Math.atan2(b, a),
    residualRms: Math.sqrt(energy / (to - from)),
  };
}

/** Root mean square of the samples from `from` to `to` (exclusive). */
export function rms(samples: Int16Array, from = 0, to = samples.length): number {
  let energy = 0;
  for (let i = from; i < to; i++) energy += samples[i] ** 2;
  return Math.sqrt(energy / (to - from));
}

/** Ratio of two levels in dB. */
export function decibels(level: number, reference: number): number {
  return 20 * Math.log10(level / reference);
}

/** Numbers from 0 to 1 (exclusive) that a seed determines (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Noise over all 16 bits that a seed determines. */
export function noise(length: number, seed: number): Int16Array {
  const random = seededRandom(seed);
  return Int16Array.from({ length }, () => Math.floor(65536 * random()) - 32768);
}
