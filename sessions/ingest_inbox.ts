/** Messages that wait at most; a call that is mixed takes them every 50 ms, which is 10 of Twilio's. */
export const MAX_WAITING = 64;
/** Characters and bytes of them, in all, above which nothing more waits. */
export const MAX_WAITING_SIZE = 64 * 1024;

/** Takes one message, with the instant at which it arrived and the event loop's lag then, ms. */
export type InboxSink = (data: string | ArrayBuffer, arrivedMs: number, lagMs: number) => void;

interface Waiting {
  readonly data: string | ArrayBuffer;
  readonly arrivedMs: number;
  readonly lagMs: number;
  next: Waiting | undefined;
}

/**
 * Messages of one socket that have arrived and wait to be taken in together. A call's memory is cold
 * whenever other calls' messages came between: ten messages in a row cost little more than one. That
 * is also why they wait in a list that is newest first: to add one touches nothing that is older.
 */
export class IngestInbox {
  #newest: Waiting | undefined;
  #count = 0;
  #size = 0;

  /** Whether so much waits that it must be taken in before more is added. */
  get isFull(): boolean {
    return this.#count >= MAX_WAITING || this.#size >= MAX_WAITING_SIZE;
  }

  /** Keeps a message. */
  add(data: string | ArrayBuffer, arrivedMs: number, lagMs: number): void {
    this.#newest = { data, arrivedMs, lagMs, next: this.#newest };
    this.#count++;
    this.#size += typeof data === "string" ? data.length : data.byteLength;
  }

  /** Hands all that waits to `sink`, in the order in which it came; what it throws loses the rest. */
  drain(sink: InboxSink): void {
    let waiting = this.#takeInOrder();
    while (waiting !== undefined) {
      sink(waiting.data, waiting.arrivedMs, waiting.lagMs);
      waiting = waiting.next;
    }
  }

  /** Empties the list, turns it round and answers its oldest. */
  #takeInOrder(): Waiting | undefined {
    let rest = this.#newest;
    let ordered: Waiting | undefined;
    while (rest !== undefined) {
      const older = rest.next;
      rest.next = ordered;
      ordered = rest;
      rest = older;
    }
    this.#newest = undefined;
    this.#count = this.#size = 0;
    return ordered;
  }
}
