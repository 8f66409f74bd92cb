// @ts-check

/** Runs that can wait at once; more come only from a sender that is out of its mind. */
const MAX_SEAMS = 64;

/**
 * The queue of call audio between the network and the ear: both sides, in step, and the position of
 * every sample in the call. Positions go on by one within a run; a seam lies between two runs.
 * Fixed size.
 */
export class RingBuffer {
  #user;
  #bot;
  #mask;
  /** Absolute sample counts; only their difference and their low bits matter. */
  #read = 0;
  #write = 0;
  /** Samples behind the read head that have not been overwritten and may be played again. */
  #past = 0;
  /** Position of the read head, and the one that would go on after the newest sample. */
  #position = 0;
  #end = 0;
  #anew = false;
  /** The last {@linkcode jump}: by how much, and how many samples were taken since. */
  lastJump = 0;
  sinceJump = Infinity;
  /** @type {{ at: number, position: number }[]} where later runs begin; `at` counts as `#write` */
  #seams = [];
  /** Last sample taken of the left side, or of the one channel there is: -32768 to 32767. */
  user = 0;
  /** Last sample taken of the right side. */
  bot = 0;

  /** @param {number} capacity in samples, a power of two */
  constructor(capacity) {
    if (capacity < 2 || (capacity & (capacity - 1)) !== 0) {
      throw new RangeError(
        `Cannot create ring: capacity must be a power of two, received ${capacity}`,
      );
    }
    this.#user = new Int16Array(capacity);
    this.#bot = new Int16Array(capacity);
    this.#mask = capacity - 1;
  }

  /** Samples waiting, all runs together. */
  get length() {
    return this.#write - this.#read;
  }

  /** Samples waiting in the run that is being read. */
  get run() {
    return (this.#seams.length > 0 ? this.#seams[0].at : this.#write) - this.#read;
  }

  /** Position in the call of the next sample that {@linkcode shift} takes. */
  get position() {
    return this.#position;
  }

  /** Position after the newest sample. */
  get end() {
    return this.#end;
  }

  /**
   * Copies a frame in. What is already here is left out, and what does not fit pushes the oldest
   * samples out.
   *
   * @param {Int16Array} pcm interleaved when `channels` is 2 (left user, right bot); stays the caller's
   * @param {number} channels 1 or 2
   * @param {number} [position] of its first sample; left out, it follows what came before
   * @returns {number} samples pushed out
   */
  write(pcm, channels, position = this.#end) {
    const count = Math.floor(pcm.length / channels);
    const known = this.#anew ? 0 : Math.max(0, Math.min(count, this.#end - position));
    if (this.#anew || position > this.#end) this.#beginRun(position);
    for (let i = known; i < count; i++) {
      const at = this.#write++ & this.#mask;
      this.#user[at] = pcm[i * channels];
      this.#bot[at] = channels === 2 ? pcm[i * 2 + 1] : 0;
    }
    this.#end += count - known;
    const lost = Math.max(0, this.length - this.#mask - 1);
    this.#advance(lost);
    this.#past = Math.min(this.#past, this.#mask + 1 - this.length);
    return lost;
  }

  /** @param {number} position */
  #beginRun(position) {
    this.#anew = false;
    this.#end = position;
    if (this.length === 0) {
      this.#position = position;
      this.#past = 0;
      return;
    }
    if (this.#seams.length === MAX_SEAMS) this.nextRun();
    this.#seams.push({ at: this.#write, position });
  }

  /** @param {number} count */
  #advance(count) {
    if (count > 0) this.sinceJump = Infinity;
    this.#read += count;
    this.#position += count;
    while (this.#seams.length > 0 && this.#seams[0].at <= this.#read) {
      const { at, position } =
        /** @type {{ at: number, position: number }} */ (this.#seams.shift());
      this.#position = position + this.#read - at;
      this.#past = 0;
    }
  }

  /**
   * Takes the oldest sample of both sides into `user` and `bot`; zeros at the end of the run.
   *
   * @returns {boolean} whether there was one
   */
  shift() {
    if (this.run === 0) {
      this.user = this.bot = 0;
      return false;
    }
    const at = this.#read & this.#mask;
    this.user = this.#user[at];
    this.bot = this.#bot[at];
    this.#read++;
    this.#position++;
    this.sinceJump++;
    if (this.#past < this.#mask + 1 - this.length) this.#past++;
    return true;
  }

  /** Goes on to the next run, if one waits; what is left of this one is forgotten. */
  nextRun() {
    this.#advance(this.run);
    this.#past = 0;
  }

  /** The sum of both sides `offset` samples ahead. @param {number} offset less than `run` */
  sum(offset) {
    const at = (this.#read + offset) & this.#mask;
    return this.#user[at] + this.#bot[at];
  }

  /**
   * Whether the next `count` samples all stay below `threshold`, both sides together.
   *
   * @param {number} count
   * @param {number} threshold of 32768
   */
  isQuiet(count, threshold) {
    if (this.run < count) return false;
    for (let i = 0; i < count; i++) {
      const at = (this.#read + i) & this.#mask;
      if (Math.abs(this.#user[at]) + Math.abs(this.#bot[at]) >= threshold) return false;
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
    if (delta === 0 || -delta > this.#past || this.run < Math.max(0, delta) + blend) return 0;
    // Going back, the source of the blend lies ahead of what is rewritten, and going forward behind
    // it: this order of the loop reads every sample before it changes.
    for (let step = 0; step < blend; step++) {
      const i = delta > 0 ? blend - 1 - step : step;
      const weight = 0.5 - 0.5 * Math.cos(Math.PI * (i + 0.5) / blend);
      const from = (this.#read + i) & this.#mask;
      const to = (this.#read + delta + i) & this.#mask;
      this.#user[to] = Math.round(this.#user[from] * (1 - weight) + this.#user[to] * weight);
      this.#bot[to] = Math.round(this.#bot[from] * (1 - weight) + this.#bot[to] * weight);
    }
    this.#read += delta;
    this.#position += delta;
    this.#past = delta > 0 ? 0 : this.#past + delta;
    this.lastJump = delta;
    this.sinceJump = 0;
    return delta;
  }

  /** Goes back so that what was taken is taken again. @param {number} count at most what is still here */
  rewind(count) {
    const back = Math.min(count, this.#past);
    this.#read -= back;
    this.#position -= back;
    this.#past -= back;
  }

  /** Forgets the next `count` samples. @param {number} count */
  skip(count) {
    this.#advance(Math.min(this.length, count));
    this.#past = 0;
  }

  /**
   * Forgets all but the next `count` samples; what comes then is a run of its own.
   *
   * @param {number} count
   */
  keep(count) {
    this.#write = this.#read + Math.min(this.run, count);
    this.#seams.length = 0;
    this.#anew = true;
  }
}
