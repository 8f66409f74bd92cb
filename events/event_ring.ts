import type { HubEvent } from "./hub.ts";

/** The last events of one organisation, numbered from 1 on; the oldest make room. */
export class EventRing {
  readonly #capacity: number;
  readonly #events: HubEvent[] = [];
  #last = 0;

  /** @param capacity events that are kept; may be 0 */
  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  /** Number of the last event that was pushed; 0 before the first. */
  get last(): number {
    return this.#last;
  }

  push(event: HubEvent): void {
    if (this.#capacity > 0) this.#events[this.#last % this.#capacity] = event;
    this.#last++;
  }

  /** All events after number `number`, or `null` when not all of them are kept. */
  since(number: number): HubEvent[] | null {
    const missed = this.#last - number;
    if (missed < 0 || missed > this.#events.length) return null;
    return Array.from(
      { length: missed },
      (_, index) => this.#events[(number + index) % this.#capacity],
    );
  }
}
