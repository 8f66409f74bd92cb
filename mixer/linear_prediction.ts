/** Order of the predictor: two poles for each resonance of a voice, and some for its source. */
const ORDER = 16;
/** Most samples it learns from: 20 ms at 16 kHz. */
export const MAX_HISTORY = 320;

// Shared by all: nothing here outlives a call of the function.
const forward = new Float64Array(MAX_HISTORY);
const backward = new Float64Array(MAX_HISTORY);
const weights = new Float64Array(ORDER);
const previous = new Float64Array(ORDER);

/**
 * Continues a signal the way it went: linear prediction with Burg's method (J. P. Burg, 1967), which
 * never grows without bound.
 *
 * @param samples the signal so far, at most {@linkcode MAX_HISTORY} samples; few of them predict little
 * @param output receives what follows, limited to the 16-bit range; not the array of `samples`
 */
export function extrapolate(samples: Int16Array, output: Int16Array): void {
  const order = learn(samples);
  const { length } = samples;
  for (let index = 0; index < output.length; index++) {
    let sum = 0;
    for (let lag = 1; lag <= order; lag++) {
      const past = index - lag;
      sum += weights[lag - 1] * (past >= 0 ? output[past] : samples[length + past]);
    }
    output[index] = Math.max(-32768, Math.min(32767, Math.round(sum)));
  }
}

/** Finds the weights of the samples before, the latest first; answers how many there are. */
function learn(samples: Int16Array): number {
  const { length } = samples;
  const order = Math.min(ORDER, length >> 1);
  for (let index = 0; index < length; index++) forward[index] = backward[index] = samples[index];
  for (let step = 0; step < order; step++) {
    let common = 0;
    let energy = 0;
    for (let index = step + 1; index < length; index++) {
      const ahead = forward[index];
      const behind = backward[index - 1];
      common += ahead * behind;
      energy += ahead * ahead + behind * behind;
    }
    if (energy === 0) return step;
    const reflection = (2 * common) / energy;
    for (let index = length - 1; index > step; index--) {
      const ahead = forward[index];
      const behind = backward[index - 1];
      forward[index] = ahead - reflection * behind;
      backward[index] = behind - reflection * ahead;
    }
    for (let index = 0; index < step; index++) previous[index] = weights[index];
    for (let index = 0; index < step; index++) {
      weights[index] = previous[index] - reflection * previous[step - 1 - index];
    }
    weights[step] = reflection;
  }
  return order;
}
