// @ts-check

/** A stream whose frames have come no quicker for so long is not catching up any more. */
const STEADY_MS = 400;
/** Quicker by more than this is not jitter. */
const FALL_MS = 20;
/** The sender's clock may run slower than ours by this much. */
const DRIFT = 2e-4;

/**
 * Knows how far the call has got, also while nothing is received: the quickest frame so far tells
 * which time of ours belongs to which position of the call.
 */
export class EdgeClock {
  #baseMs = Infinity;
  #notedMs = 0;
  #fellMs = 0;

  /**
   * A frame came.
   *
   * @param {number} endMs its end, since the call began
   * @param {number} nowMs
   */
  note(endMs, nowMs) {
    const transitMs = nowMs - endMs;
    if (this.#baseMs === Infinity || transitMs < this.#baseMs - FALL_MS) this.#fellMs = nowMs;
    this.#baseMs = Math.min(this.#baseMs + DRIFT * (nowMs - this.#notedMs), transitMs);
    this.#notedMs = nowMs;
  }

  /** Whether any frame has come. */
  get isSet() {
    return this.#baseMs < Infinity;
  }

  /** Since the call began, in ms. @param {number} nowMs */
  at(nowMs) {
    return this.isSet ? nowMs - this.#baseMs : 0;
  }

  /** Whether what comes is new, not the past sent as fast as it goes. @param {number} nowMs */
  isSteady(nowMs) {
    return nowMs - this.#fellMs >= STEADY_MS;
  }
}
