// @ts-check

/** Most tokens that are held. */
const MOST = 200;
/** A token is good for a day; from half of it on another one is asked for. */
const FRESH_MS = 12 * 3600_000;

/** Tokens of single calls, asked for when they are needed, so that no link has to carry the key. */
export class CallTokens {
  #ask;
  #now;
  /** @type {Map<string, { asked: Promise<string>, token: string | undefined, atMs: number }>} */
  #byCall = new Map();

  /**
   * @param {(id: string) => Promise<string>} ask gets a token of a call from the server
   * @param {() => number} now ms
   */
  constructor(ask, now) {
    this.#ask = ask;
    this.#now = now;
  }

  /** The token of a call, if it is here. @param {string} id */
  held(id) {
    return this.#entry(id)?.token;
  }

  /** The token of a call; rejects when the server gives none. @param {string} id */
  of(id) {
    const known = this.#entry(id);
    if (known) return known.asked;
    if (this.#byCall.size >= MOST) this.#byCall.delete([...this.#byCall.keys()][0]);
    /** @type {{ asked: Promise<string>, token: string | undefined, atMs: number }} */
    const entry = { asked: this.#ask(id), token: undefined, atMs: this.#now() };
    this.#byCall.set(id, entry);
    entry.asked.then(
      (token) => entry.token = token,
      () => this.#byCall.get(id) === entry && this.#byCall.delete(id),
    );
    return entry.asked;
  }

  /** @param {string} id */
  #entry(id) {
    const entry = this.#byCall.get(id);
    if (entry === undefined || this.#now() - entry.atMs < FRESH_MS) return entry;
    this.#byCall.delete(id);
    return undefined;
  }
}
