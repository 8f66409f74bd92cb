// @ts-check
/// <reference lib="dom" />
import { Card } from "./card.js";
import { LiveOrder } from "./live_order.js";
import { copyOf } from "./page.js";

/** New cards for one frame: more would hold the page up. */
const CARDS_A_FRAME = 8;
/** How long a call that is over is still shown where it was. Only a change of the call itself counts. */
const LINGER_MS = 4000;

/** @typedef {import("./calls_model.js").WallCall} WallCall */
/** @typedef {"grid" | "table"} View */

/**
 * The cards of the active calls, in the page's order. A card is made once for a call, and moved only when
 * the order says so.
 */
export class LiveList {
  /** @type {Map<string, Card>} */
  cards = new Map();
  #element;
  #order = new LiveOrder();
  /** When calls that are not to be shown any more ceased to be. @type {Map<string, number>} */
  #leaving = new Map();
  #headings = copyOf("headings");
  /** @type {View} */
  #view = "grid";
  #seen = new IntersectionObserver((entries) => this.#noteVisible(entries), {
    rootMargin: "200px",
  });

  /** @param {HTMLElement} element */
  constructor(element) {
    this.#element = element;
  }

  get ids() {
    return this.#order.ids;
  }

  /** For another choice of calls: nothing lingers, and all are put in order. */
  restart() {
    this.#order.restart();
    this.#leaving.clear();
  }

  /**
   * Brings the cards into line with the calls.
   *
   * @param {Map<string, WallCall>} calls those to show
   * @param {Set<string>} changed ids of calls to show anew
   * @param {{
   *   held: boolean,
   *   nowMs: number,
   *   find: (id: string) => WallCall | undefined,
   *   href: (call: WallCall) => string,
   *   onCard: (card: Card, call: WallCall) => void,
   * }} how
   * @returns {boolean} whether there is more to do in the next frame
   */
  update(calls, changed, { held, nowMs, find, href, onCard }) {
    const stays = (/** @type {string} */ id) => this.#stays(id, find(id), held, nowMs);
    const before = this.#order.ids;
    const ids = this.#order.update(calls, { held, stays });
    const shown = new Set(ids);
    for (const id of before) if (!shown.has(id)) this.#remove(id);
    for (const id of this.cards.keys()) if (!shown.has(id)) this.#remove(id);
    let fresh = 0;
    let next = this.#element.firstElementChild;
    if (next === this.#headings) next = next.nextElementSibling;
    for (const id of ids) {
      const call = calls.get(id) ?? find(id);
      if (call === undefined) continue;
      let card = this.cards.get(id);
      const isNew = card === undefined;
      if (isNew && ++fresh > CARDS_A_FRAME) continue;
      card ??= this.#add(id);
      if (isNew || changed.has(id)) {
        card.show(call, href(call));
        onCard(card, call);
      }
      if (card.element !== next) this.#element.insertBefore(card.element, next);
      else next = next.nextElementSibling;
    }
    return fresh > CARDS_A_FRAME;
  }

  /** Takes everything away. */
  clear() {
    for (const id of [...this.cards.keys()]) this.#remove(id);
    this.#headings.remove();
    this.#seen.disconnect();
  }

  /** @param {View} view */
  setView(view) {
    this.#view = view;
    this.#element.dataset.view = view;
    this.#element.role = view === "table" ? "table" : "list";
    if (view === "table") {
      this.#setRoles(this.#headings, "columnheader");
      this.#element.prepend(this.#headings);
    } else this.#headings.remove();
    for (const { element } of this.cards.values()) this.#setRoles(element, "cell");
  }

  /**
   * @param {Element} row
   * @param {string} cell
   */
  #setRoles(row, cell) {
    const isTable = this.#view === "table";
    row.role = isTable ? "row" : "listitem";
    for (const child of row.children) child.role = isTable ? cell : null;
  }

  /**
   * @param {string} id
   * @param {WallCall | undefined} call
   * @param {boolean} held
   * @param {number} nowMs
   */
  #stays(id, call, held, nowMs) {
    if (call === undefined) return false;
    const since = this.#leaving.get(id) ?? nowMs;
    this.#leaving.set(id, since);
    return held || nowMs - since < LINGER_MS;
  }

  /** Whether calls wait to go. */
  get isLingering() {
    return this.#leaving.size > 0;
  }

  /** @param {string} id */
  #add(id) {
    const card = new Card(id);
    this.cards.set(id, card);
    this.#setRoles(card.element, "cell");
    this.#seen.observe(card.element);
    return card;
  }

  /** @param {string} id */
  #remove(id) {
    this.#leaving.delete(id);
    const card = this.cards.get(id);
    if (card === undefined) return;
    const { element } = card;
    // Whoever was on it with the keyboard goes on from its neighbour.
    const isFocused = element.contains(document.activeElement);
    const neighbour = element.nextElementSibling ?? element.previousElementSibling;
    this.#seen.unobserve(element);
    element.remove();
    this.cards.delete(id);
    if (isFocused) this.cards.get(neighbour?.getAttribute("data-id") ?? "")?.button.focus();
  }

  /** @param {IntersectionObserverEntry[]} entries */
  #noteVisible(entries) {
    for (const { target, isIntersecting } of entries) {
      const card = this.cards.get(target.getAttribute("data-id") ?? "");
      if (card !== undefined) card.isVisible = isIntersecting;
    }
  }
}
