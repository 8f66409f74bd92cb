// @ts-check

/** From here on a sample counts as clipped, as on the server. */
const CLIP = 32767;

/** Peak, power and clips of one side since it was last read, from 16-bit samples. */
export class LevelMeter {
  #peak = 0;
  #energy = 0;
  #count = 0;
  #clips = 0;

  /** @param {number} sample -32768 to 32767 */
  add(sample) {
    const size = sample < 0 ? -sample : sample;
    if (size > this.#peak) this.#peak = size;
    if (size >= CLIP) this.#clips++;
    this.#energy += size * size;
    this.#count++;
  }

  /** Highest sample since the last {@linkcode reset}, 0 to 1. */
  get peak() {
    return this.#peak / 32768;
  }

  /** Root mean square since the last {@linkcode reset}, 0 to 1: a full-scale sine reads 0.707. */
  get rms() {
    return this.#count === 0 ? 0 : Math.sqrt(this.#energy / this.#count) / 32768;
  }

  /** Samples at full scale since the last {@linkcode reset}. */
  get clips() {
    return this.#clips;
  }

  reset() {
    this.#peak = 0;
    this.#energy = 0;
    this.#count = 0;
    this.#clips = 0;
  }
}
