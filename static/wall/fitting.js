// @ts-check
/// <reference lib="dom" />
import { isDense } from "./density.js";

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
