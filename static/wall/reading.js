// @ts-check
/// <reference lib="dom" />

/** A pointer that has not moved for longer has been left behind. */
const ATTENTIVE_MS = 60_000;

/** Whether someone reads a list just now, with the pointer or the keyboard on it: then nothing may move. */
export class Reading {
  #now;
  #isOver = false;
  #isIn = false;
  #at = -Infinity;

  /**
   * @param {HTMLElement} list
   * @param {() => number} now
   * @param {{ onEnd: () => void, signal: AbortSignal }} options `onEnd`: they left it
   */
  constructor(list, now, { onEnd, signal }) {
    this.#now = now;
    const note = () => this.#at = now();
    list.addEventListener("pointerover", (event) => {
      this.#isOver = event.pointerType !== "touch";
      note();
    }, { signal });
    list.addEventListener("pointermove", note, { signal, passive: true });
    list.addEventListener("pointerleave", () => {
      this.#isOver = false;
      onEnd();
    }, { signal });
    list.addEventListener("focusin", () => {
      this.#isIn = true;
      note();
    }, { signal });
    list.addEventListener("keydown", note, { signal });
    list.addEventListener("focusout", (event) => {
      this.#isIn = event.relatedTarget instanceof Node && list.contains(event.relatedTarget);
      if (!this.#isIn) onEnd();
    }, { signal });
  }

  get isHeld() {
    return (this.#isOver || this.#isIn) && this.#now() - this.#at < ATTENTIVE_MS;
  }
}
