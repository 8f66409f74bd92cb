// @ts-check

/**
 * @typedef {"toggle" | "back" | "forward" | "backFar" | "forwardFar" | "start" | "live" | "lastBot"
 *   | "mute" | "muteUser" | "muteBot" | "soloUser" | "soloBot" | "louder" | "softer" | "speed1"
 *   | "speed2" | "speed3" | "speed4" | "zoomIn" | "zoomOut" | "follow" | "keys"} Command
 */

/** What the page offers by key, in the order in which it is listed: names of keys, what they do. */
export const KEY_TABLE = /** @type {const} */ ([
  ["Space", "Play or pause"],
  ["← →", "5 seconds back or on"],
  ["J K", "15 seconds back or on"],
  ["L or End", "Back to live, or to the end"],
  ["Home", "To the beginning"],
  ["B", "To the last thing the bot said"],
  ["1 2 3 4", "Speed 1, 1.25, 1.5, 2"],
  ["↑ ↓", "Volume"],
  ["M", "Mute"],
  ["U A", "Mute the user or the bot"],
  ["Shift+U Shift+A", "Hear only the user or the bot"],
  ["+ −", "Zoom the waveform"],
  ["F", "Let the list follow the sound"],
  ["?", "Show the keys"],
]);

/** @type {Record<string, Command>} by `KeyboardEvent.key` */
const COMMANDS = {
  " ": "toggle",
  ArrowLeft: "back",
  ArrowRight: "forward",
  j: "backFar",
  k: "forwardFar",
  l: "live",
  Home: "start",
  End: "live",
  b: "lastBot",
  m: "mute",
  u: "muteUser",
  a: "muteBot",
  ArrowUp: "louder",
  ArrowDown: "softer",
  1: "speed1",
  2: "speed2",
  3: "speed3",
  4: "speed4",
  "+": "zoomIn",
  "=": "zoomIn",
  "-": "zoomOut",
  f: "follow",
  "?": "keys",
};

/** @type {Record<string, Command>} the same keys with Shift */
const SHIFTED = { u: "soloUser", a: "soloBot" };

/** Keys that the focused control has a use of its own for. */
const OWN_KEYS = {
  button: [" ", "Enter"],
  slider: ["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown", "Home", "End"],
  list: ["ArrowUp", "ArrowDown", "Home", "End", " ", "Enter"],
};

/**
 * What a key means.
 *
 * @param {{ key: string, shiftKey: boolean, ctrlKey: boolean, metaKey: boolean, altKey: boolean }} event
 * @param {keyof OWN_KEYS | "text" | undefined} focus what kind of control has the focus
 * @returns {Command | undefined} nothing: the key is none of ours
 */
export function commandOf({ key, shiftKey, ctrlKey, metaKey, altKey }, focus) {
  if (ctrlKey || metaKey || altKey || focus === "text") return undefined;
  if (focus !== undefined && OWN_KEYS[focus].includes(key)) return undefined;
  // Caps lock gives capitals, and means nothing by it.
  const name = key.length === 1 ? key.toLowerCase() : key;
  return (shiftKey ? SHIFTED[name] : undefined) ?? COMMANDS[name];
}
