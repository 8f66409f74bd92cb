// @ts-check
/// <reference lib="dom" />
import { clockText } from "../states.js";
import { copyOf, part, setText } from "./page.js";
import { telling, warningText } from "./warnings.js";

/** A call's active warnings, in words, with how long they have lasted. */
export class WarningList {
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
