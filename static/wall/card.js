// @ts-check
/// <reference lib="dom" />
import { clockText } from "../states.js";
import { Meter } from "./meter.js";
import { nameOf } from "./naming.js";
import { copyOf, part, setIcon, setText } from "./page.js";
import { telling, warningText } from "./warnings.js";

/** @typedef {import("./calls_model.js").WallCall} WallCall */
/** @typedef {"none" | "waiting" | "playing"} Playing */

/** One active call on the wall. Its elements are made once and changed in place. */
export class Card {
  element = copyOf("call");
  button = part(this.element, ".listen");
  link = /** @type {HTMLAnchorElement} */ (part(this.element, ".open"));
  /** Whether it is on the screen, or near it. */
  isVisible = true;
  #name = part(this.element, ".name");
  #agent = part(this.element, ".agent");
  #details = part(this.element, ".details");
  #clock = part(this.element, ".clock");
  #state = part(this.element, ".state");
  #ears = part(this.element, ".ears");
  #warnings = new WarningList(part(this.element, ".warnings"));
  #user = new Meter(/** @type {HTMLElement} */ (part(this.element, ".user b")));
  #bot = new Meter(/** @type {HTMLElement} */ (part(this.element, ".bot b")));
  /** @type {WallCall | undefined} */
  #call;
  /** @type {Playing} */
  #playing = "none";
  /** Shown as the call's time. */
  #seconds = -1;

  /** @param {string} id */
  constructor(id) {
    this.element.dataset.id = id;
  }

  /** @param {WallCall} call @param {string} href of the full player */
  show(call, href) {
    this.#call = call;
    this.#seconds = -1;
    const { who, agent, rest } = nameOf(call);
    const details = rest.map(([, value]) => value).join(" \u00b7 ");
    setText(this.#name, who);
    setText(this.#agent, agent);
    setText(this.#details, details);
    this.element.title = [`Call ${call.id}`, ...rest.map(([key, text]) => `${key}: ${text}`)]
      .join("\n");
    this.element.dataset.state = call.state;
    this.element.toggleAttribute("data-warned", call.warnings.size > 0);
    setText(this.#state, stateText(call));
    this.#state.dataset.kind = stateKind(call);
    this.#ears.hidden = call.listeners === 0;
    setText(part(this.#ears, "span"), String(call.listeners));
    this.#warnings.show(call);
    if (this.link.href !== href) this.link.href = href;
    this.link.hidden = !isListenable(call);
    this.link.ariaLabel = `Open ${who} in the full player`;
    if (call.state !== "live") this.resetLevels();
    this.#showButton(who);
  }

  /** @param {Playing} playing */
  setPlaying(playing) {
    if (playing === this.#playing) return;
    this.#playing = playing;
    this.element.dataset.playing = playing;
    if (this.#call) this.#showButton(nameOf(this.#call).who);
  }

  /** @param {string} who */
  #showButton(who) {
    const isHeard = this.#playing !== "none";
    const canListen = this.#call !== undefined && isListenable(this.#call);
    setIcon(this.button, isHeard ? "stop" : canListen ? "play" : "off");
    const label = isHeard
      ? `Stop listening to ${who}`
      : canListen
      ? `Listen to ${who}`
      : `Live listening is off for ${who}`;
    if (this.button.ariaLabel !== label) this.button.ariaLabel = this.button.title = label;
    // Not `disabled`: the keyboard has to be able to reach every call.
    this.button.ariaDisabled = String(!canListen && !isHeard);
  }

  /**
   * Renews what passes by itself.
   *
   * @param {import("./server_clock.js").ServerClock} clock
   * @returns {boolean} whether it is another second
   */
  tick(clock) {
    const call = this.#call;
    if (call === undefined) return false;
    const seconds = Math.floor(
      call.state === "ended" ? call.durationSeconds : clock.secondsSince(call.startedAt),
    );
    if (seconds === this.#seconds) return false;
    this.#seconds = seconds;
    setText(this.#clock, clockText(seconds));
    this.#warnings.tick(clock);
    return true;
  }

  /**
   * @param {number} userDb
   * @param {number} botDb
   * @returns {boolean} whether a level still has to fall
   */
  setLevels(userDb, botDb) {
    const isUserUp = this.#user.update(userDb);
    return this.#bot.update(botDb) || isUserUp;
  }

  resetLevels() {
    this.#user.reset();
    this.#bot.reset();
  }
}

/** @param {WallCall} call */
export function isListenable({ state, media }) {
  return state !== "ended" && media?.live === true;
}

/** @param {WallCall} call */
function stateKind({ state, paused, recording }) {
  if (state !== "live") return state;
  if (paused) return "paused";
  return recording?.state === "recording" ? "recording" : "";
}

/** @param {WallCall} call */
function stateText(call) {
  switch (stateKind(call)) {
    case "announced":
      return "Waiting for audio";
    case "ended":
      return "Ended";
    case "paused":
      return "Paused";
    case "recording":
      return "Rec";
    default:
      return call.media?.live ? "" : "Not live";
  }
}

/** A call's active warnings, in words, with how long they have lasted. */
class WarningList {
  #element;
  /** @type {Map<string, { element: HTMLElement, since: HTMLElement, at: number }>} */
  #shown = new Map();

  /** @param {HTMLElement} element */
  constructor(element) {
    this.#element = element;
  }

  /** @param {Pick<import("./calls_model.js").WallCall, "warnings">} call */
  show(call) {
    const warnings = telling(call.warnings);
    for (const [key, { element }] of this.#shown) {
      if (warnings.has(key)) continue;
      element.remove();
      this.#shown.delete(key);
    }
    for (const [key, warning] of warnings) {
      const known = this.#shown.get(key);
      if (known !== undefined) {
        known.at = warning.since;
        continue;
      }
      const element = copyOf("warning");
      setText(part(element, ".text"), warningText(warning));
      if (warning.message) element.title = warning.message;
      this.#element.append(element);
      this.#shown.set(key, { element, since: part(element, ".since"), at: warning.since });
    }
    // Where there is room for one alone, the others are counted.
    this.#element.dataset.more = warnings.size > 1 ? `+${warnings.size - 1}` : "";
  }

  /** @param {import("./server_clock.js").ServerClock} clock */
  tick(clock) {
    for (const { since, at } of this.#shown.values()) {
      setText(since, `for ${clockText(clock.secondsSince(at))}`);
    }
  }
}
