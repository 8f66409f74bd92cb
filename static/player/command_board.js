// @ts-check
/// <reference lib="dom" />
import { SPEEDS, targetOf } from "./commands.js";
import { button, element } from "./elements.js";
import { commandOf, KEY_TABLE } from "./keys.js";

/** @typedef {import("./keys.js").Command} Command */

/**
 * @typedef {object} Commanded What commands act upon.
 * @property {import("./call_timeline.js").CallTimeline} timeline
 * @property {import("./sound.js").Sound} sound
 * @property {import("./mixer_panel.js").MixerPanel} mixer
 * @property {import("./screen.js").Screen} screen
 * @property {() => void} onToggle play, pause or try again
 * @property {(text: string) => void} onAnswer says what the eye would not see
 */

/** Carries out what is asked for by button or by key. */
export class CommandBoard {
  #on;
  #keys = new KeyHelp();

  /** @param {Commanded} commanded */
  constructor(commanded) {
    this.#on = commanded;
    element("toggle").addEventListener("click", () => this.#do("toggle"));
    for (const control of document.querySelectorAll("[data-command]")) {
      const command = /** @type {Command} */ (control.getAttribute("data-command"));
      control.addEventListener("click", () => this.#do(command));
    }
    listenToKeys((command) => this.#do(command));
  }

  /** @param {Command} command one of the speeds */
  setSpeed(command) {
    this.#on.sound.setSpeed(SPEEDS[command]);
    for (const control of element("speeds").querySelectorAll("button")) {
      control.ariaPressed = String(control.dataset.command === command);
    }
  }

  /** @param {Command} command */
  #do(command) {
    const { timeline, sound, mixer, screen, onToggle, onAnswer } = this.#on;
    const seconds = targetOf(command, sound.position, timeline);
    if (seconds !== undefined) return sound.seek(seconds);
    if (command in SPEEDS) return this.setSpeed(command);
    switch (command) {
      case "toggle":
        return onToggle();
      case "live":
        return timeline.state === "ended" ? sound.seek(timeline.endSeconds) : sound.goLive();
      case "lastBot":
        return onAnswer("The bot has not said anything yet");
      case "mute":
        return mixer.toggleMute();
      case "louder":
        return mixer.turn(1);
      case "softer":
        return mixer.turn(-1);
      case "muteUser":
        return mixer.user.toggle("mute");
      case "muteBot":
        return mixer.bot.toggle("mute");
      case "soloUser":
        return mixer.user.toggle("solo");
      case "soloBot":
        return mixer.bot.toggle("solo");
      case "zoomIn":
        return screen.lane.zoom(1);
      case "zoomOut":
        return screen.lane.zoom(-1);
      case "follow":
        return screen.lines.follow(!screen.lines.isFollowing);
      case "keys":
        return this.#keys.toggle();
    }
  }
}

/** Shows the keys, and gets out of the way again. */
class KeyHelp {
  #dialog = /** @type {HTMLDialogElement} */ (element("keys"));

  constructor() {
    element("key-table").append(...KEY_TABLE.map(([keys, what]) => {
      const row = document.createElement("div");
      const term = document.createElement("dt");
      keys.split(" ").forEach((key, index) => {
        if (index > 0) term.append(" ");
        const isKey = key !== "or";
        term.append(
          isKey ? Object.assign(document.createElement("kbd"), { textContent: key }) : key,
        );
      });
      row.append(term, Object.assign(document.createElement("dd"), { textContent: what }));
      return row;
    }));
    button("show-keys").addEventListener("click", () => this.toggle());
  }

  get isOpen() {
    return this.#dialog.open;
  }

  toggle() {
    if (this.#dialog.open) this.#dialog.close();
    else this.#dialog.showModal();
  }
}

/**
 * Turns keys into commands, but for those that the focused control, a dialog or the browser has a use
 * for.
 *
 * @param {(command: import("./keys.js").Command) => void} onCommand
 */
function listenToKeys(onCommand) {
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented) return;
    const command = commandOf(event, focusKind(event.target));
    if (command === undefined) return;
    if (document.querySelector("dialog[open]") !== null && command !== "keys") return;
    event.preventDefault();
    onCommand(command);
  });
}

/** @param {EventTarget | null} target */
function focusKind(target) {
  if (!(target instanceof HTMLElement)) return undefined;
  if (target.closest("#lines")) return "list";
  // The keys of the whole page move it as well, and by seconds.
  if (target.id === "seek") return undefined;
  if (target instanceof HTMLInputElement) return target.type === "range" ? "slider" : "text";
  return target.closest("button, a, summary") === null ? undefined : "button";
}
