/** The side of a call a sound belongs to. */
export type TrackName = "user" | "bot";

/**
 * A piece of one side's audio, encoded. The object and its `payload` belong to whoever read the message
 * and are valid only until the next one is read.
 */
export interface AudioEvent {
  type: "audio";
  track: TrackName;
  payload: Uint8Array;
  /** Sender's media time of the first sample, ms since its stream began. */
  mediaMs?: number;
  /** Sender's sequence number, for senders that may repeat messages. */
  sequence?: number;
}

/** What is read from a message: audio, or something that does not concern the mixer. */
export type FeedEvent = AudioEvent | { readonly type: string; readonly payload?: undefined };

/** One sender's way in: what reads its messages, and whom to tell when one is of no use. */
export interface Feed {
  /** Reads a message; the events are used before the next one is read. */
  readonly parser: { parse(message: string | Uint8Array): Iterable<FeedEvent> };
  /** Messages in a row that could not be read. */
  broken: number;
  /** `true` from the moment on from which nothing more is taken from this sender. */
  closed: boolean;
  /** A message that waited could not be read: what the parser or the decoder threw. Must not throw. */
  refused(error: unknown): void;
  /** Audio was discarded because it lies too far ahead of real time. Must not throw. */
  ahead(track: TrackName): void;
}

/** Messages that wait at most; a call that is mixed takes them every 50 ms, which is 10 of Twilio's. */
const MAX_WAITING = 64;
/** Characters and bytes of them, in all, above which nothing more waits. */
const MAX_WAITING_SIZE = 64 * 1024;

/** A message of a feed, with the instant at which it arrived and the event loop's lag then, ms. */
export interface WaitingMessage {
  readonly feed: Feed;
  readonly data: string | ArrayBuffer;
  readonly arrivedMs: number;
  readonly lagMs: number;
  next: WaitingMessage | undefined;
}

/**
 * Messages of audio that have arrived and wait to be taken in together, whichever socket brought them. A
 * call's memory is cold whenever other calls' messages came between: ten messages in a row cost little
 * more than one. That is also why they wait in a list that is newest first: to add one touches nothing
 * that is older.
 */
export class Inbox {
  readonly #take: (message: WaitingMessage) => void;
  #newest: WaitingMessage | undefined;
  #count = 0;
  #size = 0;

  /** @param take is given each message, in the order in which they came; must not throw */
  constructor(take: (message: WaitingMessage) => void) {
    this.#take = take;
  }

  /** Keeps a message, or, when so much waits, has all of them taken. */
  add(feed: Feed, data: string | ArrayBuffer, arrivedMs: number, lagMs: number): void {
    this.#newest = { feed, data, arrivedMs, lagMs, next: this.#newest };
    this.#count++;
    this.#size += typeof data === "string" ? data.length : data.byteLength;
    if (this.#count >= MAX_WAITING || this.#size >= MAX_WAITING_SIZE) this.drain();
  }

  /** Has all taken that waits. */
  drain(): void {
    if (this.#newest === undefined) return;
    let waiting = this.#takeInOrder();
    while (waiting !== undefined) {
      this.#take(waiting);
      waiting = waiting.next;
    }
  }

  /** Empties the list, reverses it and returns its oldest. */
  #takeInOrder(): WaitingMessage | undefined {
    let rest = this.#newest;
    let ordered: WaitingMessage | undefined;
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
