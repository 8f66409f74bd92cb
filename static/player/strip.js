// @ts-check
/// <reference lib="dom" />
import { Meter } from "../meters.js";

/** A clipped sample lights the lamp for this long. */
const CLIP_MS = 3000;

/** @typedef {{ gain: number, mute: boolean, solo: boolean }} SideMix */

/** One side's volume, mute, solo and meter. */
export class Strip {
  #gain;
  #mute;
  #solo;
  #clip;
  #meter;
  #onChange;
  #clippedAt = -Infinity;

  /**
   * @param {HTMLElement} element
   * @param {() => void} onChange
   */
  constructor(element, onChange) {
    this.#onChange = onChange;
    this.#gain = /** @type {HTMLInputElement} */ (element.querySelector(".gain"));
    this.#mute = /** @type {HTMLButtonElement} */ (element.querySelector(".mute"));
    this.#solo = /** @type {HTMLButtonElement} */ (element.querySelector(".solo"));
    this.#clip = /** @type {HTMLElement} */ (element.querySelector(".clip"));
    this.#meter = new Meter(element);
    this.#gain.addEventListener("input", onChange);
    this.#mute.addEventListener("click", () => this.toggle("mute"));
    this.#solo.addEventListener("click", () => this.toggle("solo"));
  }

  /** @returns {SideMix} the gain is the square of the slider, which feels even to the ear */
  get mix() {
    return {
      gain: (this.#gain.valueAsNumber / 100) ** 2,
      mute: this.#mute.ariaPressed === "true",
      solo: this.#solo.ariaPressed === "true",
    };
  }

  /** @param {"mute" | "solo"} what */
  toggle(what) {
    const button = what === "mute" ? this.#mute : this.#solo;
    button.ariaPressed = String(button.ariaPressed !== "true");
    this.#onChange();
  }

  /**
   * @param {{ peak: number, rms: number, clips?: number } | undefined} level nothing plays without
   * @param {number} nowMs
   */
  show(level, nowMs) {
    if (level === undefined) return this.#meter.reset();
    this.#meter.update(level, nowMs);
    if ((level.clips ?? 0) > 0) this.#clippedAt = nowMs;
    this.#clip.toggleAttribute("data-on", nowMs - this.#clippedAt < CLIP_MS);
  }
}
