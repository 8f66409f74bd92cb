// @ts-check
/// <reference lib="dom" />

/**
 * @typedef {object} Page What is asked of the page, so that tests can give their own.
 * @property {{ density?: string | undefined }} dataset of its root
 * @property {() => { width: number, height: number }} size in CSS pixels
 * @property {() => number} letter height of a letter in CSS pixels
 */

/** A card's room with its gap, in rem; and what stands above the cards. */
const CARD = { width: 17.75, height: 10.5 };
const ABOVE = 9;

/** Chooses large or small cards, by how many there are and by the screen. */
export class Fitting {
  #page;
  #rem = 16;

  /** @param {Page} page */
  constructor(page = pageOf(document)) {
    this.#page = page;
  }

  /** @param {number} count of cards */
  fit(count) {
    const { dataset, size, letter } = this.#page;
    const wasDense = dataset.density === "dense";
    // By the letters of the large cards: the small ones have smaller ones on the largest screens.
    if (!wasDense) this.#rem = letter();
    const { width, height } = size();
    const screen = { width: width / this.#rem, height: height / this.#rem };
    dataset.density = isDense(count, screen, wasDense) ? "dense" : "roomy";
  }
}

/** @param {Document} document @returns {Page} */
function pageOf({ documentElement, body }) {
  return {
    dataset: documentElement.dataset,
    size: () => ({ width: documentElement.clientWidth, height: innerHeight }),
    letter: () => parseFloat(getComputedStyle(body).fontSize),
  };
}

/**
 * Whether the cards are to be small. They are when there are half as many again as the screen has room
 * for, and large again once all of them fit; in between they stay as they are.
 *
 * @param {number} count of cards
 * @param {{ width: number, height: number }} screen in rem
 * @param {boolean} wasDense
 */
function isDense(count, { width, height }, wasDense) {
  const columns = Math.max(1, Math.floor(width / CARD.width));
  const rows = Math.max(1, Math.floor((height - ABOVE) / CARD.height));
  return count > columns * rows * (wasDense ? 1 : 1.5);
}
