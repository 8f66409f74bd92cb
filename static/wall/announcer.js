// @ts-check

/** Between two announcements: time enough to hear one to its end. */
const PAUSE_MS = 5000;
const MOST_NAMED = 3;
const MOST_WAITING = 100;

/**
 * Tells screen readers of new warnings, in few words: what comes close together is said together, and
 * nothing twice within a minute.
 */
export class Announcer {
  #say;
  #world;
  /** @type {{ text: string, who: string, isStill: () => boolean }[]} */
  #waiting = [];
  /** When each was said last. @type {Map<string, number>} */
  #said = new Map();
  #lastAt = -Infinity;
  #timed = false;

  /**
   * @param {(text: string) => void} say
   * @param {{ now: () => number, setTimeout: (callback: () => void, ms: number) => unknown }} world
   */
  constructor(say, world) {
    this.#say = say;
    this.#world = world;
  }

  /**
   * @param {string} text such as "Caller silent"
   * @param {string} who the call
   * @param {() => boolean} [isStill] whether it is still worth saying when its time has come
   */
  warn(text, who, isStill = () => true) {
    const now = this.#world.now();
    const name = `${text}/${who}`;
    if (now - (this.#said.get(name) ?? -Infinity) < 60_000) return;
    this.#said.delete(name);
    this.#said.set(name, now);
    if (this.#said.size > MOST_WAITING) this.#said.delete([...this.#said.keys()][0]);
    if (this.#waiting.length < MOST_WAITING) this.#waiting.push({ text, who, isStill });
    if (this.#timed) return;
    this.#timed = true;
    // Half a second for others to come along.
    this.#world.setTimeout(() => this.#flush(), Math.max(500, this.#lastAt + PAUSE_MS - now));
  }

  #flush() {
    this.#timed = false;
    const waiting = this.#waiting.filter(({ isStill }) => isStill());
    this.#waiting = [];
    if (waiting.length === 0) return;
    this.#lastAt = this.#world.now();
    const named = waiting.slice(0, MOST_NAMED).map(({ text, who }) => `${text}, call ${who}`);
    const more = waiting.length - named.length;
    if (more > 0) named.push(`and ${more} more`);
    const head = waiting.length === 1 ? "Warning" : `${waiting.length} warnings`;
    this.#say(`${head}: ${named.join("; ")}`);
  }
}
