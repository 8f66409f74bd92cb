/**
 * How a computation's time grows, told by ratios: they are the same on any machine, ceilings are not.
 *
 * @module
 */

/** The least time of some rounds, ms: others on the machine only ever add to it. */
export function leastMs(run: () => void, rounds = 5): number {
  let least = Infinity;
  for (let round = 0; round < rounds; round++) {
    const begun = performance.now();
    run();
    least = Math.min(least, performance.now() - begun);
  }
  return least;
}

/**
 * How many times as long `large` takes as `small`. What is more than `most` is measured again, up to three
 * times: a square shows every time, a busy machine does not.
 */
export function growth(small: () => void, large: () => void, most: number, rounds = 5): number {
  let ratio = 0;
  for (let attempt = 0; attempt < 3; attempt++) {
    // Less than this no clock tells.
    ratio = leastMs(large, rounds) / Math.max(leastMs(small, rounds), 0.02);
    if (ratio <= most) break;
  }
  return ratio;
}
