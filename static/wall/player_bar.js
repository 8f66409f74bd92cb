// @ts-check
/// <reference lib="dom" />
import { nameOf } from "./naming.js";
import { element, setText } from "./page.js";

/** @type {Record<import("./handover.js").VoiceState, string>} */
const WORDS = {
  connecting: "Connecting",
  open: "Starting",
  playing: "Live",
  silent: "Silence: nobody is speaking",
  reconnecting: "Reconnecting",
  suspended: "Paused by the device: press the call again",
  ended: "Call ended",
  failed: "Cannot be played",
};

/** @typedef {import("./calls_model.js").WallCall} WallCall */

/** The slim bar at the bottom: what is heard, how loud, and out of it. */
export class PlayerBar {
  #bar = element("player");
  #open = element("playing-open", HTMLAnchorElement);
  #href;

  /**
   * @param {{ href: (call: WallCall) => string, onStop: () => void, onVolume: (gain: number) => void }} handlers
   * @param {AbortSignal} signal when the page is left
   */
  constructor({ href, onStop, onVolume }, signal) {
    this.#href = href;
    const volume = element("volume", HTMLInputElement);
    // The square feels even to the ear.
    const turn = () => onVolume((volume.valueAsNumber / 100) ** 2);
    turn();
    volume.addEventListener("input", turn, { signal });
    element("playing-stop").addEventListener("click", onStop, { signal });
    document.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && !this.#bar.hidden && !event.defaultPrevented) onStop();
    }, { signal });
  }

  /**
   * @param {{
   *   heard: WallCall | undefined, coming: WallCall | undefined, refused: WallCall | undefined,
   *   state: import("./handover.js").VoiceState, detail: string,
   * }} view
   */
  show({ heard, coming, refused, state, detail }) {
    const call = heard ?? coming;
    const hadFocus = this.#bar.contains(document.activeElement);
    this.#bar.hidden = call === undefined;
    document.body.toggleAttribute("data-player", call !== undefined);
    if (call === undefined) {
      if (hadFocus) element("calls").focus();
      return;
    }
    const next = coming && coming !== heard && heard ? ` \u00b7 next: ${nameOf(coming).who}` : "";
    const words = detail || WORDS[state];
    setText(element("playing-name"), nameOf(call).who);
    setText(
      element("playing-state"),
      refused ? `${WORDS.playing} \u00b7 ${nameOf(refused).who}: ${words}` : words + next,
    );
    this.#bar.dataset.state = refused ? "playing" : state;
    const href = this.#href(call);
    if (this.#open.href !== href) this.#open.href = href;
  }
}
