// @ts-check

/** No message of the timeline is longer; what is goes unread. */
const LONGEST = 1 << 20;

/**
 * Reads server-sent events out of text that arrives in any pieces. Comments, ids and retry times are
 * skipped: the timeline needs none of them.
 */
export class SseParser {
  #onEvent;
  #rest = "";
  #type = "";
  /** @type {string[]} */
  #data = [];
  #length = 0;

  /** @param {(type: string, data: string) => void} onEvent */
  constructor(onEvent) {
    this.#onEvent = onEvent;
  }

  /** @param {string} text the next piece */
  push(text) {
    const lines = (this.#rest + text).split("\n");
    this.#rest = lines.pop() ?? "";
    for (const line of lines) this.#line(line.endsWith("\r") ? line.slice(0, -1) : line);
    if (this.#rest.length > LONGEST) {
      this.#rest = "";
      this.#length = Infinity;
    }
  }

  /** @param {string} line */
  #line(line) {
    if (line === "") return this.#flush();
    const colon = line.indexOf(":");
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(line[colon + 1] === " " ? colon + 2 : colon + 1);
    if (field === "event") this.#type = value;
    if (field !== "data") return;
    this.#length += value.length;
    if (this.#length <= LONGEST) this.#data.push(value);
  }

  #flush() {
    const isWhole = this.#length <= LONGEST;
    if (isWhole && this.#data.length > 0) {
      this.#onEvent(this.#type || "message", this.#data.join("\n"));
    }
    this.#type = "";
    this.#data = [];
    this.#length = 0;
  }
}
