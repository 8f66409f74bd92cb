// @ts-check
/// <reference lib="dom" />
import { element, setText } from "./elements.js";

/** Numbers change this often at most: fast enough to follow, slow enough to read. */
const RENEW_MS = 500;

/** @typedef {import("../listening.js").Status} AudioStatus */

/** @type {readonly (readonly [string, (status: AudioStatus) => string])[]} */
const NUMBERS = [
  ["Waiting in the page", ({ latency }) => ms(latency.bufferMs)],
  ["Device, from queue to ear", ({ latency }) => ms(latency.outputMs)],
  ["Behind the live edge", ({ latency }) => ms(latency.behindMs)],
  ["Queue wanted now", ({ targetMs }) => ms(targetMs)],
  ["Speed", ({ speed }) => `${speed.toFixed(2)} ×`],
  ["Ran dry", ({ underruns }) => times(underruns)],
  ["Skipped ahead", ({ skips }) => times(skips)],
  ["Silences", ({ pauses }) => times(pauses)],
];

/** How old the sound is when it is heard, and on request what that is made of. */
export class LatencyPanel {
  #details = /** @type {HTMLDetailsElement} */ (element("details"));
  #latency = element("latency");
  /** @type {HTMLElement[]} */
  #values;
  #shownAt = -Infinity;

  constructor() {
    this.#values = NUMBERS.map(([name]) => {
      const row = document.createElement("div");
      const value = Object.assign(document.createElement("dd"), { textContent: "–" });
      row.append(Object.assign(document.createElement("dt"), { textContent: name }), value);
      element("numbers").append(row);
      return value;
    });
  }

  /**
   * @param {AudioStatus | undefined} status
   * @param {boolean} isLive whether a latency means anything
   * @param {number} nowMs
   */
  show(status, isLive, nowMs) {
    if (nowMs - this.#shownAt < RENEW_MS) return;
    this.#shownAt = nowMs;
    setText(this.#latency, isLive && status ? ms(status.latency.totalMs) : "–");
    if (!this.#details.open || status === undefined) return;
    NUMBERS.forEach(([, read], index) => setText(this.#values[index], read(status)));
  }
}

/** @param {number} value */
function ms(value) {
  return Number.isFinite(value) ? `${Math.round(value)} ms` : "–";
}

/** @param {number} count */
function times(count) {
  return count === 1 ? "once" : `${count} times`;
}
