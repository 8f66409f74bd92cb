import { EventRing, type HubEvent } from "./event_ring.ts";

export type { HubEvent } from "./event_ring.ts";

/** Takes an event as it is published, synchronously. Must not throw. */
export type HubListener = (event: HubEvent) => void;

/** How much an {@linkcode EventHub} keeps. */
export interface EventHubOptions {
  /** Events that can be resumed from, for each organisation. */
  keptPerOrganisation: number;
  /** Names this process in the ids. @default a random one */
  processId?: string;
}

/** A place among those who follow an organisation. */
export interface Subscription {
  /** What was published since the event that was resumed from; `null` if that is no longer known. */
  readonly missed: readonly HubEvent[] | null;
  /** Id of the last event before those the listener will be given. */
  readonly lastEventId: string;
  /** Leaves. Idempotent. */
  readonly end: () => void;
}

/** What a hub knows of one organisation. */
interface Channel {
  readonly ring: EventRing;
  readonly listeners: Set<HubListener>;
}

/**
 * Tells those who follow an organisation what happens to its calls, and keeps the last events for those
 * who come back. No organisation ever hears of another.
 */
export class EventHub {
  readonly #kept: number;
  readonly #processId: string;
  /** As many as there are organisations, which the configured keys bound. */
  readonly #channels = new Map<string, Channel>();
  readonly #everywhere = new Set<HubListener>();
  #published = 0;

  constructor(options: EventHubOptions) {
    const { keptPerOrganisation, processId = crypto.randomUUID().slice(0, 8) } = options;
    this.#kept = keptPerOrganisation;
    this.#processId = processId;
  }

  /** Events since the start. */
  get published(): number {
    return this.#published;
  }

  /** Hands an event to all who follow the organisation, and keeps it. */
  publish(organisation: string, type: string, data: HubEvent["data"]): void {
    const { ring, listeners } = this.#channel(organisation);
    const event = { id: this.#idOf(ring.last + 1), organisation, type, data };
    ring.push(event);
    this.#published++;
    for (const listener of listeners) listener(event);
    for (const listener of this.#everywhere) listener(event);
  }

  /**
   * Follows an organisation from now on, or from an event that was received earlier.
   *
   * @param options.lastEventId id of the last event that was received
   */
  subscribe(
    organisation: string,
    options: { lastEventId?: string | undefined },
    listener: HubListener,
  ): Subscription {
    const { ring, listeners } = this.#channel(organisation);
    // A listener of its own for each subscription, so that one function may follow twice.
    const own: HubListener = (event) => listener(event);
    listeners.add(own);
    const { lastEventId } = options;
    return {
      missed: lastEventId === undefined ? [] : this.#since(ring, lastEventId),
      lastEventId: this.#idOf(ring.last),
      end: () => void listeners.delete(own),
    };
  }

  /** Follows all organisations from now on. Returns how to leave. */
  subscribeAll(listener: HubListener): () => void {
    const own: HubListener = (event) => listener(event);
    this.#everywhere.add(own);
    return () => void this.#everywhere.delete(own);
  }

  #since(ring: EventRing, id: string): HubEvent[] | null {
    const [, process, number] = /^([\w-]{1,36})\.(\d{1,15})$/.exec(id) ?? [];
    return process === this.#processId ? ring.since(Number(number)) : null;
  }

  #idOf(number: number): string {
    return `${this.#processId}.${number}`;
  }

  #channel(organisation: string): Channel {
    let channel = this.#channels.get(organisation);
    if (channel === undefined) {
      channel = { ring: new EventRing(this.#kept), listeners: new Set() };
      this.#channels.set(organisation, channel);
    }
    return channel;
  }
}
