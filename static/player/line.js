// @ts-check
/// <reference lib="dom" />
import { clockText } from "../states.js";
import { describeMark } from "./mark_text.js";

/**
 * The line of a mark, in a list item of its own. All of it is text: who sent it is not trusted.
 *
 * @param {import("./mark_text.js").Mark} mark
 * @param {number} sampleRate
 */
export function newLine(mark, sampleRate) {
  const { kind, label, text } = describeMark(mark, sampleRate);
  const seconds = mark.position / sampleRate;
  const line = Object.assign(document.createElement("button"), { type: "button", tabIndex: -1 });
  line.className = "line";
  line.dataset.kind = kind;
  line.dataset.at = String(seconds);
  const time = Object.assign(document.createElement("time"), { textContent: clockText(seconds) });
  const body = document.createElement("span");
  const who = Object.assign(document.createElement("b"), { textContent: label, dir: "auto" });
  const said = Object.assign(document.createElement("span"), { textContent: text, dir: "auto" });
  said.className = "said";
  body.append(who, " ", said);
  line.append(time, body);
  const item = document.createElement("li");
  item.append(line);
  return line;
}
