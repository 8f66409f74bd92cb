import type { Sound } from "./simulated_call.ts";

/** A prime below the range of a sample: values come again after 2 s at 16 kHz, 4 s at 8 kHz. */
const PERIOD = 32_749;
/** Both sides carry half of the index each, so that the mix carries it whole. */
/** Of the rise a frame: the clock's drift is followed by less than 1 %. */
const SLACK = 0.02;
const OFFSET = PERIOD >> 1;

/** Sound whose mix at each position is the position itself, modulo {@linkcode PERIOD}. */
export const indexSound: Sound = (position) => {
  const value = position % PERIOD - OFFSET;
  return { user: value - (value >> 1), bot: value >> 1 };
};

/** The index that a 16-bit sample of the mix carries. */
export function indexOf(sample: number): number {
  return sample + OFFSET;
}

/**
 * How far what was heard at `frame` lies from where it was said to be, in samples; `undefined` where
 * the sound is not untouched: in a fade, a blend, silence. A ramp that is resampled stays a ramp, so
 * this holds at any rate of the device.
 *
 * @param step samples of the call a frame of the device
 */
export function indexError(
  heard: Float32Array,
  frame: number,
  position: number,
  step = 1,
): number | undefined {
  const at = (offset: number) => heard[frame + offset] * 32768 + OFFSET;
  // The filter's ringing reaches that far from where the ramp begins anew.
  const reach = step === 1 ? 3 : Math.ceil(24 / step);
  for (let offset = -reach; offset < reach; offset++) {
    const rise = at(offset + 1) - at(offset);
    const isWrap = step === 1 && Math.abs(rise - 1 + PERIOD) < SLACK;
    if (Math.abs(rise - step) > SLACK && !isWrap) return undefined;
  }
  const away = (at(0) - position) % PERIOD;
  return away > OFFSET ? away - PERIOD : away < -OFFSET ? away + PERIOD : away;
}
