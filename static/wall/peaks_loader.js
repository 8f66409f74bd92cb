// @ts-check

/** Requests at the same time: few, so that nothing else waits for them. */
const AT_ONCE = 3;
/** Waveforms that are kept. */
const MOST_KEPT = 300;

/**
 * @typedef {object} Peaks Of both sides, for each pixel: user least, user most, bot least, bot most.
 * @property {ArrayLike<number>} data -128 to 127
 * @property {number} length pixels
 */

/**
 * Loads waveforms when they come into sight, a few at a time, the last wished for first: whoever scrolls
 * sees what is on the screen before what was passed by.
 */
export class PeaksLoader {
  #load;
  /** @type {Map<string, Peaks | null>} */
  #kept = new Map();
  /** @type {Map<string, (peaks: Peaks | null) => void>} */
  #wishes = new Map();
  #running = 0;

  /** @param {(id: string) => Promise<Peaks | null>} load `null` when there is none */
  constructor(load) {
    this.#load = load;
  }

  /** What is here already. @param {string} id */
  get(id) {
    return this.#kept.get(id);
  }

  /**
   * @param {string} id
   * @param {(peaks: Peaks | null) => void} onPeaks called once, unless it is given up
   */
  wish(id, onPeaks) {
    this.#wishes.delete(id);
    this.#wishes.set(id, onPeaks);
    this.#next();
  }

  /** It went out of sight: what is not yet asked for is not needed. @param {string} id */
  giveUp(id) {
    this.#wishes.delete(id);
  }

  /** It is another now. @param {string} id */
  forget(id) {
    this.#kept.delete(id);
  }

  #next() {
    while (this.#running < AT_ONCE) {
      const wish = [...this.#wishes].at(-1);
      if (wish === undefined) return;
      this.#wishes.delete(wish[0]);
      this.#run(...wish);
    }
  }

  /**
   * @param {string} id
   * @param {(peaks: Peaks | null) => void} onPeaks
   */
  async #run(id, onPeaks) {
    this.#running++;
    const peaks = this.#kept.get(id) ?? await this.#load(id).catch(() => null);
    this.#running--;
    this.#kept.delete(id);
    this.#kept.set(id, peaks);
    if (this.#kept.size > MOST_KEPT) this.#kept.delete([...this.#kept.keys()][0]);
    onPeaks(peaks);
    this.#next();
  }
}
