// @ts-check

/** @typedef {import("./calls_model.js").Described} Described */

/** Most calls that one answer has. */
const PAGE = 1000;
/** More pages than a server has calls for. */
const MOST_PAGES = 20;

/** Why the server did not do what was asked. */
export class ApiError extends Error {
  /** @param {number} status @param {string} message */
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

/** Asks the server, with the key in a header. Throws `ApiError`, or what `fetch` throws. */
export class Api {
  #base;
  #token;
  #fetch;

  /**
   * @param {string} base address the paths are relative to
   * @param {string} token
   * @param {typeof fetch} [fetcher]
   */
  constructor(base, token, fetcher = (...request) => fetch(...request)) {
    this.#base = base;
    this.#token = token;
    this.#fetch = fetcher;
  }

  /**
   * @param {string} path
   * @param {Record<string, string>} [query]
   * @param {AbortSignal} [signal]
   */
  async get(path, query = {}, signal) {
    const url = new URL(path, this.#base);
    for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
    return await this.#send(url, signal ? { signal } : {});
  }

  /** A token of one call, to listen and to have the recording, for a day. @param {string} id */
  async callToken(id) {
    const url = new URL(`calls/${encodeURIComponent(id)}/tokens`, this.#base);
    const body = await this.#send(url, {
      method: "POST",
      body: JSON.stringify({ scope: ["listen", "recording"], ttlSeconds: 86_400 }),
    });
    return String(body.token);
  }

  /**
   * @param {URL} url
   * @param {RequestInit} request
   */
  async #send(url, request) {
    const response = await this.#fetch(url.href, {
      headers: {
        "x-api-key": this.#token,
        ...(request.body && { "content-type": "application/json" }),
      },
      cache: "no-store",
      ...request,
    });
    const body = await response.json().catch(() => ({}));
    if (response.ok) return body;
    const said = body?.error?.message;
    throw new ApiError(response.status, said ?? `the server answered ${response.status}`);
  }

  /** All announced and live calls. @param {AbortSignal} [signal] @returns {Promise<Described[]>} */
  async active(signal) {
    const calls = [];
    let before = "";
    for (let page = 0; page < MOST_PAGES; page++) {
      const query = { state: "active", limit: String(PAGE), ...(before && { before }) };
      const body = await this.get("calls", query, signal);
      calls.push(...body.calls);
      if (!body.before) break;
      before = body.before;
    }
    return calls;
  }
}
