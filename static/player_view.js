// @ts-check
/// <reference lib="dom" />
import { Meter } from "./meters.js";
import { clockText, STATES } from "./states.js";

/** Numbers change this often at most: fast enough to follow, slow enough to read. */
const NUMBERS_MS = 500;
const VOLUME_STEP = 5;

/**
 * @typedef {object} Details
 * @property {import("./listening.js").Status | undefined} audio
 * @property {number} listenedMs
 * @property {number | undefined} latencyMs
 * @property {string} recordingHref empty when there is none
 * @property {string} [title] of a refusal
 * @property {string} [advice]
 * @property {string} [detail]
 */

/** The page's elements: shows states and numbers, reports clicks and keys. Knows nothing of sound. */
export class PlayerView {
  #main = element("player");
  #button = element("toggle");
  #mute = element("mute");
  #slider = /** @type {HTMLInputElement} */ (element("volume"));
  #user = new Meter(element("user"));
  #bot = new Meter(element("bot"));
  #callId;
  #onVolume;
  #muted = false;
  #state = "";
  #numbersAt = -Infinity;

  /**
   * @param {string} callId
   * @param {{ onToggle: () => void, onVolume: (gain: number) => void }} handlers
   */
  constructor(callId, { onToggle, onVolume }) {
    this.#callId = callId;
    this.#onVolume = onVolume;
    element("call").textContent = callId;
    this.#button.addEventListener("click", onToggle);
    this.#mute.addEventListener("click", () => this.#setMuted(!this.#muted));
    this.#slider.addEventListener("input", () => this.#setMuted(false));
    document.addEventListener("keydown", (event) => this.#key(event, onToggle));
    this.#showVolume();
  }

  /** Gain, 0 to 1: the square of the slider, which feels even to the ear. */
  get volume() {
    return this.#muted ? 0 : (this.#slider.valueAsNumber / 100) ** 2;
  }

  /** @param {boolean} muted */
  #setMuted(muted) {
    this.#muted = muted;
    this.#showVolume();
    this.#onVolume(this.volume);
  }

  #showVolume() {
    this.#mute.ariaPressed = String(this.#muted);
    element("mute-text").textContent = this.#muted ? "Muted" : "Mute";
    this.#slider.ariaValueText = `${this.#slider.value} percent${this.#muted ? ", muted" : ""}`;
  }

  /**
   * @param {KeyboardEvent} event
   * @param {() => void} onToggle
   */
  #key(event, onToggle) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const control = event.target instanceof Element &&
      event.target.closest("button, a, input, summary");
    if (event.key === "m") this.#setMuted(!this.#muted);
    else if (event.key === " " && !control) onToggle();
    else if (event.key === "ArrowUp" && control !== this.#slider) this.#turn(VOLUME_STEP);
    else if (event.key === "ArrowDown" && control !== this.#slider) this.#turn(-VOLUME_STEP);
    else return;
    event.preventDefault();
  }

  /** @param {number} by */
  #turn(by) {
    this.#slider.valueAsNumber += by;
    this.#setMuted(false);
  }

  /**
   * @param {import("./states.js").State} state
   * @param {Details} details
   */
  show(state, details) {
    const changed = state !== this.#state;
    if (changed) this.#showState(state, details);
    if (state === "ended") this.#showRecording(details.recordingHref);
    const now = performance.now();
    if (!changed && now - this.#numbersAt < NUMBERS_MS) return;
    this.#numbersAt = now;
    this.#showNumbers(state, details);
  }

  /**
   * @param {import("./states.js").State} state
   * @param {Details} details
   */
  #showState(state, { title, advice, detail }) {
    this.#state = state;
    const { label, hint, button, icon } = STATES[state];
    const refused = state === "refused";
    this.#main.dataset.state = state;
    element("state").textContent = refused && title ? title : label;
    element("hint").textContent = refused ? [advice, detail].filter(Boolean).join(" ") : hint;
    this.#button.dataset.icon = icon;
    element("toggle-text").textContent = button;
    element("recording").hidden = true;
    document.title = `${label} \u00b7 ${this.#callId} \u00b7 Earshot`;
  }

  /** @param {string} href */
  #showRecording(href) {
    const link = /** @type {HTMLAnchorElement} */ (element("recording"));
    if (href === "" || link.href === href && !link.hidden) return;
    link.href = href;
    link.hidden = false;
  }

  /**
   * @param {import("./states.js").State} state
   * @param {Details} details
   */
  #showNumbers(state, { audio, listenedMs, latencyMs }) {
    if (state === "silence" && audio) {
      element("silent-for").textContent = clockText(audio.silentMs / 1000);
    }
    if (state !== "ended") element("listened").textContent = clockText(listenedMs / 1000);
    element("latency").textContent = latencyMs === undefined
      ? "\u2013"
      : `${latencyMs.toFixed(0)} ms`;
    if (audio === undefined) return;
    element("underruns").textContent = String(audio.underruns);
    element("pauses").textContent = String(audio.pauses);
    element("skips").textContent = String(audio.skips);
    element("queue").textContent = `${audio.queueMs.toFixed(0)} ms`;
    element("target").textContent = `${audio.targetMs.toFixed(0)} ms`;
    element("speed").textContent = `${(100 * (audio.speed * audio.drift - 1)).toFixed(2)} %`
      .replace(
        "-",
        "\u2212",
      );
  }

  /** @param {import("./listening.js").Status | undefined} audio nothing plays without */
  showLevels(audio) {
    if (audio === undefined) {
      this.#user.reset();
      this.#bot.reset();
      return;
    }
    const now = performance.now();
    this.#user.update(audio.user, now);
    this.#bot.update(audio.bot, now);
  }
}

/** @param {string} id */
function element(id) {
  const found = document.getElementById(id);
  if (found === null) {
    throw new Error(`Cannot find #${id}: player.html and its scripts must be of one version`);
  }
  return found;
}
