/** Lets through a few at a time; the others wait in the order in which they came. */
export class Turnstile {
  readonly #limit: number;
  readonly #waiting: (() => void)[] = [];
  #inside = 0;

  /** @param limit how many may be at it at the same time, at least 1 */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Does `work` when it is its turn, and answers what it does. */
  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#inside < this.#limit) this.#inside++;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    try {
      return await work();
    } finally {
      // The place is handed on as it is: nobody who comes now may take it.
      const next = this.#waiting.shift();
      if (next !== undefined) next();
      else this.#inside--;
    }
  }
}
