// @ts-check
/// <reference lib="dom" />

/**
 * Arrow keys between the cards of a list: Tab goes into the list and out of it in few steps, however many
 * calls there are. Left and right go along, up and down to the nearest card of the next row, Home and End
 * to the ends.
 *
 * @param {HTMLElement} list its items have the class `call`; each has a `.listen` button
 * @param {AbortSignal} signal when the page is left
 */
export function rove(list, signal) {
  list.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const from = event.target instanceof Element ? event.target.closest(".call") : null;
    if (from === null) return;
    const to = target(list, from, event.key);
    if (to === null) return;
    event.preventDefault();
    enter(to);
  }, { signal });
  list.addEventListener("focusin", (event) => {
    const item = event.target instanceof Element ? event.target.closest(".call") : null;
    if (item) choose(list, item);
  }, { signal });
}

/** Makes sure that Tab finds one card, also after cards came and went. @param {HTMLElement} list */
export function keepEntry(list) {
  const items = list.querySelectorAll(".call");
  if (items.length > 0 && list.querySelector(".call[data-entry]") === null) {
    choose(list, items[0]);
  }
}

/**
 * @param {HTMLElement} list
 * @param {Element} item
 */
function choose(list, item) {
  if (item.hasAttribute("data-entry")) return;
  for (const other of list.querySelectorAll(".call[data-entry]")) {
    other.removeAttribute("data-entry");
    setTabIndex(other, -1);
  }
  item.setAttribute("data-entry", "");
  setTabIndex(item, 0);
}

/** @param {Element} item @param {number} index */
function setTabIndex(item, index) {
  for (const control of item.querySelectorAll("button, a")) {
    /** @type {HTMLElement} */ (control).tabIndex = index;
  }
}

/** @param {Element} item */
function enter(item) {
  const button = /** @type {HTMLElement | null} */ (item.querySelector(".listen"));
  button?.focus();
  item.scrollIntoView({ block: "nearest" });
}

/**
 * @param {HTMLElement} list
 * @param {Element} from
 * @param {string} key
 * @returns {Element | null}
 */
function target(list, from, key) {
  const items = [...list.querySelectorAll(".call")];
  const index = items.indexOf(from);
  switch (key) {
    case "ArrowRight":
      return items[index + 1] ?? null;
    case "ArrowLeft":
      return items[index - 1] ?? null;
    case "ArrowDown":
      return across(items.slice(index + 1), from);
    case "ArrowUp":
      return across(items.slice(0, Math.max(0, index)).reverse(), from);
    case "Home":
      return items[0] ?? null;
    case "End":
      return items.at(-1) ?? null;
    default:
      return null;
  }
}

/**
 * The card of the next row that lies nearest.
 *
 * @param {Element[]} items the nearest rows first
 * @param {Element} from
 */
function across(items, from) {
  const { left, top } = from.getBoundingClientRect();
  let rowTop = 0;
  let best = null;
  let bestDistance = Infinity;
  for (const item of items) {
    const place = item.getBoundingClientRect();
    if (Math.abs(place.top - top) < 2) continue;
    if (best === null) rowTop = place.top;
    else if (Math.abs(place.top - rowTop) > 2) break;
    const distance = Math.abs(place.left - left);
    if (distance < bestDistance) [best, bestDistance] = [item, distance];
  }
  return best;
}
