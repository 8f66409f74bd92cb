// @ts-check
/// <reference lib="dom" />
import { EndedRow, hasSound } from "./ended_row.js";
import { PeaksLoader } from "./peaks_loader.js";
import { clearWaveform, drawWaveform } from "./waveform.js";

/** New rows for one frame. */
const ROWS_A_FRAME = 8;

/** @typedef {import("./calls_model.js").WallCall} WallCall */

/** The rows of the ended calls, the latest first. Waveforms are loaded and drawn when they come into sight. */
export class EndedList {
  /** @type {Map<string, EndedRow>} */
  #rows = new Map();
  #element;
  #peaks;
  #seen = new IntersectionObserver((entries) => this.#note(entries), { rootMargin: "100px" });

  /**
   * @param {HTMLElement} element
   * @param {(id: string) => Promise<import("./peaks_loader.js").Peaks | null>} loadPeaks
   * @param {AbortSignal} signal when the page is left
   */
  constructor(element, loadPeaks, signal) {
    this.#element = element;
    this.#peaks = new PeaksLoader(loadPeaks);
    const redraw = () => this.#redraw();
    const resized = new ResizeObserver(redraw);
    resized.observe(element);
    signal.addEventListener("abort", () => resized.disconnect());
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw, { signal });
  }

  /**
   * @param {WallCall[]} calls those to show, in any order
   * @param {Set<string>} changed
   * @param {{ nowMs: number }} context
   * @returns {boolean} whether there is more to do in the next frame
   */
  update(calls, changed, context) {
    const sorted = calls.toSorted((a, b) => b.startedAt - a.startedAt || (a.id < b.id ? 1 : -1));
    const shown = new Set(sorted.map(({ id }) => id));
    for (const id of this.#rows.keys()) if (!shown.has(id)) this.#remove(id);
    let fresh = 0;
    let next = this.#element.firstElementChild;
    for (const call of sorted) {
      let row = this.#rows.get(call.id);
      const isNew = row === undefined;
      if (isNew && ++fresh > ROWS_A_FRAME) continue;
      row ??= this.#add(call.id);
      if (isNew || changed.has(call.id)) {
        const had = !row.canvas.hidden;
        row.show(call, context);
        if (row.isVisible && !had && hasSound(call)) this.#wish(call.id, row);
      }
      if (row.element !== next) this.#element.insertBefore(row.element, next);
      else next = next.nextElementSibling;
    }
    return fresh > ROWS_A_FRAME;
  }

  /** @param {string} id */
  #add(id) {
    const row = new EndedRow(id);
    this.#rows.set(id, row);
    this.#seen.observe(row.element);
    return row;
  }

  /** @param {string} id */
  #remove(id) {
    const row = this.#rows.get(id);
    if (row === undefined) return;
    this.#seen.unobserve(row.element);
    this.#peaks.giveUp(id);
    this.#peaks.forget(id);
    row.element.remove();
    this.#rows.delete(id);
  }

  /** @param {IntersectionObserverEntry[]} entries */
  #note(entries) {
    for (const { target, isIntersecting } of entries) {
      const id = target.getAttribute("data-id") ?? "";
      const row = this.#rows.get(id);
      if (row === undefined || row.isVisible === isIntersecting) continue;
      row.isVisible = isIntersecting;
      if (isIntersecting) this.#wish(id, row);
      else {
        this.#peaks.giveUp(id);
        clearWaveform(row.canvas);
      }
    }
  }

  /** @param {string} id @param {EndedRow} row */
  #wish(id, row) {
    if (row.canvas.hidden) return;
    this.#peaks.wish(id, (peaks) => {
      row.element.toggleAttribute("data-drawn", peaks !== null);
      if (peaks !== null && row.isVisible) drawWaveform(row.canvas, peaks);
    });
  }

  #redraw() {
    for (const [id, row] of this.#rows) {
      const peaks = row.isVisible ? this.#peaks.get(id) : undefined;
      if (peaks) drawWaveform(row.canvas, peaks);
    }
  }
}
