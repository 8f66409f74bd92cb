// @ts-check
/// <reference lib="dom" />

/** Chooses large or small cards, by how many there are and by the screen. */
export class Fitting {
  #rem = 16;

  /** @param {number} count of cards */
  fit(count) {
    const { dataset, clientWidth } = document.documentElement;
    const wasDense = dataset.density === "dense";
    // By the letters of the large cards: the small ones have smaller ones on the largest screens.
    if (!wasDense) this.#rem = parseFloat(getComputedStyle(document.body).fontSize);
    const screen = { width: clientWidth / this.#rem, height: innerHeight / this.#rem };
    dataset.density = isDense(count, screen, wasDense) ? "dense" : "roomy";
  }
}

/** A card's room with its gap, in rem; and what stands above the cards. */
const CARD = { width: 17.75, height: 10.5 };
const ABOVE = 9;

/**
 * Whether the cards are to be small. They are when there are half as many again as the screen has room
 * for, and large again once all of them fit; in between they stay as they are.
 *
 * @param {number} count of cards
 * @param {{ width: number, height: number }} screen in rem
 * @param {boolean} wasDense
 */
export function isDense(count, { width, height }, wasDense) {
  const columns = Math.max(1, Math.floor(width / CARD.width));
  const rows = Math.max(1, Math.floor((height - ABOVE) / CARD.height));
  return count > columns * rows * (wasDense ? 1 : 1.5);
}
