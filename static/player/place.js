// @ts-check

/** A report is not taken further than this: then the sound itself stands still. */
const LONGEST_GUESS_MS = 200;
/** A jump is shown at once, and for so long at most before reports from before it count again. */
const JUMP_MS = 500;
/** The sound has arrived when it is this near. */
const NEAR_SECONDS = 1;

/** Where in the call the ear is, between one report and the next. */
export class Place {
  /** @type {number | undefined} */
  #seconds;
  /** Seconds of the call that go by in a second. */
  #pace = 0;
  #notedMs = 0;
  #jumpTo = 0;
  #jumpUntilMs = 0;

  /**
   * The sound has told where it is.
   *
   * @param {{ playing: boolean, position: number, sampleRate: number, speed: number }} status
   * @param {number} nowMs
   */
  note({ playing, position, sampleRate, speed }, nowMs) {
    // What was discarded for a device that slept has no place: it is where it was.
    if (position > 0) this.#seconds = position / sampleRate;
    this.#pace = playing && position > 0 ? speed : 0;
    this.#notedMs = nowMs;
    const away = Math.abs(this.#jumpTo - (this.#seconds ?? Infinity));
    if (away <= NEAR_SECONDS) this.#jumpUntilMs = 0;
  }

  /** Somebody has gone elsewhere, and the sound will follow. @param {number} seconds @param {number} nowMs */
  jump(seconds, nowMs) {
    this.#jumpTo = seconds;
    this.#jumpUntilMs = nowMs + JUMP_MS;
  }

  /** Seconds into the call, or `undefined` until the sound has told for the first time. @param {number} nowMs */
  at(nowMs) {
    if (nowMs < this.#jumpUntilMs) return this.#jumpTo;
    if (this.#seconds === undefined) return undefined;
    return this.#seconds + Math.min(LONGEST_GUESS_MS, nowMs - this.#notedMs) / 1000 * this.#pace;
  }
}
