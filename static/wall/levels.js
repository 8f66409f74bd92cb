// @ts-check

/** Without news for longer the levels fall by themselves. */
const STALE_MS = 300;
const SILENT_DB = -90;

/** @typedef {{ isVisible: boolean, setLevels(userDb: number, botDb: number): boolean, resetLevels(): void }} Leveled */

/**
 * Brings the levels of a message to the cards, once for each frame of the screen. What is out of sight is
 * not moved.
 */
export class Levels {
  #find;
  #requestFrame;
  #now;
  /** @type {import("./feed.js").Levels} */
  #latest = [];
  /** Calls whose meters have still to fall. @type {Set<string>} */
  #moving = new Set();
  #isAsked = false;
  #at = 0;
  /** Messages shown so far, for measurements. */
  shown = 0;

  /**
   * @param {(id: string) => Leveled | undefined} find
   * @param {{ now: () => number, requestFrame: (callback: () => void) => unknown }} world
   */
  constructor(find, { now, requestFrame }) {
    this.#find = find;
    this.#now = now;
    this.#requestFrame = requestFrame;
  }

  /** @param {import("./feed.js").Levels} levels the latest; replaces what was not shown yet */
  take(levels) {
    this.#latest = levels;
    this.#at = this.#now();
    if (this.#isAsked) return;
    this.#isAsked = true;
    this.#requestFrame(() => {
      this.#isAsked = false;
      this.#show();
    });
  }

  /** Lets the levels fall when nothing is heard of them any more. */
  tick() {
    if (this.#moving.size === 0 || this.#now() - this.#at < STALE_MS) return;
    this.#latest = [];
    this.#show();
  }

  #show() {
    this.shown++;
    const before = this.#moving;
    const moving = this.#moving = new Set();
    for (const [id, userDb, botDb] of this.#latest) {
      before.delete(id);
      const card = this.#find(id);
      if (card === undefined) continue;
      if (!card.isVisible) card.resetLevels();
      else if (card.setLevels(userDb, botDb)) moving.add(id);
    }
    for (const id of before) if (this.#find(id)?.setLevels(SILENT_DB, SILENT_DB)) moving.add(id);
  }
}
