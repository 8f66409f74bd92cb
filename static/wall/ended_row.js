// @ts-check
/// <reference lib="dom" />
import { clockText } from "../states.js";
import { callHref } from "./hrefs.js";
import { nameOf } from "./naming.js";
import { copyOf, part, setText } from "./page.js";

/** @typedef {import("./calls_model.js").WallCall} WallCall */

/** What to say of a recording; those with sound are drawn as well. @type {Record<string, string>} */
const RECORDINGS = {
  recording: "Saving the recording …",
  complete: "",
  recovered: "Recovered after a crash: may lack its end",
  failed: "Recording failed: what was kept can be downloaded",
  deleted: "Recording deleted",
};
const WITH_SOUND = ["complete", "recovered", "failed"];

const TIME = new Intl.DateTimeFormat(undefined, { timeStyle: "short" });
const DATE = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });

/** Whether there is something to draw and to download. @param {WallCall} call */
export function hasSound({ recording }) {
  return recording !== null && WITH_SOUND.includes(recording.state);
}

/** One ended call. */
export class EndedRow {
  element = copyOf("ended-call");
  canvas = /** @type {HTMLCanvasElement} */ (part(this.element, "canvas"));
  isVisible = false;
  #links = part(this.element, ".links");
  #shownLinks = "";

  /** @param {string} id */
  constructor(id) {
    this.element.dataset.id = id;
  }

  /**
   * @param {WallCall} call
   * @param {{ nowMs: number }} context `nowMs` by the server's clock
   */
  show(call, { nowMs }) {
    const { who, agent, rest } = nameOf(call);
    const details = rest.map(([, value]) => value);
    if (call.reason) details.push(call.reason.replaceAll("_", " "));
    setText(part(this.element, ".name"), who);
    setText(part(this.element, ".agent"), agent);
    setText(part(this.element, ".details"), details.join(" \u00b7 "));
    this.element.title = `Call ${call.id}`;
    const isToday = nowMs - call.startedAt < 18 * 3600_000;
    setText(part(this.element, ".started"), (isToday ? TIME : DATE).format(call.startedAt));
    setText(part(this.element, ".length"), clockText(call.durationSeconds));
    const { recording } = call;
    const words = recording === null
      ? "Not recorded"
      : RECORDINGS[recording.state] ?? recording.state;
    setText(part(this.element, ".recording"), words);
    this.element.dataset.recording = recording?.state ?? "none";
    this.canvas.hidden = !hasSound(call);
    this.canvas.ariaLabel = `Waveform of ${who}, the caller above, the bot below`;
    this.#showLinks(call, who);
  }

  /**
   * @param {WallCall} call
   * @param {string} who
   */
  #showLinks(call, who) {
    const shown = hasSound(call) ? who : "";
    if (this.#shownLinks === shown) return;
    this.#shownLinks = shown;
    if (shown === "") return this.#links.replaceChildren();
    this.#links.replaceChildren(
      link("Open", callHref("live", call.id, "player"), `Open ${who} in the full player`),
      link(
        "Mix",
        callHref("calls", call.id, "recording"),
        `Download the mix of ${who}, WAV`,
        true,
      ),
      link(
        "Stereo",
        callHref("calls", call.id, "recording", { channels: "2" }),
        `Download ${who} in stereo, WAV: caller left, bot right`,
        true,
      ),
    );
  }
}

/**
 * @param {string} textContent
 * @param {string} href
 * @param {string} ariaLabel
 * @param {boolean} [download]
 */
function link(textContent, href, ariaLabel, download = false) {
  const made = Object.assign(document.createElement("a"), { textContent, href });
  made.ariaLabel = ariaLabel;
  made.title = ariaLabel;
  if (download) made.download = "";
  else Object.assign(made, { target: "_blank", rel: "noopener" });
  return made;
}
