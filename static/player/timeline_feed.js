// @ts-check
import { backoffMs, refusal } from "../connection_rules.js";
import { EventStreamParser } from "../event_stream_parser.js";

/** The stream says something every 5 s; after three times that the line is dead. */
const QUIET_LIMIT_MS = 15_000;
/** A recording is ready some seconds after its call; a stream that closes earlier is asked again. */
const RECORDING_TRIES = 5;

/**
 * @typedef {object} FeedWorld What the feed needs of the world, so that tests can give their own.
 * @property {(url: string, init: RequestInit) => Promise<Response>} fetch
 * @property {(callback: () => void, ms: number) => unknown} setTimeout
 * @property {(timer: unknown) => void} clearTimeout
 * @property {() => number} random
 */

/**
 * @typedef {{ state: "connecting" | "open" | "lost" | "done" }
 *   | { state: "refused", status: number, title: string, advice: string, detail: string }} FeedReport
 */

/** Follows `GET /calls/{id}/timeline`: opens it, opens it again when it is lost, until the call's end. */
export class TimelineFeed {
  #url;
  #token;
  #onEvent;
  #onReport;
  #world;
  #attempt = 0;
  #tries = 0;
  /** @type {"running" | "ended" | "recorded"} */
  #phase = "running";
  #abort = new AbortController();
  /** @type {unknown} */
  #timer;

  /**
   * @param {{ url: string, token: string }} address
   * @param {(type: string, data: unknown) => void} onEvent
   * @param {(report: FeedReport) => void} onReport
   * @param {FeedWorld} world
   */
  constructor({ url, token }, onEvent, onReport, world) {
    this.#url = url;
    this.#token = token;
    this.#onEvent = onEvent;
    this.#onReport = onReport;
    this.#world = world;
  }

  /** Opens the stream, and stays with it. */
  async open() {
    this.#world.clearTimeout(this.#timer);
    this.#abort.abort();
    const abort = this.#abort = new AbortController();
    this.#onReport({ state: "connecting" });
    let answer;
    try {
      this.#watch(abort);
      answer = await this.#world.fetch(this.#url, {
        headers: { authorization: `Bearer ${this.#token}`, accept: "text/event-stream" },
        cache: "no-store",
        referrerPolicy: "no-referrer",
        signal: abort.signal,
      });
      if (answer.ok && answer.body) await this.#read(answer.body, abort);
    } catch {
      // Lost, or left: what follows tells them apart.
    }
    if (abort !== this.#abort) return;
    this.#world.clearTimeout(this.#timer);
    await this.#over(answer);
  }

  /** Leaves for good. */
  close() {
    this.#world.clearTimeout(this.#timer);
    const abort = this.#abort;
    this.#abort = new AbortController();
    abort.abort();
  }

  /** @param {AbortController} abort what gives a silent line up */
  #watch(abort) {
    this.#world.clearTimeout(this.#timer);
    this.#timer = this.#world.setTimeout(() => abort.abort(), QUIET_LIMIT_MS);
  }

  /**
   * @param {ReadableStream<Uint8Array<ArrayBuffer>>} body
   * @param {AbortController} abort
   */
  async #read(body, abort) {
    this.#onReport({ state: "open" });
    const parser = new EventStreamParser();
    const reader = body.getReader();
    const decoder = new TextDecoder();
    for (;;) {
      const { done, value } = await reader.read();
      if (done || abort !== this.#abort) return;
      this.#attempt = 0;
      this.#watch(abort);
      for (const { type, data } of parser.push(decoder.decode(value, { stream: true }))) {
        this.#event(type, data);
      }
    }
  }

  /**
   * @param {string} type
   * @param {string} text
   */
  #event(type, text) {
    const data = parse(text);
    if (type === "snapshot" && isOver(data)) this.#phase = "recorded";
    else if (type === "ended") this.#phase = isRecorded(data) ? "ended" : "recorded";
    else if (type === "recording" && isDone(data)) this.#phase = "recorded";
    this.#onEvent(type, data);
  }

  /** @param {Response | undefined} answer */
  async #over(answer) {
    const isLate = this.#phase === "ended" && this.#tries++ >= RECORDING_TRIES;
    if (this.#phase === "recorded" || isLate) return this.#onReport({ state: "done" });
    if (answer !== undefined && !answer.ok) {
      const body = await answer.json().catch(() => undefined);
      const refused = refusal(answer.status, body?.error?.message);
      if (refused) return this.#onReport({ state: "refused", ...refused });
    }
    this.#onReport({ state: "lost" });
    const waitMs = backoffMs(this.#attempt++, this.#world.random());
    this.#timer = this.#world.setTimeout(() => void this.open(), waitMs);
  }
}

/** @param {string} text */
function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** @param {any} snapshot */
function isOver(snapshot) {
  return snapshot?.state === "ended" && isDone(snapshot.recording);
}

/** Whether a recording, if there is one, has taken its final form. @param {any} recording */
function isDone(recording) {
  return recording?.state !== "recording";
}

/** @param {any} ended */
function isRecorded(ended) {
  return ended?.recording !== null && ended?.recording !== undefined;
}
