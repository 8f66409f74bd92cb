/**
 * The low-pass filters of the resampler: Kaiser-windowed sincs, cut into one row of coefficients
 * for each position an output sample can have between two input samples.
 *
 * @module
 */

/** What lies in the stop band is attenuated by this much: 80 dB are promised, the rest is margin. */
const ATTENUATION_DB = 84;

/** Kaiser's shape parameter for that attenuation. */
const BETA = 0.1102 * (ATTENUATION_DB - 8.7);

/** Coefficients a filter may have (512 KiB); ratios that would need more are interpolated. */
const MAX_COEFFICIENTS = 65536;

/** Rows of an interpolated filter per input sample at the narrower rate: its error is below -96 dB. */
const INTERPOLATED_ROWS = 256;

/** Filters kept for the next call with the same rates; the least recently used goes first. */
const MAX_CACHED_FILTERS = 16;

/** A filter for one pair of rates. Shared: nobody may write to it. */
export interface PolyphaseFilter {
  /** Output sample `n` lies at input sample `n * step / phases`, in lowest terms. */
  readonly step: number;
  readonly phases: number;
  /** Coefficients per row, a multiple of four; half of them for input at or before the output. */
  readonly taps: number;
  /**
   * Rows per input sample. Equal to `phases`, or fewer: then the outputs of two neighbouring rows
   * are interpolated linearly, and there is one more row at the end.
   */
  readonly rows: number;
  /** Row after row of `taps` coefficients; each row sums to 1. */
  readonly coefficients: Float64Array;
}

const cache = new Map<string, PolyphaseFilter>();

/**
 * The filter from one rate to another, in Hz, designed at the first request. It is flat to 85 % of
 * the narrower rate's band (87.5 % from 16 kHz up: 3.4 of 4 kHz, 7 of 8 kHz) and silent from the
 * band's end on, so that nothing aliases, not even into the transition band.
 */
export function polyphaseFilter(inputRateHz: number, outputRateHz: number): PolyphaseFilter {
  const key = `${inputRateHz}:${outputRateHz}`;
  const filter = cache.get(key) ?? design(inputRateHz, outputRateHz);
  cache.delete(key);
  cache.set(key, filter);
  if (cache.size > MAX_CACHED_FILTERS) cache.delete(cache.keys().next().value!);
  return filter;
}

function design(inputRateHz: number, outputRateHz: number): PolyphaseFilter {
  const divisor = greatestCommonDivisor(inputRateHz, outputRateHz);
  const phases = outputRateHz / divisor;
  const narrowRateHz = Math.min(inputRateHz, outputRateHz);
  const stopHz = narrowRateHz / 2;
  const passHz = stopHz * (narrowRateHz < 16000 ? 0.85 : 0.875);

  // Kaiser's estimate of the length, made a multiple of four for the unrolled inner loop.
  const length = (ATTENUATION_DB - 7.95) * inputRateHz / (14.36 * (stopHz - passHz));
  const taps = 4 * Math.ceil(length / 4);
  const half = taps / 2;
  // In half cycles per input sample: 1 is the input's own band edge.
  const cutoff = (passHz + stopHz) / inputRateHz;

  const isExact = phases * taps <= MAX_COEFFICIENTS;
  // A low cutoff makes a smooth impulse response, which needs fewer rows.
  const rows = isExact ? phases : Math.ceil(INTERPOLATED_ROWS * narrowRateHz / inputRateHz);
  const rowCount = isExact ? rows : rows + 1;
  const coefficients = new Float64Array(rowCount * taps);
  for (let row = 0; row < rowCount; row++) {
    const coefficientsOfRow = coefficients.subarray(row * taps, (row + 1) * taps);
    let sum = 0;
    for (let tap = 0; tap < taps; tap++) {
      const distance = tap - (half - 1) - row / rows;
      sum += coefficientsOfRow[tap] = sinc(cutoff * distance) * kaiser(distance / half);
    }
    for (let tap = 0; tap < taps; tap++) coefficientsOfRow[tap] /= sum;
  }
  return { step: inputRateHz / divisor, phases, taps, rows, coefficients };
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}

function sinc(x: number): number {
  return x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
}

/** The Kaiser window on -1..1, not normalised; 0 at the ends, so that every row is symmetric. */
function kaiser(x: number): number {
  return Math.abs(x) >= 1 ? 0 : besselI0(BETA * Math.sqrt(1 - x * x));
}

/** Modified Bessel function of the first kind, order 0, by its power series. */
function besselI0(x: number): number {
  let sum = 1;
  let term = 1;
  for (let n = 1; term > sum * 1e-12; n++) {
    term *= (x / (2 * n)) ** 2;
    sum += term;
  }
  return sum;
}
