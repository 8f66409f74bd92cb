// @ts-check
/// <reference lib="dom" />
import { withToken } from "../session.js";
import { clockText } from "../states.js";
import { element, setText } from "./elements.js";

/** @type {readonly (readonly [string, Record<string, string>])[]} */
const DOWNLOADS = [
  ["Mix", {}],
  ["Stereo, user left", { channels: "2" }],
  ["User only", { track: "user" }],
  ["Bot only", { track: "bot" }],
];
/** Offered by servers that can. */
const FLAC = /** @type {const} */ (["Stereo, FLAC", { channels: "2", format: "flac" }]);

/** Reasons that the server gives, in words; others are shown as they are. */
/** @type {Record<string, string>} */
const REASONS = {
  hangup: "someone hung up",
  stop: "the provider ended it",
  ingest_lost: "the agent's connection was lost",
  never_started: "its audio never began",
  server_shutdown: "the server was stopped",
  api: "it was ended through the API",
  failed: "it failed",
};

/** What is left of a call: how long it was, why it ended, its recording in all forms. */
export class AfterPanel {
  #panel = element("after");
  #downloads = element("downloads");
  #token;
  #recordingUrl;
  #shownUrl = "";

  /** @param {string} token @param {string} recordingUrl as this page reaches the server */
  constructor(token, recordingUrl) {
    this.#token = token;
    this.#recordingUrl = recordingUrl;
  }

  /** @param {import("./call_timeline.js").CallTimeline} timeline */
  show({ state, endSeconds, reason, recording }) {
    this.#panel.hidden = state !== "ended";
    if (state !== "ended") return;
    const because = reason === "" ? "" : `; ${REASONS[reason] ?? reason}`;
    setText(element("ending"), `It lasted ${clockText(endSeconds)}${because}.`);
    const isReady = recording?.state === "complete" || recording?.state === "recovered";
    const url = isReady ? this.#recordingUrl : "";
    if (url === this.#shownUrl) return;
    this.#shownUrl = url;
    this.#downloads.replaceChildren(...url === "" ? [] : DOWNLOADS.map((form) => this.#link(form)));
    if (url !== "") void this.#offerFlac();
  }

  /** Only the server knows whether it can. */
  async #offerFlac() {
    const link = this.#link(FLAC);
    const url = new URL(link.href);
    url.searchParams.delete("token");
    const headers = { "x-api-key": this.#token };
    const answer = await fetch(url, { method: "HEAD", headers, cache: "no-store" })
      .catch(() => undefined);
    const isFlac = answer?.ok && answer.headers.get("content-type")?.includes("flac");
    if (isFlac) this.#downloads.append(link);
  }

  /** @param {readonly [string, Record<string, string>]} form */
  #link([text, query]) {
    const href = withToken(this.#shownUrl, this.#token, query);
    return Object.assign(document.createElement("a"), { textContent: text, href, download: "" });
  }
}
