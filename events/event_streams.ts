import type { Clock, TimerHandle } from "../mixer/clock.ts";
import { EventStream } from "./event_stream.ts";

/** Limits of {@linkcode EventStreams}. */
export interface EventStreamsOptions {
  clock: Clock;
  maxPerOrganisation: number;
  /** Most bytes that wait for one of them. @default {262_144} */
  maxQueuedBytes?: number;
}

/** How often a stream shows that it lives, ms. */
const PING_MS = 3000;

/** The open streams of server-sent events of this process, counted by organisation. */
export class EventStreams {
  readonly #options: Required<EventStreamsOptions>;
  readonly #streams = new Set<EventStream>();
  readonly #byOrganisation = new Map<string, number>();
  #timer: TimerHandle;
  #dropped = 0;
  #isClosed = false;

  constructor(options: EventStreamsOptions) {
    this.#options = { maxQueuedBytes: 256 * 1024, ...options };
  }

  /** Number of open streams. */
  get size(): number {
    return this.#streams.size;
  }

  /** Streams that ended because nobody read them, since the start. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Whether one more may open. */
  hasRoom(organisation: string): boolean {
    const open = this.#byOrganisation.get(organisation) ?? 0;
    return !this.#isClosed && open < this.#options.maxPerOrganisation;
  }

  /** Opens a stream. Whoever opens it looks first whether there is room. */
  open(organisation: string): EventStream {
    const stream = new EventStream({
      maxQueuedBytes: this.#options.maxQueuedBytes,
      onSlow: () => this.#dropped++,
    });
    stream.onEnd(() => this.#remove(organisation, stream));
    this.#streams.add(stream);
    this.#byOrganisation.set(organisation, (this.#byOrganisation.get(organisation) ?? 0) + 1);
    if (this.#streams.size === 1) this.#keepAlive();
    return stream;
  }

  /** Ends all streams, and lets none be opened any more: the server goes away. */
  close(): void {
    this.#isClosed = true;
    for (const stream of this.#streams) stream.close();
  }

  #remove(organisation: string, stream: EventStream): void {
    this.#streams.delete(stream);
    const open = this.#byOrganisation.get(organisation)! - 1;
    if (open === 0) this.#byOrganisation.delete(organisation);
    else this.#byOrganisation.set(organisation, open);
    if (this.#streams.size === 0) this.#options.clock.clearTimeout(this.#timer);
  }

  /** One timer for all streams, as long as there are any. */
  #keepAlive(): void {
    this.#timer = this.#options.clock.setTimeout(() => {
      for (const stream of this.#streams) stream.ping();
      if (this.#streams.size > 0) this.#keepAlive();
    }, PING_MS);
  }
}
