// @ts-check

const RAMP_MS = 15;
const HIGHEST_GAIN = 4;
/** One step below full scale, as the server's saturating sum has it. */
const HIGHEST_SAMPLE = 32767 / 32768;

/**
 * @typedef {object} SideMix How one side of the call is to be heard.
 * @property {number} [gain] 0 to 4. Default 1
 * @property {boolean} [mute]
 * @property {boolean} [solo] as long as a side is solo, only those are heard that are
 */

/**
 * @typedef {object} Mix
 * @property {SideMix} [user]
 * @property {SideMix} [bot]
 * @property {number} [balance] -1 the user alone, 1 the bot alone. Default 0: both in full
 * @property {number} [volume] of all, 0 to 4. Default 1
 */

/** The gain of each side that a mix comes down to. @param {Mix} mix */
function gainsOf({ user = {}, bot = {}, balance = 0, volume = 1 }) {
  const anySolo = user.solo === true || bot.solo === true;
  /** @param {SideMix} side @param {number} share */
  const gain = (side, share) =>
    side.mute === true || anySolo && side.solo !== true
      ? 0
      : within(side.gain ?? 1, HIGHEST_GAIN) * within(share, 1) * within(volume, HIGHEST_GAIN);
  return { user: gain(user, 1 - balance), bot: gain(bot, 1 + balance) };
}

/** @param {number} value @param {number} highest */
function within(value, highest) {
  return value >= 0 ? Math.min(value, highest) : 0;
}

/** Adds the two sides up. Gains travel to where they are told within 15 ms, so that nothing clicks. */
export class SideMixer {
  #rampFrames;
  #left = 0;
  #mixed = false;
  #gains = { user: 1, bot: 1 };
  #steps = { user: 0, bot: 0 };
  #wanted = { user: 1, bot: 1 };

  /** @param {number} rateHz of the device */
  constructor(rateHz) {
    this.#rampFrames = Math.max(1, Math.round(RAMP_MS * rateHz / 1000));
  }

  /** At once if nothing was mixed yet. @param {Mix} mix */
  set(mix) {
    const { user, bot } = gainsOf(mix);
    this.#wanted = { user, bot };
    this.#left = this.#mixed ? this.#rampFrames : 1;
    this.#steps.user = (user - this.#gains.user) / this.#left;
    this.#steps.bot = (bot - this.#gains.bot) / this.#left;
    if (!this.#mixed) this.#ramp();
  }

  #ramp() {
    if (--this.#left > 0) {
      this.#gains.user += this.#steps.user;
      this.#gains.bot += this.#steps.bot;
    } else {
      this.#gains.user = this.#wanted.user;
      this.#gains.bot = this.#wanted.bot;
    }
  }

  /**
   * Fills `count` frames of `out` from `at` on with the sum, within -1 to 1.
   *
   * @param {Float32Array} user in 16-bit steps, -32768 to 32767, from index 0 on
   * @param {Float32Array} bot in 16-bit steps
   * @param {Float32Array} out
   * @param {number} at
   * @param {number} count
   */
  mix(user, bot, out, at, count) {
    this.#mixed = true;
    for (let i = 0; i < count; i++) {
      if (this.#left > 0) this.#ramp();
      const sum = (user[i] * this.#gains.user + bot[i] * this.#gains.bot) / 32768;
      out[at + i] = sum > HIGHEST_SAMPLE ? HIGHEST_SAMPLE : sum < -1 ? -1 : sum;
    }
  }
}
