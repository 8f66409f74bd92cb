/** Something that happened to an organisation's calls, as it was published. */
export interface HubEvent {
  /** Opaque; names the process and the event's place in the organisation's order. */
  readonly id: string;
  readonly organisation: string;
  /** Such as `call.started`; the protocol lists them. */
  readonly type: string;
  /** Carries what JSON can; never changed once published. */
  readonly data: Readonly<Record<string, unknown>>;
}

/** Most characters of JSON that are kept, whatever their number. */
const MAX_CHARACTERS = 4 * 1024 * 1024;

/** The last events of one organisation, numbered from 1 on; the oldest make room. */
export class EventRing {
  readonly #capacity: number;
  readonly #events: HubEvent[] = [];
  readonly #sizes: number[] = [];
  #characters = 0;
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
    const size = JSON.stringify(event.data).length;
    this.#events.push(event);
    this.#sizes.push(size);
    this.#characters += size;
    this.#last++;
    while (this.#events.length > this.#capacity || this.#characters > MAX_CHARACTERS) {
      this.#events.shift();
      this.#characters -= this.#sizes.shift()!;
    }
  }

  /** All events after number `number`, or `null` when not all of them are kept. */
  since(number: number): HubEvent[] | null {
    const missed = this.#last - number;
    if (missed < 0 || missed > this.#events.length) return null;
    return this.#events.slice(this.#events.length - missed);
  }
}
