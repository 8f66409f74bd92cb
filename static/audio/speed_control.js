// @ts-check

/** Furthest from the nominal speed: 0.5 % is 9 cents. */
const REACH = 0.005;
/**
 * Of speed per ms of being off: the drift of two clocks, 100 ppm, is followed at 10 or 20 ms. Too little
 * in the queue is mended sooner, because it is a danger.
 */
const GAIN_SHORT = 1e-5;
const GAIN_LONG = 5e-6;
/** Of the way to the wanted speed, an update. */
const SMOOTHING = 0.1;

/** Plays a trifle faster or slower to follow the sender's clock and the wanted delay. */
export class SpeedControl {
  /** 1 is nominal, more is faster. */
  speed = 1;

  /** Once a frame. @param {number} offMs too much (positive) or too little in the queue */
  update(offMs) {
    const by = offMs * (offMs < 0 ? GAIN_SHORT : GAIN_LONG);
    const wanted = 1 + Math.max(-REACH, Math.min(REACH, by));
    this.speed += (wanted - this.speed) * SMOOTHING;
  }

  reset() {
    this.speed = 1;
  }
}
