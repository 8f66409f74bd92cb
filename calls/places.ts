/**
 * A fair semaphore: a holder may not hold more places than remain free. One alone takes half of them at
 * most, and there is one for whoever has none.
 */
export class Places {
  readonly #number: number;
  readonly #byHolder = new Map<string, number>();
  #taken = 0;

  constructor(number: number) {
    this.#number = number;
  }

  /** How many are taken. */
  get taken(): number {
    return this.#taken;
  }

  /** Whether `holder`, such as an organisation, may take one more. */
  hasRoom(holder: string): boolean {
    return this.#held(holder) < this.#number - this.#taken;
  }

  /** Takes a place. Returns how to leave it, idempotent; `undefined` if there is none. */
  take(holder: string): (() => void) | undefined {
    if (!this.hasRoom(holder)) return undefined;
    this.#count(holder, 1);
    let isTaken = true;
    return () => {
      if (isTaken) this.#count(holder, -1);
      isTaken = false;
    };
  }

  #held(holder: string): number {
    return this.#byHolder.get(holder) ?? 0;
  }

  #count(holder: string, by: number): void {
    this.#taken += by;
    const held = this.#held(holder) + by;
    if (held === 0) this.#byHolder.delete(holder);
    else this.#byHolder.set(holder, held);
  }
}
