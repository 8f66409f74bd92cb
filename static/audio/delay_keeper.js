// @ts-check
import { SpeedControl } from "./speed_control.js";

/** Length of every blend of one place of the queue into another. */
const BLEND_MS = 5;
/** At most this much is cut or repeated at a time, where nothing is being said. */
const QUIET_STEP_MS = 10;
const QUIET_PEAK = 0.004;
/** Above the worst seen: the fade needs 5 ms in hand, and the device reads in blocks. */
const PEAK_MARGIN_MS = 10;
/** Off by this much, quiet passages are shortened or lengthened. */
const CUT_ABOVE_MS = 40;
const STRETCH_BELOW_MS = 20;
/** Off by this much, sound is skipped wherever it is. */
const SKIP_ABOVE_MS = 600;
/** A skip is heard: it must be worth it. */
const SKIP_WORTH_MS = 100;

/**
 * Brings the delay back to where it should be, by the gentlest means that will do: a speed nobody
 * hears, then a cut or a repeat where nobody speaks, and only then a skip.
 */
export class DelayKeeper {
  #ring;
  #stats;
  #rateHz;
  #speed = new SpeedControl();
  /** Times sound was skipped. */
  skips = 0;

  /**
   * @param {import("./ring_buffer.js").RingBuffer} ring the queue, which is cut and lengthened
   * @param {import("./transit_stats.js").TransitStats} stats
   * @param {number} rateHz of the queue
   */
  constructor(ring, stats, rateHz) {
    this.#ring = ring;
    this.#stats = stats;
    this.#rateHz = rateHz;
  }

  /** At which the queue is to be read: 1 is nominal, more is faster. */
  get speed() {
    return this.#speed.speed;
  }

  reset() {
    this.#speed.reset();
  }

  /** Before the first sound after a pause: skips what is too old. @param {number} delayMs */
  beginWith(delayMs) {
    if (delayMs <= this.#skipAboveMs) return;
    this.#ring.skip(this.#samples(delayMs - this.#highestMs));
    this.skips++;
  }

  /**
   * With every frame that comes while the sound plays.
   *
   * @param {number} delayMs between the quickest way a frame could have come and its being played
   */
  steer(delayMs) {
    const highestMs = this.#highestMs;
    const tooLongMs = Math.max(0, delayMs - highestMs);
    const offMs = tooLongMs > 0 ? tooLongMs : Math.min(0, delayMs - this.#stats.targetMs);
    const blend = this.#samples(BLEND_MS);
    let moved = 0;
    if (delayMs > this.#skipAboveMs) {
      moved = this.#ring.jump(Math.min(this.#samples(offMs), this.#ring.length - blend), blend);
      if (moved !== 0) this.skips++;
    } else if (offMs > CUT_ABOVE_MS || offMs < -STRETCH_BELOW_MS) {
      const step = this.#samples(QUIET_STEP_MS);
      if (this.#ring.isQuiet(step + blend, QUIET_PEAK)) {
        moved = this.#ring.jump(offMs > 0 ? step : -step, blend);
      }
    }
    this.#speed.update(offMs - moved * 1000 / this.#rateHz);
  }

  /** Keeping less than the worst of late would buy a hole at its next return. */
  get #highestMs() {
    return Math.max(this.#stats.targetMs, this.#stats.peakMs + PEAK_MARGIN_MS);
  }

  get #skipAboveMs() {
    return Math.max(this.#stats.targetMs + SKIP_ABOVE_MS, this.#highestMs + SKIP_WORTH_MS);
  }

  /** @param {number} ms */
  #samples(ms) {
    return Math.round(ms * this.#rateHz / 1000);
  }
}
