import type { Sound } from "./simulated_call.ts";

/** A prime below the range of a sample: values come again after 2 s at 16 kHz, 4 s at 8 kHz. */
const PERIOD = 32_749;
/** Both sides carry half of the index each, so that the mix carries it whole. */
const OFFSET = PERIOD >> 1;

/** Sound whose mix at each position is the position itself, modulo {@linkcode PERIOD}. */
export const indexSound: Sound = (position) => {
  const value = position % PERIOD - OFFSET;
  return { user: value - (value >> 1), bot: value >> 1 };
};

/**
 * How far what was heard at `frame` lies from where it was said to be, in samples; `undefined` where
 * the sound is not untouched: in a fade, a blend, silence.
 */
export function indexError(
  heard: Float32Array,
  frame: number,
  position: number,
): number | undefined {
  const at = (offset: number) => Math.round(heard[frame + offset] * 32768) + OFFSET;
  for (let offset = -3; offset < 4; offset++) {
    const step = at(offset + 1) - at(offset);
    if (step !== 1 && step !== 1 - PERIOD) return undefined;
  }
  const away = (at(0) - position) % PERIOD;
  return away > OFFSET ? away - PERIOD : away < -OFFSET ? away + PERIOD : away;
}
