// @ts-check

/** Frames looked back on: 20 s of 50 ms frames. */
const WINDOW = 400;
/** Frames, and time, after which a transit that stays higher is taken for the new normal. */
const SETTLE = 20;
const SETTLE_MS = 1000;
const STEP_MS = 40;
/**
 * Later than this is an interruption to get over, not jitter to be ready for; so is all that had to
 * wait with it.
 */
const INTERRUPTION_MS = 1000;
const LONGEST_INTERRUPTION_MS = 3000;
const STOOD_STILL_MS = 300;
const MARGIN_MS = 20;
const LOWEST_TARGET_MS = 60;
const HIGHEST_TARGET_MS = 400;
/** Before a second or so has been seen, assume a network like the usual one. */
const FIRST_TARGET_MS = 100;

/**
 * How late frames come, and so how much to keep in the queue.
 *
 * A frame's transit is its arrival minus its place in the call, of which only differences mean
 * anything: lateness is kept relative to the quickest frame of late. The two clocks drift apart, and
 * the way may grow longer; so the base, the transit of the quickest, may rise as well as fall.
 */
export class TransitStats {
  /** Lateness of the last frames in ms, a ring; the newest is just before `#next`. */
  #lateness = new Float64Array(WINDOW);
  #sorted = new Float64Array(WINDOW);
  #size = 0;
  #next = 0;
  /** How many of the newest entries can be compared: those since the way last changed. */
  #spurt = 0;
  #baseMs = 0;
  #untilSettle = 1;
  #interrupted = false;
  /** When the first frame came of those that had to wait. */
  #interruptedMs = Infinity;
  /** Since when every frame has been late. */
  #lateSinceMs = Infinity;
  #nowMs = 0;
  /** How much quicker than ever the frames of this one instant came. */
  #fallenMs = 0;
  #peak = new HeldPeak();
  /** What to keep in the queue: p99 - min + 20 ms, within 60 to 400 ms. */
  targetMs = FIRST_TARGET_MS;

  /** Highest lateness held, interruptions left out. */
  get peakMs() {
    return this.#peak.peakMs;
  }

  /** Frames came quicker than any network gets: it was the clock, and with it the device, that stopped. */
  get stoodStill() {
    return this.#fallenMs > STOOD_STILL_MS;
  }

  /** Transit of the quickest frame: with it, a sample's place tells when it could have come. */
  get baseMs() {
    return this.#baseMs;
  }

  /** What comes next had to wait: its lateness says nothing of the network. */
  interrupt() {
    if (!this.#interrupted) this.#interruptedMs = Infinity;
    this.#interrupted = true;
  }

  /** The network caught us out: what it can do is to be remembered longer. */
  holdLonger() {
    this.#peak.holdLonger();
  }

  reset() {
    this.#spurt = 0;
    this.#untilSettle = 1;
    this.#interrupted = false;
    this.#lateSinceMs = Infinity;
    this.#size = 0;
    this.#fallenMs = 0;
    this.#peak.reset();
    this.targetMs = FIRST_TARGET_MS;
  }

  /**
   * Notes a frame.
   *
   * @param {number} transitMs
   * @param {number} nowMs moves the held peak on
   */
  add(transitMs, nowMs) {
    if (this.#spurt === 0) this.#baseMs = transitMs;
    if (nowMs !== this.#nowMs) this.#fallenMs = 0;
    this.#nowMs = nowMs;
    const lateMs = transitMs - this.#baseMs;
    if (this.#isInterruption(lateMs)) return;
    if (lateMs < 0) {
      if (this.#spurt >= SETTLE) this.#fallenMs -= lateMs;
      this.#rebase(lateMs);
    }
    this.#lateness[this.#next] = Math.max(0, lateMs);
    this.#next = (this.#next + 1) % WINDOW;
    this.#size = Math.min(WINDOW, this.#size + 1);
    this.#spurt = Math.min(WINDOW, this.#spurt + 1);
    this.#peak.note(lateMs, nowMs);
    if (lateMs < STEP_MS) this.#lateSinceMs = nowMs;
    else if (nowMs - this.#lateSinceMs >= SETTLE_MS) this.#followStep();
    if (--this.#untilSettle <= 0) this.#settle();
  }

  /** Unless it does not end: then the way has become that long. @param {number} lateMs */
  #isInterruption(lateMs) {
    if (lateMs < STEP_MS) this.#interrupted = false;
    else if (lateMs >= INTERRUPTION_MS) this.interrupt();
    if (!this.#interrupted) return false;
    this.#interruptedMs = Math.min(this.#interruptedMs, this.#nowMs);
    if (this.#nowMs - this.#interruptedMs >= LONGEST_INTERRUPTION_MS) this.reset();
    return true;
  }

  /** Lateness of the `back`-th newest frame, 1 being the last. @param {number} back */
  #slot(back) {
    return (this.#next - back + WINDOW) % WINDOW;
  }

  /** @param {number} newest how many of the newest frames to look at */
  #smallest(newest) {
    let smallest = Infinity;
    for (let back = 1; back <= newest; back++) {
      smallest = Math.min(smallest, this.#lateness[this.#slot(back)]);
    }
    return smallest;
  }

  /** Moves the base, and with it the lateness of the frames since. @param {number} byMs */
  #rebase(byMs) {
    this.#baseMs += byMs;
    for (let back = 1; back <= this.#spurt; back++) {
      const slot = this.#slot(back);
      this.#lateness[slot] -= byMs;
      if (this.#lateness[slot] < INTERRUPTION_MS) {
        this.#peak.note(this.#lateness[slot], this.#nowMs);
      }
    }
  }

  /** A longer way shows as transit that stays up. */
  #followStep() {
    if (this.#spurt <= SETTLE) return;
    const smallest = this.#smallest(SETTLE);
    if (smallest < STEP_MS) return;
    this.#spurt = SETTLE;
    this.#rebase(smallest);
  }

  /** Every half second: lets the base rise with drift, and sets the target. */
  #settle() {
    this.#untilSettle = 10;
    const smallest = this.#smallest(this.#spurt);
    if (smallest > 0) this.#rebase(smallest);
    for (let i = 0; i < this.#size; i++) this.#sorted[i] = this.#lateness[this.#slot(i + 1)];
    const sorted = this.#sorted.subarray(0, this.#size).sort();
    const p99 = sorted[Math.ceil(0.99 * this.#size) - 1];
    const lowest = this.#size < 2 * SETTLE ? FIRST_TARGET_MS : LOWEST_TARGET_MS;
    this.targetMs = Math.min(HIGHEST_TARGET_MS, Math.max(lowest, p99 + MARGIN_MS));
  }
}

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
class HeldPeak {
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
