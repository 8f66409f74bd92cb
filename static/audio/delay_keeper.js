// @ts-check

/** Length of every blend of one place of the queue into another. */
const BLEND_MS = 5;
/** At most this much is cut or repeated at a time, where nothing is being said. */
const QUIET_STEP_MS = 10;
/** Both sides together, of 32768: -48 dBFS. */
const QUIET_PEAK = 131;
/** Above the worst seen: the fade needs 5 ms in hand, and the device reads in blocks. */
const PEAK_MARGIN_MS = 10;
/** Off by this much, quiet passages are shortened or lengthened. */
const CUT_ABOVE_MS = 40;
const STRETCH_BELOW_MS = 20;
/** Too long by so much, all is played faster, at its pitch, until it is nearly made up for. */
const HURRY_ABOVE_MS = 100;
const HURRY_UNTIL_MS = 20;
const HURRY_SPEED = 1.25;
/** Off by this much, sound is skipped wherever it is; what is left is hurried through in 1.6 s. */
const SKIP_ABOVE_MS = 600;
const SKIP_LEAVES_MS = 400;

/**
 * Brings the delay back to where it should be, by the gentlest means that will do: a speed nobody
 * hears, a cut or a repeat where nobody speaks, faster speech at the same pitch, and only then a
 * skip.
 */
export class DelayKeeper {
  #playout;
  #stats;
  #rateHz;
  #speed = new SpeedControl();
  #skipping = false;
  /** Times sound was skipped. */
  skips = 0;

  /**
   * @param {import("./playout.js").Playout} playout whose queue is cut, lengthened and hurried
   * @param {import("./transit_stats.js").TransitStats} stats
   * @param {number} rateHz of the queue
   */
  constructor(playout, stats, rateHz) {
    this.#playout = playout;
    this.#stats = stats;
    this.#rateHz = rateHz;
  }

  /** At which the resampler is to run: 1 is nominal, more is faster. */
  get speed() {
    return this.#speed.speed;
  }

  reset() {
    this.#speed.reset();
    this.#playout.stretch.speed = 1;
  }

  /** Before the first sound after a pause: skips what is too old. @param {number} delayMs */
  beginWith(delayMs) {
    const tooLongMs = delayMs - this.#wantedMs;
    if (tooLongMs <= SKIP_ABOVE_MS) return;
    this.#playout.ring.skip(this.#samples(tooLongMs - SKIP_LEAVES_MS));
    // What comes of the same stall before the sound is back belongs to the same skip.
    if (!this.#skipping) this.skips++;
    this.#skipping = true;
  }

  /**
   * With every frame that comes while the sound plays.
   *
   * @param {number} delayMs between the quickest way a frame could have come and its being played
   */
  steer(delayMs) {
    const { ring } = this.#playout;
    this.#skipping = false;
    const offMs = delayMs - this.#wantedMs;
    const blend = this.#samples(BLEND_MS);
    let moved = 0;
    if (offMs > SKIP_ABOVE_MS) {
      const wanted = this.#samples(offMs - SKIP_LEAVES_MS);
      moved = ring.jump(Math.min(wanted, ring.run - blend), blend);
      if (moved > 0) this.skips++;
    } else if (offMs > CUT_ABOVE_MS || offMs < -STRETCH_BELOW_MS) {
      const step = this.#samples(QUIET_STEP_MS);
      if (ring.isQuiet(step + blend, QUIET_PEAK)) {
        moved = ring.jump(offMs > 0 ? step : -step, blend);
      }
    }
    this.#hurry(offMs);
    this.#speed.update(offMs - moved * 1000 / this.#rateHz);
  }

  /** @param {number} offMs */
  #hurry(offMs) {
    const { stretch } = this.#playout;
    if (offMs > HURRY_ABOVE_MS) stretch.speed = HURRY_SPEED;
    else if (offMs < HURRY_UNTIL_MS) stretch.speed = 1;
  }

  /** Keeping less than the worst of late would buy a hole at its next return. */
  get #wantedMs() {
    return Math.max(this.#stats.targetMs, this.#stats.peakMs + PEAK_MARGIN_MS);
  }

  /** @param {number} ms */
  #samples(ms) {
    return Math.round(ms * this.#rateHz / 1000);
  }
}

/** Furthest from the nominal speed: 0.5 % is 9 cents. */
const REACH = 0.005;
/**
 * Of speed per ms of being off: the drift of two clocks, 100 ppm, is followed at 10 or 45 ms. Too little
 * in the queue is mended sooner, because it is a danger; too much slowly, so that what is heard stays what
 * was said, until it is more than a little.
 */
const GAIN_SHORT = 1e-5;
const GAIN_LONG = 2e-6;
const GAIN_TOO_LONG = 1e-5;
/** More than this in the queue is too much, ms. */
const TOO_LONG_MS = 40;
/** Of the way to the wanted speed, an update. */
const SMOOTHING = 0.1;

/** Plays a trifle faster or slower to follow the sender's clock and the wanted delay. */
class SpeedControl {
  /** 1 is nominal, more is faster. */
  speed = 1;

  /** Once a frame. @param {number} offMs too much (positive) or too little in the queue */
  update(offMs) {
    const by = offMs < 0
      ? offMs * GAIN_SHORT
      : offMs * GAIN_LONG + Math.max(0, offMs - TOO_LONG_MS) * GAIN_TOO_LONG;
    const wanted = 1 + Math.max(-REACH, Math.min(REACH, by));
    this.speed += (wanted - this.speed) * SMOOTHING;
  }

  reset() {
    this.speed = 1;
  }
}
