import type { Clock } from "../mixer/clock.ts";
import type { Call } from "./call.ts";
import { Listener, type ListenerSocket } from "./listener.ts";
import type { ViewOptions } from "./view.ts";

/** Limits of an {@linkcode Audience}. */
export interface AudienceOptions {
  clock: Clock;
  maxPerCall: number;
  maxPerOrganisation: number;
  /** How long a listener may take nothing before it is closed, ms. */
  maxSlowMs: number;
  /** Is told when somebody came or went, after that was counted. */
  onChange?: (call: Call, change: { joined: boolean }) => void;
}

/** Share of a second of audio that may be queued for a listener. */
const QUEUE_SECONDS = 0.5;

/** All listeners of this process, counted by call and by organisation. */
export class Audience {
  readonly #options: AudienceOptions;
  readonly #byCall = new Map<string, number>();
  readonly #byOrganisation = new Map<string, number>();
  #size = 0;
  #dropped = 0;

  constructor(options: AudienceOptions) {
    this.#options = options;
  }

  /** Number of listeners. */
  get size(): number {
    return this.#size;
  }

  /** Frames that were not sent because a socket had no room, since the start. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Number of listeners of a call. */
  of(callId: string): number {
    return this.#byCall.get(callId) ?? 0;
  }

  /** Whether one more may listen to this call. */
  hasRoom(call: Call): boolean {
    const { maxPerCall, maxPerOrganisation } = this.#options;
    const { id, organisation } = call.details;
    return this.of(id) < maxPerCall &&
      (this.#byOrganisation.get(organisation) ?? 0) < maxPerOrganisation;
  }

  /**
   * A place for one whose socket is about to open. It counts from now until it is closed, and hears
   * nothing before its socket is open and it is added to the call's broadcast.
   */
  admit(call: Call, socket: ListenerSocket, { channels }: ViewOptions): Listener {
    const { clock, maxSlowMs, onChange } = this.#options;
    const { id, organisation, sampleRate } = call.details;
    this.#count(id, organisation, 1);
    onChange?.(call, { joined: true });
    return new Listener({
      clock,
      socket,
      maxQueuedBytes: QUEUE_SECONDS * sampleRate * 2 * channels,
      maxSlowMs,
      onEnd: () => {
        this.#count(id, organisation, -1);
        onChange?.(call, { joined: false });
      },
      onDrop: () => this.#dropped++,
    });
  }

  #count(callId: string, organisation: string, by: number): void {
    this.#size += by;
    add(this.#byCall, callId, by);
    add(this.#byOrganisation, organisation, by);
  }
}

function add(counts: Map<string, number>, key: string, by: number): void {
  const count = (counts.get(key) ?? 0) + by;
  if (count === 0) counts.delete(key);
  else counts.set(key, count);
}
