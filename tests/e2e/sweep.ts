import type { Mark, Tapped } from "./browser_listening.ts";

/** Of the call and of the device. */
export const SWEEP_RATE = 8000;

/**
 * Smooth sound in which every place is told from every other: a tone that rises by 60 Hz a second.
 *
 * @param position in samples since it began, a real number
 * @returns within 16 bit
 */
export function sweep(position: number): number {
  const seconds = position / SWEEP_RATE;
  return 10_000 * Math.sin(2 * Math.PI * (300 + 30 * seconds) * seconds);
}

/**
 * How alike what is heard at the marks is to what was said there, where the sound is left untouched.
 * One beginning of the sweep in the call has to fit all marks, before the stalls and after.
 */
export function agreement({ samples, marks }: Tapped) {
  const steady = marks.filter((mark, index) => {
    const next = marks[index + 1];
    return next !== undefined && next.frame <= samples.length && isSteady(mark) &&
      isSteady(next) && next.skips === mark.skips;
  });
  const few = steady.filter((_, index) => index % 10 === 0);
  const worstFrom = (begin: number, marks: Mark[]) =>
    Math.min(...marks.map((mark) => likeness(samples, mark, begin)));
  let best = 0;
  let highest = -1;
  for (let begin = 0; begin < SWEEP_RATE; begin++) {
    const alike = worstFrom(begin, few);
    if (alike > highest) [best, highest] = [begin, alike];
  }
  return { checked: steady.length, worst: worstFrom(best, steady) };
}

function isSteady({ playing, speed }: Mark): boolean {
  return playing && speed === 1;
}

/** Normalised correlation over 8 ms: a sample's difference shows. */
function likeness(samples: Float32Array, { frame, position }: Mark, begin: number): number {
  let product = 0;
  let told = 0;
  let heard = 0;
  for (let n = 0; n < 64; n++) {
    const expected = sweep(position - begin + n);
    const sample = samples[frame + n];
    product += expected * sample;
    told += expected ** 2;
    heard += sample ** 2;
  }
  return heard === 0 ? 0 : product / Math.sqrt(told * heard);
}
