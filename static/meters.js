// @ts-check
/// <reference lib="dom" />

const FLOOR_DB = -60;
const HOLD_MS = 1500;
const FALL_DB_PER_S = 20;
/** How often the numbers are renewed: readable, and calm for screen readers. */
const TEXT_MS = 500;

/** A level from 0 to 1 in dBFS, no lower than the floor. @param {number} level */
function toDb(level) {
  return level <= 0 ? FLOOR_DB : Math.max(FLOOR_DB, 20 * Math.log10(level));
}

/** One side's level: a bar for the RMS, a mark that holds the peak, and the peak as a number. */
export class Meter {
  #element;
  #bar;
  #mark;
  #text;
  #shownDb = FLOOR_DB;
  #peakDb = FLOOR_DB;
  #peakAt = 0;
  #textAt = 0;
  #updatedAt = 0;

  /** @param {HTMLElement} element with a `.bar`, a `.mark` and an `output` inside */
  constructor(element) {
    this.#element = find(element, "[role=meter]");
    this.#bar = find(element, ".bar");
    this.#mark = find(element, ".mark");
    this.#text = find(element, "output");
    this.reset();
  }

  /** Drops to the floor at once: nothing plays, so no report follows that would let it fall. */
  reset() {
    this.#shownDb = this.#peakDb = FLOOR_DB;
    this.#textAt = -Infinity;
    this.update({ peak: 0, rms: 0 }, performance.now());
  }

  /**
   * @param {{ peak: number, rms: number }} level 0 to 1
   * @param {number} nowMs
   */
  update({ peak, rms }, nowMs) {
    const fallDb = (nowMs - this.#updatedAt) / 1000 * FALL_DB_PER_S;
    this.#updatedAt = nowMs;
    // A sine's RMS lies 3 dB below its peak: lifted by that, bar and mark share one scale.
    this.#shownDb = Math.max(toDb(rms * Math.SQRT2), this.#shownDb - fallDb, FLOOR_DB);
    const peakDb = toDb(peak);
    if (peakDb >= this.#peakDb || nowMs - this.#peakAt > HOLD_MS) {
      this.#peakDb = Math.max(peakDb, this.#peakDb - fallDb);
      if (peakDb >= this.#peakDb) this.#peakAt = nowMs;
    }
    this.#bar.style.setProperty("--level", part(this.#shownDb));
    this.#mark.style.setProperty("--level", part(this.#peakDb));
    if (nowMs - this.#textAt < TEXT_MS) return;
    this.#textAt = nowMs;
    const silent = this.#peakDb <= FLOOR_DB;
    const text = silent ? "quiet" : `${this.#peakDb.toFixed(0).replace("-", "\u2212")} dBFS`;
    this.#text.textContent = text;
    this.#element.ariaValueNow = this.#peakDb.toFixed(0);
    this.#element.ariaValueText = text;
  }
}

/** @param {number} db */
function part(db) {
  return (1 - db / FLOOR_DB).toFixed(3);
}

/**
 * @param {HTMLElement} parent
 * @param {string} selector
 */
function find(parent, selector) {
  const element = parent.querySelector(selector);
  if (!(element instanceof HTMLElement)) {
    throw new Error(`Cannot find ${selector}: player.html and its scripts must be of one version`);
  }
  return element;
}
