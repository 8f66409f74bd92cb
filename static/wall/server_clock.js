// @ts-check

/** What a greeting may take from the server to here. */
const TOLERANCE_MS = 3000;

/**
 * The server's wall clock as far as this page can know it. How long something lasts is told by it and
 * never by the browser's own clock, which may be wrong by hours.
 *
 * Every time the server writes is at most its present, so the latest one seen, and the time passed here
 * since, is the best guess: right to what the quickest message took.
 */
export class ServerClock {
  #now;
  /** Server's time less ours. */
  #offsetMs = -Infinity;

  /** @param {() => number} now monotonic, in ms */
  constructor(now) {
    this.#now = now;
  }

  /**
   * Begins anew when it was wrong: the server's clock was set, or this machine slept.
   *
   * @param {number} serverMs its time when it greeted
   */
  check(serverMs) {
    if (Math.abs(serverMs - this.now()) > TOLERANCE_MS) this.#offsetMs = -Infinity;
    this.observe(serverMs);
  }

  /** @param {number} serverMs a time the server has just written, in ms since the epoch */
  observe(serverMs) {
    if (!Number.isFinite(serverMs)) return;
    this.#offsetMs = Math.max(this.#offsetMs, serverMs - this.#now());
  }

  /** The server's time, in ms since the epoch; before anything was observed, -Infinity. */
  now() {
    return this.#now() + this.#offsetMs;
  }

  /** Time passed since the server's `atMs`, in s, never negative. @param {number} atMs */
  secondsSince(atMs) {
    return Math.max(0, (this.now() - atMs) / 1000);
  }
}
