// @ts-check

const PAGE = 50;

/** @typedef {import("./calls_model.js").Described} Described */

/** The ended calls, a page after the other, newest first; of one kind of metadata if so wished. */
export class EndedPages {
  #api;
  /** @type {string | null} */
  #cursor = null;
  #metadata = "";
  #aborter = new AbortController();
  isLoading = false;

  /** @param {{ get: (path: string, query: Record<string, string>, signal: AbortSignal) => Promise<any> }} api */
  constructor(api) {
    this.#api = api;
  }

  /** Whether there are older ones. */
  get hasMore() {
    return this.#cursor !== null;
  }

  /**
   * The first page. What was being loaded is not wanted any more.
   *
   * @param {string} metadata `key=value`, or empty for all
   * @returns {Promise<Described[]>}
   */
  first(metadata) {
    this.#aborter.abort();
    this.#aborter = new AbortController();
    this.#metadata = metadata;
    this.#cursor = null;
    return this.#load();
  }

  /** The next page, or none while one is on its way. @returns {Promise<Described[]>} */
  next() {
    return this.isLoading || !this.hasMore ? Promise.resolve([]) : this.#load();
  }

  stop() {
    this.#aborter.abort();
  }

  async #load() {
    const { signal } = this.#aborter;
    const equals = this.#metadata.indexOf("=");
    const query = {
      state: "ended",
      limit: String(PAGE),
      ...(this.#cursor !== null && { before: this.#cursor }),
      ...(equals > 0 && {
        [`metadata.${this.#metadata.slice(0, equals)}`]: this.#metadata.slice(equals + 1),
      }),
    };
    this.isLoading = true;
    try {
      const body = await this.#api.get("calls", query, signal);
      signal.throwIfAborted();
      this.#cursor = body.before ?? null;
      return body.calls;
    } finally {
      if (signal === this.#aborter.signal) this.isLoading = false;
    }
  }
}
