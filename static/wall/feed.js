// @ts-check
import { ApiError } from "./api.js";
import { EventsConnection } from "./events_connection.js";

/** Events that wait for the list to arrive; with more of them it is loaded again. */
const MOST_WAITING = 5000;

/** @typedef {[id: string, userDb: number, botDb: number][]} Levels */
/** @typedef {import("./events_connection.js").ConnectionReport} ConnectionReport */

/**
 * Keeps the model true: the list once, then the server's events. Nothing is asked again and again; after a
 * loss the events go on where they stopped, and only if the server knows them no more (`reset`) the list
 * is loaded anew.
 */
export class CallFeed {
  #parts;
  #handlers;
  #connection;
  #isLoaded = false;
  /** Which loading is wanted. */
  #turn = 0;
  /** Events that came while the list was on its way. @type {[string, any][] | undefined} */
  #waiting;

  /**
   * @param {{
   *   model: import("./calls_model.js").CallsModel,
   *   clock: import("./server_clock.js").ServerClock,
   *   api: { active(): Promise<any[]> },
   *   ended: { first(metadata: string): Promise<any[]> },
   *   request: { url: string, token: string },
   *   world: import("./events_connection.js").EventsWorld,
   * }} parts
   * @param {{
   *   onChange: () => void,
   *   onLoaded: () => void,
   *   onLevels: (levels: Levels) => void,
   *   onWarning: (callId: string, warning: { code: string, track?: string, message?: string }) => void,
   *   onReport: (report: ConnectionReport) => void,
   *   metadata: () => string,
   * }} handlers `metadata`: what the ended calls are to be filtered by
   */
  constructor(parts, handlers) {
    this.#parts = parts;
    this.#handlers = handlers;
    this.#connection = new EventsConnection(parts.request, {
      onEvents: (events) => this.#take(events),
      onReport: handlers.onReport,
    }, parts.world);
  }

  start() {
    this.#connection.run();
  }

  /** Tries again at once when it is waiting to. */
  retry() {
    this.#connection.retry();
  }

  stop() {
    this.#turn++;
    this.#connection.stop();
  }

  /** @param {import("../event_stream_parser.js").StreamEvent[]} events */
  #take(events) {
    let hasChanged = false;
    for (const { type, data } of events) {
      if (type === "hello") {
        this.#parts.clock.check(JSON.parse(data).now);
        if (!this.#isLoaded && this.#waiting === undefined) this.#load();
      } else if (type === "reset") this.#load();
      else if (type === "levels") this.#handlers.onLevels(JSON.parse(data));
      else if (this.#waiting === undefined) {
        this.#apply(type, JSON.parse(data));
        hasChanged = true;
      } else this.#keep(type, JSON.parse(data));
    }
    if (hasChanged) this.#handlers.onChange();
  }

  /** @param {string} type @param {any} data */
  #keep(type, data) {
    if (this.#waiting?.push([type, data]) !== MOST_WAITING) return;
    this.#waiting = undefined;
    this.#turn++;
    this.#connection.restart("the calls take too long to load");
  }

  /** @param {string} type @param {any} data */
  #apply(type, data) {
    const { model, clock } = this.#parts;
    if (type === "call.started") clock.observe(data.call.startedAt);
    if (type === "call.ended") clock.observe(data.call.endedAt);
    model.apply(type, data, clock.now());
    if (type === "call.warning" && data.active !== false) {
      this.#handlers.onWarning(data.callId, data);
    }
  }

  async #load() {
    const turn = ++this.#turn;
    const { model, api, ended } = this.#parts;
    this.#waiting = [];
    try {
      const [active, past] = await Promise.all([
        api.active(),
        ended.first(this.#handlers.metadata()),
      ]);
      if (turn !== this.#turn) return;
      // The ended ones first: a call of both lists has gone from one to the other in between.
      model.loadActive(active);
      model.loadEnded(past);
      for (const [type, data] of this.#waiting) this.#apply(type, data);
      this.#waiting = undefined;
      this.#isLoaded = true;
      this.#handlers.onLoaded();
    } catch (error) {
      if (turn !== this.#turn) return;
      this.#waiting = undefined;
      this.#isLoaded = false;
      const why = error instanceof ApiError ? error.message : "the list of calls did not arrive";
      this.#connection.restart(why);
    }
  }
}
