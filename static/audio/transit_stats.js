// @ts-check

import { HeldPeak } from "./held_peak.js";

/** Frames looked back on: 20 s of 50 ms frames. */
const WINDOW = 400;
/** Frames after which a transit that stays higher is taken for the new normal. */
const SETTLE = 20;
const STEP_MS = 40;
/** Later than this is an interruption to get over, not jitter to be ready for. */
const INTERRUPTION_MS = 1000;
const STOOD_STILL_MS = 300;
const MARGIN_MS = 20;
const LOWEST_TARGET_MS = 60;
const HIGHEST_TARGET_MS = 400;
/** Before a second or so has been seen, assume a network like the usual one. */
const FIRST_TARGET_MS = 100;

/**
 * How late frames come, and so how much to keep in the queue.
 *
 * A frame's transit is its arrival minus its place in the stream, of which only differences mean
 * anything. During silence nothing is sent and the stream carries no positions, so the place is known
 * only within a spurt (frames sent without a pause). Hence lateness is kept relative to the quickest
 * frame of the same spurt: every spurt aligns itself by its own best frame.
 */
export class TransitStats {
  /** Lateness of the last frames in ms, a ring; the newest is just before `#next`. */
  #lateness = new Float64Array(WINDOW);
  #sorted = new Float64Array(WINDOW);
  #size = 0;
  #next = 0;
  /** How many of the newest entries belong to the spurt under way. */
  #spurt = 0;
  #baseMs = 0;
  #firstMs = 0;
  #untilSettle = 1;
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

  /** Lateness of the first frame of the spurt under way, as far as is known by now. */
  get firstLatenessMs() {
    return this.#firstMs;
  }

  /** The network caught us out: what it can do is to be remembered longer. */
  holdLonger() {
    this.#peak.holdLonger();
  }

  /** The next frame comes after a pause: its transit cannot be compared with those before. */
  startSpurt() {
    this.#spurt = 0;
    this.#untilSettle = 1;
  }

  reset() {
    this.startSpurt();
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
   * @returns {number} how late it is, in ms, against the quickest of its spurt
   */
  add(transitMs, nowMs) {
    if (this.#spurt === 0) {
      this.#baseMs = transitMs;
      this.#firstMs = 0;
    }
    if (nowMs !== this.#nowMs) this.#fallenMs = 0;
    this.#nowMs = nowMs;
    const lateMs = transitMs - this.#baseMs;
    if (lateMs < 0) {
      if (this.#spurt >= SETTLE) this.#fallenMs -= lateMs;
      this.#rebase(lateMs);
    }
    this.#lateness[this.#next] = Math.max(0, lateMs);
    this.#next = (this.#next + 1) % WINDOW;
    this.#size = Math.min(WINDOW, this.#size + 1);
    this.#spurt = Math.min(WINDOW, this.#spurt + 1);
    this.#notePeak(lateMs);
    if (lateMs >= STEP_MS) this.#followStep();
    if (--this.#untilSettle <= 0) this.#settle();
    return transitMs - this.#baseMs;
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

  /** Moves the spurt's base, and with it the lateness of its frames. @param {number} byMs */
  #rebase(byMs) {
    this.#baseMs += byMs;
    this.#firstMs -= byMs;
    for (let back = 1; back <= this.#spurt; back++) {
      const slot = this.#slot(back);
      this.#lateness[slot] -= byMs;
      this.#notePeak(this.#lateness[slot]);
    }
  }

  /** @param {number} lateMs */
  #notePeak(lateMs) {
    if (lateMs < INTERRUPTION_MS) this.#peak.note(lateMs, this.#nowMs);
  }

  /** A pause too short to empty the queue, or a longer way: both show as transit that stays up. */
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
