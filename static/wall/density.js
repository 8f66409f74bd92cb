// @ts-check

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
