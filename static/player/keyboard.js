// @ts-check
/// <reference lib="dom" />
import { commandOf } from "./keys.js";

/**
 * Turns keys into commands, but for those that the focused control, a dialog or the browser has a use
 * for.
 *
 * @param {(command: import("./keys.js").Command) => void} onCommand
 */
export function listenToKeys(onCommand) {
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
