// @ts-check
/// <reference lib="dom" />

/** A state that does not last this long is not worth interrupting anybody. */
const SETTLE_MS = 1500;

/**
 * Tells screen readers of a change of state: once it has lasted, and not what they were told last. Live
 * and silent are the same to it: who listens hears that for themselves.
 */
export class Announcer {
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
