/** A number of places, each taken by one at a time. */
export class Places {
  readonly #number: number;
  #taken = 0;

  constructor(number: number) {
    this.#number = number;
  }

  /** How many are taken. */
  get taken(): number {
    return this.#taken;
  }

  get hasRoom(): boolean {
    return this.#taken < this.#number;
  }

  /** Takes a place. Answers how to leave it, idempotent; `undefined` if there is none. */
  take(): (() => void) | undefined {
    if (!this.hasRoom) return undefined;
    this.#taken++;
    let isTaken = true;
    return () => {
      if (isTaken) this.#taken--;
      isTaken = false;
    };
  }
}
