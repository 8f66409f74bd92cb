// @ts-check
/// <reference lib="dom" />
import { clockText, STATES } from "../states.js";
import { button, element, setText } from "./elements.js";

/** States in which the big button can do nothing. */
const IDLE_BUTTON = ["opening", "completing", "over"];
/** States that say for how long. */
const TIMED = ["silence", "reconnecting", "blocked"];

/** What goes on, in words: on the page, in the title, and for screen readers. */
export class StatePanel {
  #main = element("player");
  #toggle = button("toggle");
  #label = element("state");
  #hint = element("hint");
  #since = element("since");
  #announcer = new Announcer(element("announcer"));
  #callId;
  #shown = "";

  /** @param {string} callId */
  constructor(callId) {
    this.#callId = callId;
  }

  /**
   * @param {import("../states.js").State} state
   * @param {{ title?: string, advice?: string, detail?: string, status?: number }} refusal its own words
   * @param {number} sinceMs how long neither side has been heard, or the server has not
   */
  show(state, { title, advice, detail, status = 0 }, sinceMs) {
    setText(this.#since, TIMED.includes(state) ? `for ${clockText(sinceMs / 1000)}` : "");
    const words = STATES[state];
    const label = title ?? words.label;
    // What the server says of these is for those who write programs.
    const isPlain = [401, 404, 429].includes(status);
    const hint = [advice ?? words.hint, isPlain ? "" : detail].filter(Boolean).join(" ");
    const shown = state + label + hint;
    if (shown === this.#shown) return;
    this.#shown = shown;
    this.#main.dataset.state = state;
    setText(this.#label, label);
    setText(this.#hint, hint);
    setText(element("toggle-text"), words.button);
    this.#toggle.dataset.icon = words.icon;
    this.#toggle.disabled = IDLE_BUTTON.includes(state);
    document.title = `${label} · ${this.#callId} · Earshot`;
    this.#announcer.tell(state === "silence" ? STATES.live.label : `${label}. ${hint}`);
  }

  /** Answers what somebody did, where the eye does not see it. @param {string} text */
  answer(text) {
    this.#announcer.answer(text);
  }
}

/** A state that does not last this long is not worth interrupting anybody. */
const SETTLE_MS = 1500;

/**
 * Tells screen readers of a change of state: once it has lasted, and not what they were told last. Live
 * and silent are the same to it: who listens hears that for themselves.
 */
class Announcer {
  #element;
  #told = "";
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  /** @param {HTMLElement} element with the role of a status */
  constructor(element) {
    this.#element = element;
  }

  /** @param {string} text */
  tell(text) {
    clearTimeout(this.#timer);
    if (text === this.#told) return;
    this.#timer = setTimeout(() => {
      this.#told = text;
      this.#element.textContent = text;
    }, SETTLE_MS);
  }

  /** Says at once what somebody has just asked for. @param {string} text */
  answer(text) {
    this.#element.textContent = "";
    this.#element.textContent = text;
  }
}
