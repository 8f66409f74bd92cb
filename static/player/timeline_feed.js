// @ts-check
import { backoffMs, refusal } from "../connection_rules.js";
import { EventLine, NEXT_TURN_MS, TURN_OVER } from "../event_line.js";

/** The server says something every 3 s; after twice that the line is dead. */
const QUIET_LIMIT_MS = 6000;
/** A recording is ready some seconds after its call; a stream that closes earlier is asked again. */
const RECORDING_TRIES = 5;

/**
 * @typedef {{ state: "connecting" | "open" | "done" } | { state: "lost", sinceMs: number }
 *   | { state: "refused", status: number, title: string, advice: string, detail: string }} FeedReport
 *   "lost" stands until it is open again; `sinceMs` by the world's clock, when the server was last heard.
 */

/** Follows `GET /calls/{id}/timeline`: opens it, opens it again when it is lost, until the call's end. */
export class TimelineFeed {
  #address;
  #onEvent;
  #onReport;
  #world;
  #attempt = 0;
  #tries = 0;
  /** When the server was last heard, if the line is lost. @type {number | undefined} */
  #lostSinceMs;
  /** @type {"running" | "ended" | "recorded"} */
  #phase = "running";
  /** @type {EventLine | undefined} */
  #line;
  /** @type {unknown} */
  #timer;

  /**
   * @param {{ url: string, token: string }} address
   * @param {(type: string, data: unknown) => void} onEvent
   * @param {(report: FeedReport) => void} onReport
   * @param {import("../event_line.js").LineWorld} world
   */
  constructor(address, onEvent, onReport, world) {
    this.#address = address;
    this.#onEvent = onEvent;
    this.#onReport = onReport;
    this.#world = world;
  }

  /** Opens the stream, and stays with it. */
  async open() {
    this.close();
    if (this.#lostSinceMs === undefined) this.#onReport({ state: "connecting" });
    const line = this.#line = new EventLine({ ...this.#address, quietMs: QUIET_LIMIT_MS }, {
      onOpen: () => {
        this.#lostSinceMs = undefined;
        this.#onReport({ state: "open" });
      },
      onEvents: (events) => {
        this.#attempt = 0;
        for (const { type, data } of events) this.#event(type, data);
      },
    }, this.#world);
    const { refused, why } = await line.read();
    if (line !== this.#line) return;
    if (why !== TURN_OVER || this.#phase !== "running") return await this.#over(line, refused);
    this.#timer = this.#world.setTimeout(() => void this.open(), NEXT_TURN_MS);
  }

  /** Leaves for good. */
  close() {
    this.#world.clearTimeout(this.#timer);
    const line = this.#line;
    this.#line = undefined;
    line?.close();
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

  /** @param {EventLine} line @param {Response | undefined} answer */
  async #over(line, answer) {
    const isLate = this.#phase === "ended" && this.#tries++ >= RECORDING_TRIES;
    if (this.#phase === "recorded" || isLate) return this.#onReport({ state: "done" });
    if (answer !== undefined) {
      const body = await answer.json().catch(() => undefined);
      if (line !== this.#line) return;
      const refused = refusal(answer.status, body?.error?.message);
      if (refused) return this.#onReport({ state: "refused", ...refused });
    }
    this.#lostSinceMs ??= line.heardAtMs;
    this.#onReport({ state: "lost", sinceMs: this.#lostSinceMs });
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
