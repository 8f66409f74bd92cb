/**
 * What can be made of interleaved stereo samples: left the user, right the bot.
 *
 * @module
 */

/**
 * Turns the first `blocks` pairs of `stereo` into `output`, which holds as many values as the output
 * has channels, times `blocks`.
 */
export type StereoConversion = (stereo: Int16Array, blocks: number, output: Int16Array) => void;

/** Both sides as one channel: the mixer's sum at unity gain, limited to the 16-bit range. */
export const stereoToMix: StereoConversion = (stereo, blocks, output) => {
  for (let i = 0; i < blocks; i++) {
    const sum = stereo[2 * i] + stereo[2 * i + 1];
    output[i] = sum > 32767 ? 32767 : sum < -32768 ? -32768 : sum;
  }
};

/** One side as one channel. */
export const stereoToSide: Readonly<Record<"user" | "bot", StereoConversion>> = {
  user(stereo, blocks, output) {
    for (let i = 0; i < blocks; i++) output[i] = stereo[2 * i];
  },
  bot(stereo, blocks, output) {
    for (let i = 0; i < blocks; i++) output[i] = stereo[2 * i + 1];
  },
};

/** Both sides as they are. */
export const stereoToStereo: StereoConversion = (stereo, blocks, output) => {
  output.set(stereo.subarray(0, 2 * blocks));
};
