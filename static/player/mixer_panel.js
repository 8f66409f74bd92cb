// @ts-check
/// <reference lib="dom" />
import { button, element, input } from "./elements.js";
import { Strip } from "./strip.js";

const VOLUME_STEP = 5;

/**
 * @typedef {object} Mix As the sound takes it.
 * @property {import("./strip.js").SideMix} user
 * @property {import("./strip.js").SideMix} bot
 * @property {number} balance -1 the user alone, 1 the bot alone
 * @property {number} volume
 */

/** What is heard of both sides, and how loud. */
export class MixerPanel {
  user = new Strip(element("user"), () => this.#changed());
  bot = new Strip(element("bot"), () => this.#changed());
  #volume = input("volume");
  #balance = input("balance");
  #mute = button("mute");
  #onChange;

  /** @param {(mix: Mix) => void} onChange */
  constructor(onChange) {
    this.#onChange = onChange;
    this.#volume.addEventListener("input", () => this.#setMuted(false));
    this.#balance.addEventListener("input", () => this.#changed());
    this.#mute.addEventListener("click", () => this.toggleMute());
    button("center").addEventListener("click", () => {
      this.#balance.value = "0";
      this.#changed();
    });
    this.#describe();
  }

  /** @returns {Mix} */
  get mix() {
    return {
      user: this.user.mix,
      bot: this.bot.mix,
      balance: this.#balance.valueAsNumber / 100,
      volume: this.#isMuted ? 0 : (this.#volume.valueAsNumber / 100) ** 2,
    };
  }

  get #isMuted() {
    return this.#mute.ariaPressed === "true";
  }

  toggleMute() {
    this.#setMuted(!this.#isMuted);
  }

  /** @param {1 | -1} by a step louder or softer */
  turn(by) {
    this.#volume.valueAsNumber += by * VOLUME_STEP;
    this.#setMuted(false);
  }

  /** @param {boolean} isMuted */
  #setMuted(isMuted) {
    this.#mute.ariaPressed = String(isMuted);
    this.#changed();
  }

  #changed() {
    this.#describe();
    this.#onChange(this.mix);
  }

  /** Numbers alone say little to those who cannot see the sliders. */
  #describe() {
    const muted = this.#isMuted ? ", muted" : "";
    this.#volume.ariaValueText = `${this.#volume.value} percent${muted}`;
    const balance = this.#balance.valueAsNumber;
    const side = balance < 0 ? "user" : "bot";
    this.#balance.ariaValueText = balance === 0
      ? "user and bot alike"
      : `${Math.abs(balance)} percent towards the ${side}`;
  }

  /**
   * @param {{ user: Level, bot: Level } | undefined} levels nothing plays without
   * @param {number} nowMs
   * @typedef {{ peak: number, rms: number, clips?: number }} Level
   */
  showLevels(levels, nowMs) {
    this.user.show(levels?.user, nowMs);
    this.bot.show(levels?.bot, nowMs);
  }
}
