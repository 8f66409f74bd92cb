// @ts-check
import { backoffMs } from "../connection_rules.js";
import { EventLine, NEXT_TURN_MS, TURN_OVER } from "../event_line.js";

/** The server says something every 3 s at least; after more than two of these the line is dead. */
const QUIET_LIMIT_MS = 8000;
/** Open for this long, the next loss starts with short waits again. */
const STEADY_MS = 10_000;

/** @typedef {import("../event_stream_parser.js").StreamEvent} StreamEvent */
/** @typedef {import("../event_line.js").LineWorld} EventsWorld */

/**
 * @typedef {{ state: "connecting" } | { state: "live" } | { state: "refused" }
 *   | { state: "reconnecting", sinceMs: number, retryAtMs: number, why: string }} ConnectionReport
 *   Times by the world's `now`. "refused": the key is not valid; it is not tried again.
 */

/**
 * The server's events, for as long as the page is open. A lost line is opened again and goes on where it
 * stopped (`Last-Event-ID`).
 */
export class EventsConnection {
  #request;
  #handlers;
  #world;
  #lastEventId = "";
  #attempt = 0;
  #lostAt = 0;
  #stopped = false;
  /** @type {EventLine | undefined} */
  #line;
  /** @type {(() => void) | undefined} */
  #endWait;

  /**
   * @param {{ url: string, token: string }} request
   * @param {{
   *   onEvents: (events: StreamEvent[]) => void,
   *   onReport: (report: ConnectionReport) => void,
   * }} handlers
   * @param {import("../event_line.js").LineWorld} world
   */
  constructor(request, handlers, world) {
    this.#request = request;
    this.#handlers = handlers;
    this.#world = world;
  }

  /** Settles when it has been stopped or refused. */
  async run() {
    this.#handlers.onReport({ state: "connecting" });
    while (!this.#stopped) {
      const startedAt = this.#world.now();
      const why = await this.#follow();
      if (this.#stopped) return;
      if (why === "refused") return this.#handlers.onReport({ state: "refused" });
      if (why === TURN_OVER) {
        await this.#wait(NEXT_TURN_MS);
        continue;
      }
      const now = this.#world.now();
      if (now - startedAt > STEADY_MS) this.#attempt = 0;
      this.#lostAt ||= this.#line?.heardAtMs ?? now;
      const waitMs = backoffMs(this.#attempt++, this.#world.random());
      this.#handlers.onReport({
        state: "reconnecting",
        sinceMs: this.#lostAt,
        retryAtMs: now + waitMs,
        why,
      });
      await this.#wait(waitMs);
    }
  }

  /** Tries again at once, if it is waiting to. */
  retry() {
    this.#endWait?.();
  }

  /**
   * Gives the line up and opens it again, without what was missed: everything is to be loaded anew.
   *
   * @param {string} why as it is reported
   */
  restart(why) {
    this.#lastEventId = "";
    this.#line?.close(why);
  }

  stop() {
    this.#stopped = true;
    this.#line?.close();
    this.#endWait?.();
  }

  /** Follows the stream until it ends; answers why it did. */
  async #follow() {
    const request = { ...this.#request, quietMs: QUIET_LIMIT_MS, lastEventId: this.#lastEventId };
    const onEvents = (/** @type {StreamEvent[]} */ events) => this.#take(events);
    this.#line = new EventLine(request, { onEvents }, this.#world);
    const { refused, why } = await this.#line.read();
    refused?.body?.cancel().catch(() => {});
    return refused?.status === 401 ? "refused" : why;
  }

  /** @param {StreamEvent[]} events */
  #take(events) {
    if (events.length === 0 || this.#stopped) return;
    // Not before it has said something: a proxy may answer for a server that is away.
    if (events[0].type === "hello" || this.#lostAt > 0) {
      this.#lostAt = 0;
      this.#handlers.onReport({ state: "live" });
    }
    for (const { id } of events) if (id !== "") this.#lastEventId = id;
    this.#handlers.onEvents(events);
  }

  /** @param {number} ms */
  #wait(ms) {
    return new Promise((resolve) => {
      const end = () => {
        this.#world.clearTimeout(timer);
        this.#endWait = undefined;
        resolve(undefined);
      };
      const timer = this.#world.setTimeout(end, ms);
      this.#endWait = end;
    });
  }
}
