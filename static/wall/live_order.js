// @ts-check

/** @typedef {{ id: string, state: string, startedAt: number }} Placed */

/**
 * The order of the active calls on the screen: live ones first, each group oldest first, so that a new
 * call comes in at the end and moves none. While someone reads (`held`), nothing moves at all: calls that
 * are over stay in their place, and a call that goes live keeps it.
 */
export class LiveOrder {
  /** @type {string[]} */
  #ids = [];

  get ids() {
    return this.#ids;
  }

  /** Forgets the order, for another choice of calls. */
  restart() {
    this.#ids = [];
  }

  /**
   * @param {Map<string, Placed>} calls those to show, by id
   * @param {{ held: boolean, stays: (id: string) => boolean }} how `stays`: whether a call that is not
   *   to be shown any more may keep its place for now
   * @returns {readonly string[]} ids in their order
   */
  update(calls, { held, stays }) {
    const kept = this.#ids.filter((id) => calls.has(id) || stays(id));
    const known = new Set(kept);
    const added = [...calls.values()]
      .filter(({ id }) => !known.has(id))
      .sort((a, b) => rank(a) - rank(b) || a.startedAt - b.startedAt || (a.id < b.id ? -1 : 1))
      .map(({ id }) => id);
    const all = [...kept, ...added];
    if (held) return this.#ids = all;
    const waits = (/** @type {string} */ id) => calls.get(id)?.state === "announced";
    return this.#ids = [...all.filter((id) => !waits(id)), ...all.filter(waits)];
  }
}

/** @param {Placed} call */
function rank({ state }) {
  return state === "announced" ? 1 : 0;
}
