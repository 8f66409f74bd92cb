// @ts-check

/** How far the sound may leap at a time: a pitch period of any voice fits into the difference. */
const SHORTEST_LEAP_MS = 10;
const LONGEST_LEAP_MS = 25;
/** The leap is hidden in a blend of this length; it is also what is compared to find the leap. */
const BLEND_MS = 8;
/** Every second sample will do to compare speech, and costs a quarter. */
const STRIDE = 2;

/**
 * Plays faster without changing the pitch: sound is taken as it is, and every now and then the read
 * head leaps ahead to where the wave looks most like what would have come (WSOLA with segments as
 * long as they can be). Both sides leap together. At speed 1 nothing is touched.
 */
export class TimeStretch {
  #ring;
  #shortest;
  #longest;
  #blend;
  /** What comes next, both sides together: as far as a leap can reach. */
  #wave;
  #speed = 1;
  /** Samples to be taken before the next leap. */
  #left = 0;

  /**
   * @param {import("./ring_buffer.js").RingBuffer} ring
   * @param {number} rateHz of the queue
   */
  constructor(ring, rateHz) {
    this.#ring = ring;
    this.#shortest = Math.round(SHORTEST_LEAP_MS * rateHz / 1000);
    this.#longest = Math.round(LONGEST_LEAP_MS * rateHz / 1000);
    this.#blend = Math.round(BLEND_MS * rateHz / 1000);
    this.#wave = new Float64Array(this.#longest + this.#blend);
  }

  get speed() {
    return this.#speed;
  }

  /** @param {number} speed 1 to 2 */
  set speed(speed) {
    const left = this.#speed > 1 ? this.#left * (this.#speed - 1) : 0;
    this.#speed = Math.max(1, Math.min(2, speed));
    this.#left = this.#speed > 1 ? Math.round(left / (this.#speed - 1)) : 0;
  }

  /** What a leap leaves waiting at least. */
  get blendSamples() {
    return this.#blend;
  }

  /** To be called after every sample that is taken from the queue. */
  taken() {
    if (this.#speed === 1 || --this.#left > 0) return;
    // At the end of what is here there is nowhere to leap to: it is made up for later.
    if (this.#ring.run < this.#longest + this.#blend) return;
    const leap = this.#bestLeap();
    this.#ring.jump(leap, this.#blend);
    this.#left += Math.round(leap / (this.#speed - 1));
    // Of what could not be made up for, no more than a moment is owed.
    this.#left = Math.max(this.#left, this.#blend);
  }

  /** The leap after which the wave goes on most alike: the highest normalised correlation. */
  #bestLeap() {
    const wave = this.#wave;
    for (let i = 0; i < wave.length; i++) wave[i] = this.#ring.sum(i);
    let best = this.#longest;
    let highest = 0;
    for (let leap = this.#longest; leap >= this.#shortest; leap -= STRIDE) {
      const alike = this.#likeness(leap);
      if (alike > highest) {
        highest = alike;
        best = leap;
      }
    }
    return this.#likeness(best - 1) > highest ? best - 1 : best;
  }

  /** Squared normalised correlation, 0 where the two run against each other. @param {number} leap */
  #likeness(leap) {
    const wave = this.#wave;
    let product = 0;
    let energy = 1;
    for (let i = 0; i < this.#blend; i += STRIDE) {
      const ahead = wave[leap + i];
      product += wave[i] * ahead;
      energy += ahead * ahead;
    }
    return product <= 0 ? 0 : product * product / energy;
  }
}
