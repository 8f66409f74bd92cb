// @ts-check
/// <reference lib="dom" />

/**
 * Moves an element from its place without a layout, and only when it is seen to move.
 *
 * @param {HTMLElement} element
 * @param {number} x CSS pixels
 */
export function move(element, x) {
  const transform = `translateX(${Math.round(x * devicePixelRatio) / devicePixelRatio}px)`;
  if (element.style.transform !== transform) element.style.transform = transform;
}
