// @ts-check
/// <reference lib="dom" />
import { clockText, STATES } from "../states.js";
import { Announcer } from "./announcer.js";
import { button, element, setText } from "./elements.js";

/** States in which the big button can do nothing. */
const IDLE_BUTTON = ["opening", "completing", "over"];

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
   * @param {number} silentMs how long neither side has been heard
   */
  show(state, { title, advice, detail, status = 0 }, silentMs) {
    setText(this.#since, state === "silence" ? `for ${clockText(silentMs / 1000)}` : "");
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
