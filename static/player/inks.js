// @ts-check
/// <reference lib="dom" />

/** @typedef {"user" | "bot" | "quiet" | "warn" | "veil" | "text" | "page"} InkName */
/** @typedef {Record<InkName, string>} Inks colours that a canvas takes */

/**
 * The colours of the style sheet for the canvases, which know no custom properties: read from elements
 * that wear them, so that the colour scheme and forced colours are already applied.
 *
 * @param {HTMLElement} probes has an element with `data-ink` for each ink
 * @param {() => void} onChange they are others now: draw again
 * @returns {() => Inks}
 */
export function readInks(probes, onChange) {
  /** @type {Inks | undefined} */
  let inks;
  const forget = () => {
    inks = undefined;
    onChange();
  };
  for (const query of ["(prefers-color-scheme: dark)", "(forced-colors: active)"]) {
    matchMedia(query).addEventListener("change", forget);
  }
  return () => inks ??= read(probes);
}

/** @param {HTMLElement} probes */
function read(probes) {
  /** @type {Record<string, string>} */
  const inks = {};
  for (const probe of probes.querySelectorAll("[data-ink]")) {
    inks[probe.getAttribute("data-ink") ?? ""] = getComputedStyle(probe).color;
  }
  return /** @type {Inks} */ (inks);
}
