// @ts-check
import { decodePeaks, PeakStore } from "./peak_store.js";

/** @typedef {import("./mark_text.js").Mark} Mark */

/** More marks than this are not kept; the oldest go. */
const MOST_MARKS = 2000;

/**
 * @typedef {"snapshot" | "peaks" | "marks" | "state" | "recording"} TimelineChange What of the
 * timeline an event has changed.
 */

/**
 * What is known of a call from its timeline stream (docs/protocol.md): the call itself, its waveform
 * and what happened in it. Takes every event as untrusted: what has an odd shape is left out.
 */
export class CallTimeline {
  /** @type {"unknown" | "announced" | "live" | "ended"} */
  state = "unknown";
  sampleRate = 8000;
  /** Samples of a waveform pixel. */
  samplesPerPixel = 400;
  /** Wall time of sample 0, ms. */
  startedAt = 0;
  /** The live edge when last heard of, in samples; the length once ended. */
  position = 0;
  /** The earliest sample that can be heard. */
  from = 0;
  paused = false;
  ingestLost = false;
  listeners = 0;
  /** Whether the call may be listened to while it runs. */
  mayListen = true;
  /** @type {Record<string, unknown>} */
  metadata = {};
  /** @type {{ state: string, url: string } | null} */
  recording = null;
  /** Why it ended. */
  reason = "";
  peaks = new PeakStore();
  /** @type {Mark[]} by position */
  marks = [];
  /** Marks that had to go. */
  droppedMarks = 0;

  /**
   * @param {string} type
   * @param {unknown} data
   * @returns {TimelineChange | undefined} nothing when the event says nothing new
   */
  apply(type, data) {
    if (typeof data !== "object" || data === null) return undefined;
    const fields = /** @type {Record<string, unknown>} */ (data);
    switch (type) {
      case "snapshot":
        return this.#snapshot(fields);
      case "peaks":
        return this.#addPeaks(fields);
      case "marks":
        return this.#addMarks(Array.isArray(data) ? data : []);
      case "mark":
        return this.#addMarks([data]);
      case "state":
        return this.#update(fields);
      case "ended":
        this.state = "ended";
        return this.#update({ ...fields, state: "ended" });
      case "recording":
        this.recording = toRecording(data);
        return "recording";
    }
    return undefined;
  }

  /** The first moment that can be heard, in seconds. */
  get fromSeconds() {
    return this.from / this.sampleRate;
  }

  /** The end of what is known, in seconds. */
  get endSeconds() {
    const drawn = this.state === "ended" ? 0 : this.peaks.length * this.samplesPerPixel;
    return Math.max(this.position, drawn) / this.sampleRate;
  }

  get pixelsPerSecond() {
    return this.sampleRate / this.samplesPerPixel;
  }

  /** @param {Record<string, unknown>} fields */
  #snapshot(fields) {
    // The stream begins anew after a loss, and says everything again.
    this.peaks = new PeakStore();
    this.marks = [];
    this.droppedMarks = 0;
    this.sampleRate = positive(fields.sampleRate, this.sampleRate);
    this.samplesPerPixel = positive(fields.samplesPerPixel, this.sampleRate / 20);
    this.startedAt = positive(fields.startedAt, 0);
    this.from = positive(fields.from, 0);
    const { live } = /** @type {{ live?: unknown }} */ (fields.media ?? {});
    this.mayListen = live !== false;
    if (typeof fields.metadata === "object" && fields.metadata !== null) {
      this.metadata = /** @type {Record<string, unknown>} */ (fields.metadata);
    }
    this.#update(fields);
    return /** @type {const} */ ("snapshot");
  }

  /** @param {Record<string, unknown>} fields */
  #update(fields) {
    const { state } = fields;
    if (state === "announced" || state === "live" || state === "ended") this.state = state;
    this.position = positive(fields.position, this.position);
    if (typeof fields.paused === "boolean") this.paused = fields.paused;
    if (typeof fields.ingestLost === "boolean") this.ingestLost = fields.ingestLost;
    this.listeners = positive(fields.listeners, this.listeners);
    if (typeof fields.reason === "string") this.reason = fields.reason;
    if ("recording" in fields) this.recording = toRecording(fields.recording);
    return /** @type {const} */ ("state");
  }

  /** @param {Record<string, unknown>} fields */
  #addPeaks({ from, data }) {
    if (typeof from !== "number" || typeof data !== "string") return undefined;
    this.peaks.write(from, decodePeaks(data));
    return /** @type {const} */ ("peaks");
  }

  /** @param {unknown[]} marks */
  #addMarks(marks) {
    const known = marks.filter(isMark);
    if (known.length === 0) return undefined;
    this.marks.push(...known);
    this.marks.sort((a, b) => a.position - b.position);
    const surplus = Math.max(0, this.marks.length - MOST_MARKS);
    this.marks.splice(0, surplus);
    this.droppedMarks += surplus;
    return /** @type {const} */ ("marks");
  }
}

/**
 * @param {unknown} value
 * @param {number} otherwise
 */
function positive(value, otherwise) {
  return typeof value === "number" && Number.isFinite(value) && value >= 0 ? value : otherwise;
}

/** @param {unknown} value @returns {value is Mark} */
function isMark(value) {
  if (typeof value !== "object" || value === null) return false;
  const { type, position } = /** @type {Record<string, unknown>} */ (value);
  return typeof type === "string" && positive(position, -1) >= 0;
}

/** @param {unknown} value */
function toRecording(value) {
  const { state, url } = /** @type {Record<string, unknown>} */ (value ?? {});
  return typeof state === "string" && typeof url === "string" ? { state, url } : null;
}
