// @ts-check

const FIRST_HOLD_MS = 60_000;
const LONGEST_HOLD_MS = 32 * FIRST_HOLD_MS;
/** How fast it comes down once released, in ms a second: as fast as the speed control can follow. */
const RELEASE = 5;
/** Reaching this part of the peak again renews it. */
const RENEW_AT = 0.75;

/**
 * The worst lateness of late, held for a minute and then released slowly. Each time the network
 * catches us out, the hold doubles: a network with a heavy tail is remembered, one hiccup is not.
 */
export class HeldPeak {
  #peakMs = 0;
  #holdMs = FIRST_HOLD_MS;
  #untilMs = 0;
  #noted = 0;

  /** The peak as of the last {@linkcode note}. */
  get peakMs() {
    return this.#peakMs;
  }

  /**
   * @param {number} lateMs
   * @param {number} nowMs
   */
  note(lateMs, nowMs) {
    const releasedMs = nowMs - Math.max(this.#noted, this.#untilMs);
    if (releasedMs > 0) this.#peakMs = Math.max(0, this.#peakMs - releasedMs * RELEASE / 1000);
    this.#noted = nowMs;
    if (lateMs >= RENEW_AT * this.#peakMs) this.#untilMs = nowMs + this.#holdMs;
    this.#peakMs = Math.max(this.#peakMs, lateMs);
  }

  holdLonger() {
    this.#holdMs = Math.min(LONGEST_HOLD_MS, 2 * this.#holdMs);
    this.#untilMs = this.#noted + this.#holdMs;
  }

  reset() {
    this.#peakMs = 0;
    this.#holdMs = FIRST_HOLD_MS;
  }
}
