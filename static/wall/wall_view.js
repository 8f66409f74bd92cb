// @ts-check
/// <reference lib="dom" />
import { isDense } from "./density.js";
import { EndedList } from "./ended_list.js";
import { choices, isFiltering, matcher } from "./filters.js";
import { callHref } from "./hrefs.js";
import { LiveList } from "./live_list.js";
import { countText, showCounts, showNone } from "./numbers.js";
import { element, setText } from "./page.js";
import { loadPeaks } from "./peaks.js";
import { Reading } from "./reading.js";
import { keepEntry, rove } from "./roving.js";
import { isListenable } from "./card.js";
import { Toolbar } from "./toolbar.js";

/** @typedef {import("./calls_model.js").WallCall} WallCall */

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
  #metadata = "";
  #rem = 16;
  /** Calls have changed since the choices were found out. */
  #hasNews = false;
  #choicesAt = -Infinity;

  /**
   * @param {{
   *   model: import("./calls_model.js").CallsModel,
   *   clock: import("./server_clock.js").ServerClock,
   *   ended: import("./ended_pages.js").EndedPages,
   *   api: import("./api.js").Api,
   *   token: string,
   * }} parts
   * @param {import("./playing.js").Playing} playing
   * @param {AbortSignal} signal when the page is left
   */
  constructor(parts, playing, signal) {
    this.#parts = parts;
    this.#playing = playing;
    const list = element("live");
    this.#past = new EndedList(element("ended"), (id) => loadPeaks(parts.api, id), signal);
    this.#reading = new Reading(list, now, { onEnd: () => this.request(), signal });
    rove(list, signal);
    list.addEventListener("click", (event) => this.#click(event), { signal });
    element("more").addEventListener("click", () => this.#more(), { signal });
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
      const { metadata } = this.filter;
      if (metadata !== this.#metadata) this.#loadEnded(metadata);
      this.request();
    });
  }

  /** Renews what passes by itself. */
  tick() {
    for (const card of this.#live.cards.values()) if (card.isVisible) card.tick(this.#parts.clock);
    if (this.#live.isLingering) this.request();
    if (!this.#hasNews || now() - this.#choicesAt < CHOICES_MS) return;
    this.#hasNews = false;
    this.#choicesAt = now();
    const { active, ended } = this.#parts.model;
    this.#toolbar.showChoices(choices([...active.values(), ...ended.values()]));
  }

  showPlaying() {
    for (const [id, card] of this.#live.cards) card.setPlaying(this.#playing.of(id));
  }

  clear() {
    this.#isCleared = true;
    this.#live.clear();
    element("ended").replaceChildren();
  }

  #show() {
    if (this.#isCleared) return;
    const { model, clock, token } = this.#parts;
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
      href: ({ id }) => callHref("live", id, "player", token),
      onCard: (card, { id }) => {
        card.setPlaying(this.#playing.of(id));
        card.tick(clock);
      },
    });
    const isMorePast = this.#past.update(past, changed, { token, nowMs: clock.now() });
    keepEntry(element("live"));
    if (!this.#reading.isHeld) this.#fit(active.size);
    this.#showNumbers(active, past);
    if (isMore || isMorePast) this.request();
  }

  /** @param {number} count of cards */
  #fit(count) {
    const { dataset, clientWidth } = document.documentElement;
    const wasDense = dataset.density === "dense";
    // By the letters of the large cards: the small ones have smaller ones on the largest screens.
    const rem = wasDense ? this.#rem : parseFloat(getComputedStyle(document.body).fontSize);
    this.#rem = rem;
    const screen = { width: clientWidth / rem, height: innerHeight / rem };
    dataset.density = isDense(count, screen, wasDense) ? "dense" : "roomy";
  }

  /**
   * @param {Map<string, WallCall>} active those that match
   * @param {WallCall[]} past those that match
   */
  #showNumbers(active, past) {
    const { model, ended } = this.#parts;
    showCounts(model, this.#toolbar);
    const isFiltered = isFiltering(this.filter);
    const { state, warnings } = this.filter;
    const isFirst = model.active.size === 0 && model.ended.size === 0 && !isFiltered;
    element("first-call").hidden = !isFirst;
    element("live-part").hidden = isFirst || state === "ended";
    element("ended-part").hidden = isFirst || warnings || state === "live" || state === "announced";
    setText(element("live-count"), countText(active.size, model.active.size));
    setText(element("ended-count"), `${past.length}${ended.hasMore ? "+" : ""}`);
    showNone(
      "no-live",
      active.size === 0 && this.#live.ids.length === 0,
      isFiltered
        ? "No live call matches."
        : "No call is live at the moment. The next one shows up here by itself.",
      isFiltered,
    );
    showNone(
      "no-ended",
      past.length === 0,
      isFiltered
        ? ended.hasMore ? "None of the latest ended calls matches." : "No ended call matches."
        : "No call has ended yet.",
      isFiltered,
    );
    element("more").hidden = !ended.hasMore;
  }

  /** @param {MouseEvent} event */
  #click(event) {
    const target = event.target instanceof Element ? event.target.closest(".listen") : null;
    const id = target?.closest(".call")?.getAttribute("data-id") ?? "";
    const call = this.#parts.model.get(id);
    if (target === null || call === undefined) return;
    if (isListenable(call) || this.#playing.of(id) !== "none") this.#playing.toggle(call);
  }

  /** @param {string} metadata */
  async #loadEnded(metadata) {
    this.#metadata = metadata;
    const { model, ended } = this.#parts;
    const calls = await ended.first(metadata).catch(() => undefined);
    if (calls === undefined) return;
    model.loadEnded(calls);
    this.request();
  }

  async #more() {
    const { model, ended } = this.#parts;
    const button = element("more");
    if (ended.isLoading) return;
    button.textContent = "Loading …";
    const calls = await ended.next().catch(() => undefined);
    button.textContent = calls === undefined ? "Try again to load more" : "Load more";
    model.addEnded(calls ?? []);
    this.request();
  }
}
