// @ts-check
import { DelayKeeper } from "./delay_keeper.js";
import { TransitStats } from "./transit_stats.js";

/** Nearer than this to the target is near enough to be live. */
const NEAR_MS = 30;

/**
 * When live sound is to be played: knows how late frames come, and keeps the queue as long as that
 * asks for.
 *
 * Two clocks meet here: the sender's, known by the frames' positions, and the device's, which `nowMs`
 * must be (the audio context's time, not the system's): so the drift between them is seen and
 * followed.
 */
export class LiveTiming {
  #ring;
  #rateHz;
  #stats = new TransitStats();
  #keeper;

  /**
   * @param {import("./playout.js").Playout} playout
   * @param {number} rateHz of its queue
   */
  constructor(playout, rateHz) {
    this.#ring = playout.ring;
    this.#rateHz = rateHz;
    this.#keeper = new DelayKeeper(playout, this.#stats, rateHz);
  }

  /** A numbers-only view. */
  get status() {
    return {
      targetMs: this.#stats.targetMs,
      heldPeakMs: this.#stats.peakMs,
      drift: this.#keeper.speed,
    };
  }

  /** At which the resampler is to run. */
  get speed() {
    return this.#keeper.speed;
  }

  /** Times sound was skipped. */
  get skips() {
    return this.#keeper.skips;
  }

  /** Whether it was not the network that stopped, but the device. */
  get stoodStill() {
    return this.#stats.stoodStill;
  }

  /** How long ago the sound that is next could have come at the quickest. @param {number} nowMs */
  delayMs(nowMs) {
    return nowMs - this.#stats.baseMs - this.#ring.position * 1000 / this.#rateHz;
  }

  /** Whether the sound that is next may be played. @param {number} nowMs */
  isDue(nowMs) {
    return this.delayMs(nowMs) >= this.#stats.targetMs;
  }

  /** Whether no more is in hand than live sound needs. @param {number} nowMs */
  isNear(nowMs) {
    return this.delayMs(nowMs) <= this.#stats.targetMs + NEAR_MS;
  }

  /** A frame came. @param {number} position of its first sample @param {number} nowMs */
  note(position, nowMs) {
    this.#stats.add(nowMs - position * 1000 / this.#rateHz, nowMs);
  }

  /** With every frame that comes while live sound plays. @param {number} nowMs */
  steer(nowMs) {
    if (!this.stoodStill) this.#keeper.steer(this.delayMs(nowMs));
  }

  /** Before the first sound after a pause. @param {number} nowMs */
  begin(nowMs) {
    this.#keeper.beginWith(this.delayMs(nowMs));
  }

  /** Nothing is to be made up for any more: it is played as it is. */
  settle() {
    this.#keeper.reset();
  }

  /** The queue ran dry, and it was the network's fault. */
  caughtOut() {
    this.#stats.holdLonger();
  }

  /** What comes next had to wait, for a reason that is known. */
  interrupt() {
    this.#stats.interrupt();
  }

  /** What comes next cannot be compared with what came before. */
  forget() {
    this.#stats.reset();
  }
}
