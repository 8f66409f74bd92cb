// @ts-check
/// <reference lib="dom" />
import { EndedList } from "./ended_list.js";
import { showNone } from "./numbers.js";
import { element, setText } from "./page.js";

/** @typedef {import("./calls_model.js").WallCall} WallCall */

/** The part of the page with the ended calls: their list, a page after the other. */
export class EndedPart {
  #model;
  #pages;
  #list;
  #onChange;
  #metadata = "";

  /**
   * @param {{
   *   model: import("./calls_model.js").CallsModel,
   *   ended: import("./ended_pages.js").EndedPages,
   *   api: import("./api.js").Api,
   * }} parts
   * @param {() => void} onChange more calls are there
   * @param {AbortSignal} signal when the page is left
   */
  constructor({ model, ended, api }, onChange, signal) {
    this.#model = model;
    this.#pages = ended;
    this.#list = new EndedList(element("ended"), (id) => loadPeaks(api, id), signal);
    this.#onChange = onChange;
    element("more").addEventListener("click", () => this.#more(), { signal });
  }

  /** Asks the server for calls of one kind of metadata. @param {string} metadata `key=value`, or empty */
  async filterBy(metadata) {
    if (metadata === this.#metadata) return;
    this.#metadata = metadata;
    const calls = await this.#pages.first(metadata).catch(() => undefined);
    if (calls === undefined) return;
    this.#model.loadEnded(calls);
    this.#onChange();
  }

  /**
   * @param {WallCall[]} calls those that match
   * @param {Set<string>} changed
   * @param {{ nowMs: number, isFiltered: boolean }} context
   * @returns {boolean} whether there is more to do in the next frame
   */
  update(calls, changed, { isFiltered, ...context }) {
    const { hasMore } = this.#pages;
    setText(element("ended-count"), `${calls.length}${hasMore ? "+" : ""}`);
    const filtered = hasMore ? "None of the latest ended calls matches." : "No ended call matches.";
    const text = isFiltered ? filtered : "No call has ended yet.";
    showNone("no-ended", calls.length === 0, text, isFiltered);
    element("more").hidden = !hasMore;
    return this.#list.update(calls, changed, context);
  }

  clear() {
    element("ended").replaceChildren();
  }

  async #more() {
    const button = element("more");
    if (this.#pages.isLoading) return;
    button.textContent = "Loading …";
    const calls = await this.#pages.next().catch(() => undefined);
    button.textContent = calls === undefined ? "Try again to load more" : "Load more";
    this.#model.addEnded(calls ?? []);
    this.#onChange();
  }
}

/** Pixels of a waveform: as many as the widest row has bars. */
const PIXELS = 240;

/**
 * A call's waveform, as the server tells it (audiowaveform's JSON, version 2).
 *
 * @param {{ get: (path: string, query: Record<string, string>) => Promise<any> }} api
 * @param {string} id
 * @returns {Promise<import("./peaks_loader.js").Peaks | null>} `null` when it is not as expected
 * @throws whatever asking throws
 */
async function loadPeaks(api, id) {
  const path = `calls/${encodeURIComponent(id)}/peaks`;
  const body = await api.get(path, { pixels: String(PIXELS), format: "json" });
  if (body.channels !== 2 || !Array.isArray(body.data)) return null;
  return { data: body.data, length: body.data.length / 4 };
}
