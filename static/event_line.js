// @ts-check
import { EventStreamParser } from "./event_stream_parser.js";

/** @typedef {import("./event_stream_parser.js").StreamEvent} StreamEvent */

/**
 * @typedef {object} LineWorld What a line needs of the world, so that tests can give their own.
 * @property {(url: string, init: RequestInit) => Promise<Response>} fetch
 * @property {(callback: () => void, ms: number) => unknown} setTimeout
 * @property {(timer: unknown) => void} clearTimeout
 * @property {() => number} now in ms, monotonic
 * @property {() => number} random 0 to 1
 * @property {() => Promise<(() => void) | undefined>} [takeSlot] see stream_slots.js
 */

/** Without a place of its own a line is kept for so long after it has said something, */
const TURN_MS = 300;
/** and opened again after so long, so that many pages get on with few connections. */
export const NEXT_TURN_MS = 3000;
/** Why such a line ended. */
export const TURN_OVER = "its turn is over";

/** One way to the server for server-sent events: opened, read, and given up when it is quiet for too long. */
export class EventLine {
  #request;
  #handlers;
  #world;
  #abort = new AbortController();
  /** When the server was last heard, by the world's clock, in ms. */
  heardAtMs;

  /**
   * @param {{ url: string, token: string, quietMs: number, lastEventId?: string }} request `quietMs`: a
   *   longer silence is a dead line
   * @param {{ onOpen?: () => void, onEvents: (events: StreamEvent[]) => void }} handlers
   * @param {LineWorld} world
   */
  constructor(request, handlers, world) {
    this.#request = request;
    this.#handlers = handlers;
    this.#world = world;
    this.heardAtMs = world.now();
  }

  get isClosed() {
    return this.#abort.signal.aborted;
  }

  /** Gives it up; nothing more is told. @param {string} [why] */
  close(why = "it was closed") {
    this.#abort.abort(why);
  }

  /**
   * Reads until the stream ends.
   *
   * @returns {Promise<{ refused?: Response, why: string }>} why it ended; `refused` is an answer that is no
   *   stream. Never rejects
   */
  async read() {
    const { url, token, quietMs, lastEventId = "" } = this.#request;
    const { fetch, setTimeout, clearTimeout, now } = this.#world;
    const { signal } = this.#abort;
    /** @type {unknown} */
    let timer;
    const heard = () => {
      this.heardAtMs = now();
      clearTimeout(timer);
      timer = setTimeout(() => this.close("the server has gone quiet"), quietMs);
    };
    const { takeSlot } = this.#world;
    const release = takeSlot && await takeSlot();
    let hasTurn = takeSlot !== undefined && release === undefined;
    const opened = this.heardAtMs;
    heard();
    this.heardAtMs = opened;
    try {
      const answer = await fetch(url, {
        // A proxy's basic authentication needs the header Authorization for itself.
        headers: { "x-api-key": token, ...(lastEventId && { "last-event-id": lastEventId }) },
        cache: "no-store",
        referrerPolicy: "no-referrer",
        signal,
      });
      if (!answer.ok || answer.body === null) {
        return { refused: answer, why: `the server answered ${answer.status}` };
      }
      this.#handlers.onOpen?.();
      const parser = new EventStreamParser();
      for await (const text of answer.body.pipeThrough(new TextDecoderStream())) {
        if (signal.aborted) break;
        heard();
        this.#handlers.onEvents(parser.push(text));
        if (hasTurn) setTimeout(() => this.close(TURN_OVER), TURN_MS);
        hasTurn = false;
      }
      return { why: signal.aborted ? String(signal.reason) : "the server ended the connection" };
    } catch (error) {
      if (signal.aborted) return { why: String(signal.reason) };
      return { why: error instanceof RangeError ? error.message : "the server cannot be reached" };
    } finally {
      clearTimeout(timer);
      release?.();
    }
  }
}
