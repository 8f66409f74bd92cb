// @ts-check
/// <reference lib="dom" />
import { clockText } from "../states.js";
import { element, setText } from "./page.js";

/** Shorter losses are no news: most are over before anyone has read of them. */
const QUIET_MS = 1500;

/** Says how true the page is: fed live, or reconnecting and since when. */
export class ConnectionView {
  /** @type {import("./events_connection.js").ConnectionReport} */
  #report = { state: "connecting" };

  /** @param {() => void} onRetry @param {AbortSignal} signal */
  constructor(onRetry, signal) {
    element("retry").addEventListener("click", onRetry, { signal });
    this.tick(0);
  }

  /** @param {import("./events_connection.js").ConnectionReport} report @param {number} nowMs */
  show(report, nowMs) {
    this.#report = report;
    this.tick(nowMs);
  }

  /** Renews the times. @param {number} nowMs by the clock of the reports */
  tick(nowMs) {
    const report = this.#report;
    const isLost = report.state === "reconnecting" && nowMs - report.sinceMs > QUIET_MS;
    const state = report.state === "reconnecting" && !isLost ? "connecting" : report.state;
    const view = element("connection");
    view.hidden = report.state === "refused";
    view.dataset.state = state;
    element("retry").hidden = !isLost;
    setText(
      element("connection-text"),
      {
        connecting: "Connecting",
        live: "Live",
        refused: "Signed out",
        reconnecting: "Reconnecting",
      }[state],
    );
    if (!isLost) return setText(element("connection-time"), "");
    const lost = clockText((nowMs - report.sinceMs) / 1000);
    const wait = Math.max(0, Math.ceil((report.retryAtMs - nowMs) / 1000));
    const next = wait > 0 ? `next try in ${wait} s` : "trying";
    setText(element("connection-time"), `for ${lost}, ${next}`);
    element("connection").title = report.why;
  }

  /** Why the server cannot be reached, if so. */
  get why() {
    return this.#report.state === "reconnecting" ? this.#report.why : "";
  }
}
