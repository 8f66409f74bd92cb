// @ts-check
/// <reference lib="dom" />
import { clockText } from "../states.js";
import { button, element, setText } from "./elements.js";

/** Where the ear is, how long the call is, how far behind. */
export class ClockPanel {
  #position = element("position");
  #length = element("length");
  #behind = element("behind");
  #live = button("live");

  /**
   * @param {{ position: number, end: number, isLive: boolean, isBehind: boolean, isOver: boolean }}
   *   clock seconds; `isLive` while the call runs, `isBehind` when its past is heard
   */
  show({ position, end, isLive, isBehind, isOver }) {
    setText(this.#position, clockText(position));
    setText(this.#length, clockText(end));
    const lag = end - position;
    setText(
      this.#behind,
      isBehind ? `${clockText(Math.max(1, lag))} behind live` : isLive ? "live" : "",
    );
    setText(this.#live, isOver ? "To the end" : "Back to live");
    const isUseful = isLive ? isBehind : isOver && lag > 0.5;
    this.#live.toggleAttribute("data-wanted", isBehind);
    if (this.#live.disabled === isUseful) this.#live.disabled = !isUseful;
  }
}
