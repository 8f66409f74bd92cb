// @ts-check

/** Without news for longer the levels fall by themselves. */
const STALE_MS = 300;
const SILENT_DB = -90;

/** @typedef {{ isVisible: boolean, setLevels(userDb: number, botDb: number): boolean, resetLevels(): void }} Leveled */

/**
 * Cards that are moved in one frame. Each costs the browser about 0.1 ms to paint anew: on a wall of
 * hundreds a message is spread over the frames until the next one, so that none of them takes long.
 */
const CARDS_A_FRAME = 64;

/** Brings the levels of a message to the cards. What is out of sight is not moved. */
export class Levels {
  #find;
  #requestFrame;
  #now;
  /** What is still to be shown, the longest waiting first. @type {Map<string, [userDb: number, botDb: number]>} */
  #waiting = new Map();
  /** Calls whose meters have still to fall. @type {Set<string>} */
  #moving = new Set();
  #isAsked = false;
  #at = 0;

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
    this.#at = this.#now();
    // A call that is not told of any more has fallen silent.
    for (const id of this.#moving) this.#waiting.set(id, [SILENT_DB, SILENT_DB]);
    for (const [id, userDb, botDb] of levels) this.#waiting.set(id, [userDb, botDb]);
    this.#request();
  }

  /** Lets the levels fall when nothing is heard of them any more. */
  tick() {
    if (this.#moving.size > 0 && this.#now() - this.#at >= STALE_MS) this.take([]);
  }

  #request() {
    if (this.#isAsked || this.#waiting.size === 0) return;
    this.#isAsked = true;
    this.#requestFrame(() => {
      this.#isAsked = false;
      this.#show();
      this.#request();
    });
  }

  #show() {
    let count = 0;
    for (const [id, [userDb, botDb]] of this.#waiting) {
      this.#waiting.delete(id);
      const card = this.#find(id);
      if (card?.isVisible && card.setLevels(userDb, botDb)) this.#moving.add(id);
      else this.#moving.delete(id);
      if (card && !card.isVisible) card.resetLevels();
      else if (card && ++count === CARDS_A_FRAME) return;
    }
  }
}
