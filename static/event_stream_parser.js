// @ts-check

/** Longest unfinished message that is waited for, in characters; no message of the server's comes near it. */
const LONGEST = 4 * 1024 * 1024;

/** @typedef {{ id: string, type: string, data: string }} StreamEvent `id` is empty for transient ones */

/**
 * Reads a stream of server-sent events, piece by piece (WHATWG HTML, 9.2.6). `EventSource` would do it,
 * but it cannot send a key in a header.
 */
export class EventStreamParser {
  #rest = "";
  #id = "";
  #type = "";
  /** @type {string[]} */
  #data = [];
  #length = 0;

  /**
   * @param {string} text the next piece, cut anywhere
   * @returns {StreamEvent[]} the events it completes
   * @throws {RangeError} when a message does not end
   */
  push(text) {
    const all = this.#rest + text;
    // A carriage return at the end may be the first half of a line break.
    const lines = all.split(/\r\n|\n|\r(?!$)/);
    this.#rest = lines.pop() ?? "";
    /** @type {StreamEvent[]} */
    const events = [];
    for (const line of lines) this.#line(line, events);
    if (this.#rest.length + this.#length > LONGEST) {
      throw new RangeError(
        `Cannot read events: a message may have ${LONGEST} characters, received more`,
      );
    }
    return events;
  }

  /**
   * @param {string} line
   * @param {StreamEvent[]} events
   */
  #line(line, events) {
    if (line === "") return this.#dispatch(events);
    const colon = line.indexOf(":");
    if (colon === 0) return;
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(colon + (line[colon + 1] === " " ? 2 : 1));
    if (field === "data") {
      this.#data.push(value);
      this.#length += value.length;
    } else if (field === "event") this.#type = value;
    else if (field === "id" && !value.includes("\0")) this.#id = value;
  }

  /** @param {StreamEvent[]} events */
  #dispatch(events) {
    if (this.#data.length > 0) {
      events.push({ id: this.#id, type: this.#type || "message", data: this.#data.join("\n") });
    }
    // Unlike EventSource's, an id belongs to its own event alone: levels have none.
    this.#id = this.#type = "";
    this.#data = [];
    this.#length = 0;
  }
}
