import type { RepairedSource } from "./recorder_options.ts";

/** Reads both sides of a call as interleaved stereo: left the user, right the bot. */
export class StereoReader {
  readonly #user: RepairedSource;
  readonly #bot: RepairedSource;
  readonly #left: Int16Array;
  readonly #right: Int16Array;

  /** @param frameSamples most samples per channel read at a time */
  constructor(user: RepairedSource, bot: RepairedSource, frameSamples: number) {
    this.#user = user;
    this.#bot = bot;
    this.#left = new Int16Array(frameSamples);
    this.#right = new Int16Array(frameSamples);
  }

  /**
   * Puts `count` samples of each side, from `position` on, into `output` at index `at`. The sides are
   * asked for a whole frame each time, the last one too.
   */
  read(position: number, count: number, output: Int16Array, at: number): void {
    const left = this.#left.fill(0);
    const right = this.#right.fill(0);
    this.#user.read(position, left);
    this.#bot.read(position, right);
    for (let i = 0; i < count; i++) {
      output[at++] = left[i];
      output[at++] = right[i];
    }
  }
}
