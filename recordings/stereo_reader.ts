import type { RepairedSource } from "./recorder_options.ts";

/** Shared by all readers of a frame length, because it is used at once and so stays in the cache. */
const scratch = new Map<number, [Int16Array, Int16Array]>();

function scratchOf(frameSamples: number): [Int16Array, Int16Array] {
  let sides = scratch.get(frameSamples);
  if (sides === undefined) {
    sides = [new Int16Array(frameSamples), new Int16Array(frameSamples)];
    scratch.set(frameSamples, sides);
  }
  return sides;
}

/** Reads both sides of a call as interleaved stereo: left the user, right the bot. */
export class StereoReader {
  readonly #user: RepairedSource;
  readonly #bot: RepairedSource;
  readonly #frameSamples: number;

  /** @param frameSamples most samples per channel read at a time */
  constructor(user: RepairedSource, bot: RepairedSource, frameSamples: number) {
    this.#user = user;
    this.#bot = bot;
    this.#frameSamples = frameSamples;
  }

  /**
   * Puts `count` samples of each side, from `position` on, into `output` at index `at`. The sides are
   * asked for a whole frame each time, the last one too.
   */
  read(position: number, count: number, output: Int16Array, at: number): void {
    const [left, right] = scratchOf(this.#frameSamples);
    this.#user.read(position, left);
    this.#bot.read(position, right);
    for (let i = 0; i < count; i++) {
      output[at++] = left[i];
      output[at++] = right[i];
    }
  }

  /** Reads the frame at `position` for nobody: windows are read in order, and each of them. */
  skip(position: number): void {
    const [left, right] = scratchOf(this.#frameSamples);
    this.#user.read(position, left);
    this.#bot.read(position, right);
  }
}
