// @ts-check
/// <reference lib="dom" />

/**
 * An element of the page by its id.
 *
 * @template {HTMLElement} [T=HTMLElement]
 * @param {string} id
 * @param {{ new (): T }} [type] what it has to be
 * @returns {T}
 */
export function element(id, type) {
  const found = document.getElementById(id);
  if (found === null || type !== undefined && !(found instanceof type)) {
    throw new Error(`Cannot find #${id}: the page and its scripts must be of one version`);
  }
  return /** @type {T} */ (found);
}

/**
 * A part of an element, such as of a card.
 *
 * @template {Element} [T=HTMLElement]
 * @param {ParentNode} parent
 * @param {string} selector
 * @returns {T}
 */
export function part(parent, selector) {
  const found = parent.querySelector(selector);
  if (found === null) {
    throw new Error(`Cannot find ${selector}: the page and its scripts must be of one version`);
  }
  return /** @type {T} */ (found);
}

/** A new copy of a template's only element. @param {string} id */
export function copyOf(id) {
  const { content } = element(id, HTMLTemplateElement);
  return /** @type {HTMLElement} */ (content.firstElementChild?.cloneNode(true));
}

/** Writes a text, only if it is another. @param {Element} element @param {string} text */
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/** Chooses an icon of the page's. @param {ParentNode} parent @param {string} name */
export function setIcon(parent, name) {
  const use = part(parent, "use");
  if (use.getAttribute("href") !== `#i-${name}`) use.setAttribute("href", `#i-${name}`);
}
