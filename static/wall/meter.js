// @ts-check

/** Quieter than this shows nothing. */
const FLOOR_DB = -60;
/** How fast a level falls that is not held up, in dB for each message: 60 dB in a second. */
const FALL_DB = 6;

/** The part of a meter that a level fills, 0 to 1. @param {number} db dBFS */
function fill(db) {
  return Math.min(1, Math.max(0, 1 - db / FLOOR_DB));
}

/**
 * One side's level on a card: rises at once and falls evenly. Moves an existing element and nothing else,
 * and only when there is something to see.
 */
export class Meter {
  #style;
  #db = FLOOR_DB;
  #shown = 0;

  /** @param {{ style: { transform: string } }} bar as wide as the scale */
  constructor({ style }) {
    this.#style = style;
  }

  /**
   * @param {number} db the peak since the last time, dBFS
   * @returns {boolean} whether it still has to fall
   */
  update(db) {
    this.#db = Math.max(db, this.#db - FALL_DB, FLOOR_DB);
    const filled = Math.round(fill(this.#db) * 100) / 100;
    if (filled !== this.#shown) {
      this.#shown = filled;
      this.#style.transform = `scaleX(${filled})`;
    }
    return this.#db > FLOOR_DB;
  }

  /** Shows nothing, at once. */
  reset() {
    this.#db = FLOOR_DB;
    this.update(FLOOR_DB);
  }
}
