// @ts-check
/// <reference lib="dom" />
import { Handover } from "./handover.js";
import { callHref } from "./hrefs.js";
import { PlayerBar } from "./player_bar.js";
import { liveVoice } from "./voice.js";

/** How long it is told that a call has ended. */
const FAREWELL_MS = 8000;

/** @typedef {import("./calls_model.js").WallCall} WallCall */

/** What of the wall is heard: one click plays a call, another one's hands over, a second one stops it. */
export class Playing {
  #handover;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #farewell;

  /**
   * @param {string} token
   * @param {() => void} onChange
   * @param {AbortSignal} signal when the page is left
   */
  constructor(token, onChange, signal) {
    /** @type {Handover<WallCall>} */
    const handover = new Handover(
      ({ id }, onState) => liveVoice(id, token, onState),
      (view) => {
        bar.show(view);
        this.#sayFarewell(view.state === "ended" && view.coming === undefined);
        onChange();
      },
      { setTimeout: (callback, ms) => setTimeout(callback, ms) },
    );
    this.#handover = handover;
    const bar = new PlayerBar({
      href: ({ id }) => callHref("live", id, "player"),
      onStop: () => handover.stop(),
      onVolume: (gain) => handover.volume = gain,
    }, signal);
  }

  /** Plays a call, or stops it if it is the one. Inside a click. @param {WallCall} call */
  toggle(call) {
    if (this.of(call.id) === "none") this.#handover.play(call);
    else this.stop();
  }

  /** @param {string} id @returns {import("./card.js").Playing} */
  of(id) {
    if (this.#handover.coming?.id === id) return "waiting";
    return this.#handover.heard?.id === id ? "playing" : "none";
  }

  stop() {
    this.#handover.stop();
  }

  /** @param {boolean} isOver */
  #sayFarewell(isOver) {
    clearTimeout(this.#farewell);
    if (isOver) this.#farewell = setTimeout(() => this.stop(), FAREWELL_MS);
  }
}
