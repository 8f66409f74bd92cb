// @ts-check
/// <reference lib="dom" />
import { EndedPart } from "./ended_part.js";
import { choices, isFiltering, matcher } from "./filters.js";
import { Fitting } from "./fitting.js";
import { callHref } from "./hrefs.js";
import { LiveList } from "./live_list.js";
import { countText, showCounts, showNone } from "./numbers.js";
import { element, setText } from "./page.js";
import { keepEntry, rove } from "./roving.js";
import { isListenable } from "./card.js";
import { Toolbar } from "./toolbar.js";

/** @typedef {import("./calls_model.js").WallCall} WallCall */

/** Times that are renewed at once: all of a wall's within a second. */
const CLOCKS_A_TICK = 64;
/** How often what can be filtered by is found out anew. */
const CHOICES_MS = 2000;

const now = () => performance.now();

/** Shows the model: the live cards, the ended calls, what they are filtered by, and how many there are. */
export class WallView {
  #parts;
  #playing;
  #live = new LiveList(element("live"));
  #past;
  #reading;
  #toolbar;
  #isRequested = false;
  #isCleared = false;
  /** Everything is to be shown anew. */
  #isStale = true;
  #fitting = new Fitting();
  /** Calls have changed since the choices were found out. */
  #hasNews = false;
  #choicesAt = -Infinity;

  /**
   * @param {{
   *   model: import("./calls_model.js").CallsModel,
   *   clock: import("./server_clock.js").ServerClock,
   *   ended: import("./ended_pages.js").EndedPages,
   *   api: import("./api.js").Api,
   * }} parts
   * @param {import("./playing.js").Playing} playing
   * @param {AbortSignal} signal when the page is left
   */
  constructor(parts, playing, signal) {
    this.#parts = parts;
    this.#playing = playing;
    const list = element("live");
    this.#past = new EndedPart(parts, () => this.request(), signal);
    this.#reading = new Reading(list, now, { onEnd: () => this.request(), signal });
    rove(list, signal);
    list.addEventListener("click", (event) => this.#click(event), { signal });
    for (const id of ["no-live", "no-ended"]) {
      element(id).addEventListener("click", (event) => {
        if (event.target instanceof HTMLButtonElement) this.#toolbar.clear();
      }, { signal });
    }
    this.#toolbar = new Toolbar({
      onFilter: () => this.restart(),
      onView: (view) => this.#live.setView(view),
    }, signal);
  }

  get filter() {
    return this.#toolbar.filter;
  }

  /** @param {string} id */
  card(id) {
    return this.#live.cards.get(id);
  }

  /** Shows in the next frame what has changed. */
  request() {
    if (this.#isRequested || this.#isCleared) return;
    this.#isRequested = true;
    requestAnimationFrame(() => {
      this.#isRequested = false;
      this.#show();
    });
  }

  /** Puts everything in order anew: other calls, or another filter. */
  restart() {
    // The toolbar tells its filter before it can be asked for it.
    queueMicrotask(() => {
      this.#isStale = true;
      this.#past.filterBy(this.filter.metadata);
      this.request();
    });
  }

  /** Renews what passes by itself. */
  tick() {
    this.#tickCards();
    if (this.#live.isLingering) this.request();
    if (!this.#hasNews || now() - this.#choicesAt < CHOICES_MS) return;
    this.#hasNews = false;
    this.#choicesAt = now();
    const { active, ended } = this.#parts.model;
    this.#toolbar.showChoices(choices([...active.values(), ...ended.values()]));
  }

  #tickCards() {
    let count = 0;
    for (const card of this.#live.cards.values()) {
      if (card.isVisible && card.tick(this.#parts.clock)) count++;
      // The others have their turn at the next tick.
      if (count === CLOCKS_A_TICK) return;
    }
  }

  showPlaying() {
    for (const [id, card] of this.#live.cards) card.setPlaying(this.#playing.of(id));
  }

  clear() {
    this.#isCleared = true;
    this.#live.clear();
    this.#past.clear();
  }

  #show() {
    if (this.#isCleared) return;
    const { model, clock } = this.#parts;
    const filter = this.filter;
    const matches = matcher(filter);
    const changed = model.takeChanged();
    if (changed.size > 0) this.#hasNews = true;
    if (this.#isStale) this.#live.restart();
    this.#isStale = false;
    const active = new Map([...model.active].filter(([, call]) => matches(call)));
    const past = filter.warnings ? [] : [...model.ended.values()].filter(matches);
    const isMore = this.#live.update(active, changed, {
      held: this.#reading.isHeld,
      nowMs: now(),
      find: (id) => model.get(id),
      href: ({ id }) => callHref("live", id, "player"),
      onCard: (card, { id }) => {
        card.setPlaying(this.#playing.of(id));
        card.tick(clock);
      },
    });
    const isFiltered = isFiltering(filter);
    const isMorePast = this.#past.update(past, changed, {
      nowMs: clock.now(),
      isFiltered,
    });
    keepEntry(element("live"));
    if (!this.#reading.isHeld) this.#fitting.fit(active.size);
    this.#showParts(active.size, isFiltered);
    if (isMore || isMorePast) this.request();
  }

  /**
   * @param {number} count of active calls that match
   * @param {boolean} isFiltered
   */
  #showParts(count, isFiltered) {
    const { model } = this.#parts;
    const { state, warnings } = this.filter;
    const isFirst = model.active.size === 0 && model.ended.size === 0 && !isFiltered;
    element("first-call").hidden = !isFirst;
    element("tools").hidden = isFirst;
    element("live-part").hidden = isFirst || state === "ended";
    element("ended-part").hidden = isFirst || warnings || state === "live" || state === "announced";
    showCounts(model, this.#toolbar);
    setText(element("live-count"), countText(count, model.active.size));
    const text = isFiltered
      ? "No live call matches."
      : "No call is live at the moment. The next one shows up here by itself.";
    showNone("no-live", this.#live.ids.length === 0, text, isFiltered);
  }

  /** @param {MouseEvent} event */
  #click(event) {
    const target = event.target instanceof Element ? event.target.closest(".listen") : null;
    const id = target?.closest(".call")?.getAttribute("data-id") ?? "";
    const call = this.#parts.model.get(id);
    if (target === null || call === undefined) return;
    if (isListenable(call) || this.#playing.of(id) !== "none") this.#playing.toggle(call);
  }
}

/** A pointer that has not moved for longer has been left behind. */
const ATTENTIVE_MS = 60_000;

/** Whether someone reads a list just now, with the pointer or the keyboard on it: then nothing may move. */
class Reading {
  #now;
  #isOver = false;
  #isIn = false;
  #at = -Infinity;

  /**
   * @param {HTMLElement} list
   * @param {() => number} now
   * @param {{ onEnd: () => void, signal: AbortSignal }} options `onEnd`: they left it
   */
  constructor(list, now, { onEnd, signal }) {
    this.#now = now;
    const note = () => this.#at = now();
    list.addEventListener("pointerover", (event) => {
      this.#isOver = event.pointerType !== "touch";
      note();
    }, { signal });
    list.addEventListener("pointermove", note, { signal, passive: true });
    list.addEventListener("pointerleave", () => {
      this.#isOver = false;
      onEnd();
    }, { signal });
    list.addEventListener("focusin", () => {
      this.#isIn = true;
      note();
    }, { signal });
    list.addEventListener("keydown", note, { signal });
    list.addEventListener("focusout", (event) => {
      this.#isIn = event.relatedTarget instanceof Node && list.contains(event.relatedTarget);
      if (!this.#isIn) onEnd();
    }, { signal });
  }

  get isHeld() {
    return (this.#isOver || this.#isIn) && this.#now() - this.#at < ATTENTIVE_MS;
  }
}
