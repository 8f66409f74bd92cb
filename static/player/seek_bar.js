// @ts-check
/// <reference lib="dom" />
import { clockText } from "../states.js";
import { input } from "./elements.js";

/**
 * The overview's slider. Dragging previews, letting go seeks. Its text is renewed only when somebody
 * comes to it or moves it: otherwise a screen reader would read out every second.
 */
export class SeekBar {
  #input = input("seek");
  #isHeld = false;
  #position = 0;
  #end = 0;

  /** @param {{ onPreview: (seconds: number | undefined) => void, onSeek: (seconds: number) => void }} handlers */
  constructor({ onPreview, onSeek }) {
    const bar = this.#input;
    bar.addEventListener("input", () => {
      this.#isHeld = true;
      onPreview(Math.min(bar.valueAsNumber, this.#end));
    });
    bar.addEventListener("change", () => {
      this.#isHeld = false;
      onPreview(undefined);
      onSeek(Math.min(bar.valueAsNumber, this.#end));
      this.describe();
    });
    bar.addEventListener("focus", () => this.describe());
  }

  /** @param {boolean} isEnabled */
  enable(isEnabled) {
    if (this.#input.disabled === isEnabled) this.#input.disabled = !isEnabled;
  }

  /** @param {{ position: number, end: number, span: number }} view in seconds */
  show({ position, end, span }) {
    this.#position = position;
    this.#end = end;
    if (this.#isHeld) return;
    const max = span.toFixed(1);
    if (this.#input.max !== max) this.#input.max = max;
    if (Math.abs(this.#input.valueAsNumber - position) > 0.2) this.#input.valueAsNumber = position;
  }

  /** Says where it is, in words. */
  describe() {
    this.#input.ariaValueText = `${clockText(this.#position)} of ${clockText(this.#end)}`;
  }
}
