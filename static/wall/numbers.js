// @ts-check
/// <reference lib="dom" />
import { element, setText } from "./page.js";

/**
 * How many there are, above all and in the title.
 *
 * @param {import("./calls_model.js").CallsModel} model
 * @param {import("./toolbar.js").Toolbar} toolbar
 */
export function showCounts(model, toolbar) {
  let live = 0;
  let warned = 0;
  let listeners = 0;
  for (const call of model.active.values()) {
    if (call.state === "live") live++;
    if (call.warnings.size > 0) warned++;
    listeners += call.listeners;
  }
  const waiting = model.active.size - live;
  const counts = [`${live} live`];
  if (waiting > 0) counts.push(`${waiting} waiting`);
  if (listeners > 0) counts.push(`${listeners} listening`);
  setText(element("counts"), counts.join(" \u00b7 "));
  toolbar.showWarned(warned);
  const title = `${warned > 0 ? `\u26a0 ${warned} \u00b7 ` : ""}${live} live \u00b7 Earshot`;
  if (document.title !== title) document.title = title;
}

/** How many of how many, for a heading. @param {number} shown @param {number} all */
export function countText(shown, all) {
  return shown === all ? "" : `${shown} of ${all}`;
}

/**
 * Says that a list is empty, and offers to take the filter back if it is because of it.
 *
 * @param {string} id
 * @param {boolean} isEmpty
 * @param {string} text
 * @param {boolean} isFiltered
 */
export function showNone(id, isEmpty, text, isFiltered) {
  const note = element(id);
  note.hidden = !isEmpty;
  if (!isEmpty) return;
  const shown = `${text}${isFiltered}`;
  if (note.dataset.shown === shown) return;
  note.dataset.shown = shown;
  note.textContent = text;
  if (!isFiltered) return;
  const button = Object.assign(document.createElement("button"), {
    type: "button",
    textContent: "Clear the filters",
  });
  note.append(" ", button);
}
