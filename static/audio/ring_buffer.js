// @ts-check

/**
 * The queue of call audio between the network and the resampler: both sides for the meters, and
 * their saturating sum for the ears. Fixed size; nothing is allocated after construction.
 */
export class RingBuffer {
  #user;
  #bot;
  #mix;
  #mask;
  /** Absolute sample counts; only their difference and their low bits matter. */
  #read = 0;
  #write = 0;
  /** Samples behind the read head that have not been overwritten and may be played again. */
  #past = 0;

  /** @param {number} capacity in samples, a power of two */
  constructor(capacity) {
    if (capacity < 2 || (capacity & (capacity - 1)) !== 0) {
      throw new RangeError(
        `Cannot create ring: capacity must be a power of two, received ${capacity}`,
      );
    }
    this.#user = new Int16Array(capacity);
    this.#bot = new Int16Array(capacity);
    this.#mix = new Float32Array(capacity);
    this.#mask = capacity - 1;
  }

  /** Samples waiting. */
  get length() {
    return this.#write - this.#read;
  }

  /**
   * Copies a frame in. What does not fit pushes the oldest samples out.
   *
   * @param {Int16Array} pcm interleaved when `channels` is 2 (left user, right bot); stays the caller's
   * @param {number} channels 1 or 2
   * @returns {number} samples pushed out
   */
  write(pcm, channels) {
    const count = Math.floor(pcm.length / channels);
    for (let i = 0; i < count; i++) {
      const at = (this.#write + i) & this.#mask;
      const user = pcm[i * channels];
      const bot = channels === 2 ? pcm[i * 2 + 1] : 0;
      this.#user[at] = user;
      this.#bot[at] = bot;
      this.#mix[at] = Math.max(-32768, Math.min(32767, user + bot)) / 32768;
    }
    this.#write += count;
    const lost = Math.max(0, this.length - this.#mask - 1);
    this.#read += lost;
    this.#past = Math.min(this.#past, this.#mask + 1 - this.length);
    return lost;
  }

  /**
   * Takes the oldest sample of the sum, -1 to 1; 0 when nothing waits.
   *
   * @param {import("./level_meter.js").LevelMeter} user is told this side's sample
   * @param {import("./level_meter.js").LevelMeter} bot is told this side's sample
   */
  shift(user, bot) {
    if (this.#read === this.#write) return 0;
    const at = this.#read & this.#mask;
    this.#read++;
    if (this.#past < this.#mask + 1 - this.length) this.#past++;
    user.add(this.#user[at]);
    bot.add(this.#bot[at]);
    return this.#mix[at];
  }

  /**
   * Whether the next `count` samples of the sum all stay below `threshold` (of full scale).
   *
   * @param {number} count
   * @param {number} threshold
   */
  isQuiet(count, threshold) {
    if (this.length < count) return false;
    for (let i = 0; i < count; i++) {
      if (Math.abs(this.#mix[(this.#read + i) & this.#mask]) >= threshold) return false;
    }
    return true;
  }

  /**
   * Moves the read head by `delta` samples, forward to skip or back to repeat, and blends what would
   * have been played into what will be, over `blend` samples.
   *
   * @param {number} delta
   * @param {number} blend
   * @returns {number} the samples moved: 0 when there is not enough to move over
   */
  jump(delta, blend) {
    if (delta === 0 || -delta > this.#past || this.length < Math.max(0, delta) + blend) return 0;
    const from = this.#read;
    const to = from + delta;
    // Going back, the source of the blend lies ahead of what is rewritten, and going forward behind
    // it: this order of the loop reads every sample before it changes.
    for (let step = 0; step < blend; step++) {
      const i = delta > 0 ? blend - 1 - step : step;
      const weight = 0.5 - 0.5 * Math.cos(Math.PI * (i + 0.5) / blend);
      const at = (to + i) & this.#mask;
      this.#mix[at] = this.#mix[(from + i) & this.#mask] * (1 - weight) + this.#mix[at] * weight;
    }
    this.#read = to;
    this.#past = delta > 0 ? 0 : this.#past + delta;
    return delta;
  }

  /** Forgets all but the next `count` samples. @param {number} count */
  keep(count) {
    this.#write = Math.min(this.#write, this.#read + count);
  }

  /** Forgets the next `count` samples. @param {number} count */
  skip(count) {
    this.#read = Math.min(this.#write, this.#read + count);
    this.#past = 0;
  }
}
