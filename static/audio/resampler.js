// @ts-check

/** Taps a phase. 40 at 80 dB leave the pass band flat to 0.43 of the lower of the two rates. */
const TAPS = 40;
const STOPBAND_DB = 80;
/** Between two phases the taps are interpolated; 256 keep that error below -90 dB. */
const PHASES = 256;

/**
 * Brings a call's sound to the device's rate with a polyphase Kaiser FIR whose ratio may move while
 * it runs: the read position is a real number, so any ratio is as good as any other.
 */
export class Resampler {
  #taps;
  #table;
  /** Twice the taps, each sample written twice, so that the newest taps always lie in one piece. */
  #line;
  #newest = 0;
  #phase = 1;
  #nominalStep;

  /**
   * @param {number} inputRateHz
   * @param {number} outputRateHz
   */
  constructor(inputRateHz, outputRateHz) {
    this.#nominalStep = inputRateHz / outputRateHz;
    // Going down (a wideband call on a narrowband headset) the filter widens by the ratio.
    this.#taps = 2 * Math.ceil(TAPS / 2 * Math.max(1, this.#nominalStep));
    this.#table = designPhases(this.#taps, Math.min(1, 1 / this.#nominalStep));
    this.#line = new Float32Array(2 * this.#taps);
  }

  /** By how many input samples the sound lags behind what was read. */
  get delaySamples() {
    return this.#taps / 2;
  }

  /** Input samples an output frame takes at `speed`. @param {number} speed */
  step(speed) {
    return this.#nominalStep * speed;
  }

  /**
   * Begins anew with silence before and the next input right after it, so that the first output frame
   * is the first input sample: a fade that begins there meets the edge at its very foot.
   *
   * @param {() => number} read answers the next input sample
   */
  begin(read) {
    this.#line.fill(0);
    for (let i = 0; i < this.delaySamples; i++) this.#take(read());
    this.#phase = 1;
  }

  /** @param {number} sample */
  #take(sample) {
    this.#newest = (this.#newest + 1) % this.#taps;
    this.#line[this.#newest] = this.#line[this.#newest + this.#taps] = sample;
  }

  /**
   * Fills `out[from]` up to, not including, `out[to]`.
   *
   * @param {() => number} read answers the next input sample
   * @param {number} speed 1 is the nominal ratio, 1.005 reads the input 0.5 % faster
   * @param {Float32Array} out
   * @param {number} from
   * @param {number} to
   */
  process(read, speed, out, from, to) {
    const taps = this.#taps;
    const table = this.#table;
    const line = this.#line;
    const step = this.#nominalStep * speed;
    for (let i = from; i < to; i++) {
      while (this.#phase >= 1) {
        this.#take(read());
        this.#phase -= 1;
      }
      const place = this.#phase * PHASES;
      const row = Math.floor(place);
      let lower = 0;
      let upper = 0;
      for (let k = 0, at = row * taps, x = this.#newest + 1; k < taps; k++, at++, x++) {
        lower += table[at] * line[x];
        upper += table[at + taps] * line[x];
      }
      out[i] = lower + (upper - lower) * (place - row);
      this.#phase += step;
    }
  }
}

/**
 * The taps of every phase, oldest sample first, each phase summing to 1.
 *
 * @param {number} taps
 * @param {number} cutoff as a fraction of the input's Nyquist frequency
 */
function designPhases(taps, cutoff) {
  const beta = 0.1102 * (STOPBAND_DB - 8.7);
  const table = new Float32Array((PHASES + 1) * taps);
  const row = new Float64Array(taps);
  for (let phase = 0; phase <= PHASES; phase++) {
    let sum = 0;
    for (let k = 0; k < taps; k++) {
      const t = k - (taps / 2 - 1) - phase / PHASES;
      const edge = Math.max(0, 1 - (2 * t / taps) ** 2);
      const sinc = t === 0 ? 1 : Math.sin(Math.PI * cutoff * t) / (Math.PI * cutoff * t);
      row[k] = sinc * besselI0(beta * Math.sqrt(edge));
      sum += row[k];
    }
    for (let k = 0; k < taps; k++) table[phase * taps + k] = row[k] / sum;
  }
  return table;
}

/** Modified Bessel function of the first kind, order 0, by its power series. @param {number} x */
function besselI0(x) {
  let sum = 1;
  let term = 1;
  for (let k = 1; term > sum * 1e-12; k++) {
    term *= (x / (2 * k)) ** 2;
    sum += term;
  }
  return sum;
}
