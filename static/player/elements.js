// @ts-check
/// <reference lib="dom" />

/** An element of the page. @param {string} id */
export function element(id) {
  const found = document.getElementById(id);
  if (found === null) {
    throw new Error(`Cannot find #${id}: player.html and its scripts must be of one version`);
  }
  return found;
}

/** @param {string} id */
export function button(id) {
  return /** @type {HTMLButtonElement} */ (element(id));
}

/** @param {string} id */
export function input(id) {
  return /** @type {HTMLInputElement} */ (element(id));
}

/** Writes only what is new: a page that writes nothing has nothing to lay out. @param {Element} element @param {string} text */
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}
