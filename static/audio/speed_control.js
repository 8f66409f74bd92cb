// @ts-check

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
export class SpeedControl {
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
