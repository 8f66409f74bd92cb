// @ts-check

/** Taps a phase. 40 at 80 dB leave the pass band flat to 0.43 of the lower of the two rates. */
const TAPS = 40;
const STOPBAND_DB = 80;
/** Between two phases the taps are interpolated; 256 keep that error below -90 dB. */
const PHASES = 256;

/**
 * @typedef {object} Source What is resampled: two sides in step.
 * @property {() => unknown} take moves on to the next sample of both
 * @property {number} user the sample it moved to
 * @property {number} bot
 */

/**
 * Brings both sides of a call to the device's rate, in step, with a polyphase Kaiser FIR whose ratio may move while
 * it runs: the read position is a real number, so any ratio is as good as any other.
 */
export class Resampler {
  #taps;
  #table;
  /** Twice the taps, each sample written twice, so that the newest taps always lie in one piece. */
  #user;
  #bot;
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
    this.#user = new Float32Array(2 * this.#taps);
    this.#bot = new Float32Array(2 * this.#taps);
  }

  /** Samples taken before the first output frame of them is there. */
  get delaySamples() {
    return this.#taps / 2;
  }

  /** By how many input samples the next output frame lies behind the next sample that is taken. */
  get lag() {
    return this.delaySamples + 1 - this.#phase;
  }

  /** Input samples an output frame takes at `speed`. @param {number} speed */
  step(speed) {
    return this.#nominalStep * speed;
  }

  /**
   * Begins anew with silence before and the next input right after it, so that the first output frame
   * is the first input sample: a fade that begins there meets the edge at its very foot.
   *
   * @param {Source} source
   */
  begin(source) {
    this.#user.fill(0);
    this.#bot.fill(0);
    for (let i = 0; i < this.delaySamples; i++) this.#take(source);
    this.#phase = 1;
  }

  /** @param {Source} source */
  #take(source) {
    source.take();
    this.#newest = (this.#newest + 1) % this.#taps;
    this.#user[this.#newest] = this.#user[this.#newest + this.#taps] = source.user;
    this.#bot[this.#newest] = this.#bot[this.#newest + this.#taps] = source.bot;
  }

  /**
   * Fills `user[from]` up to, not including, `user[to]`, and `bot` likewise.
   *
   * @param {Source} source
   * @param {number} speed 1 is the nominal ratio, 1.005 reads the input 0.5 % faster
   * @param {Float32Array} user
   * @param {Float32Array} bot
   * @param {number} from
   * @param {number} to
   */
  process(source, speed, user, bot, from, to) {
    const taps = this.#taps;
    const table = this.#table;
    const userLine = this.#user;
    const botLine = this.#bot;
    const step = this.#nominalStep * speed;
    for (let i = from; i < to; i++) {
      while (this.#phase >= 1) {
        this.#take(source);
        this.#phase -= 1;
      }
      const place = this.#phase * PHASES;
      const row = Math.floor(place);
      const between = place - row;
      let userSum = 0;
      let botSum = 0;
      for (let k = 0, at = row * taps, x = this.#newest + 1; k < taps; k++, at++, x++) {
        const tap = table[at] + (table[at + taps] - table[at]) * between;
        userSum += tap * userLine[x];
        botSum += tap * botLine[x];
      }
      user[i] = userSum;
      bot[i] = botSum;
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
