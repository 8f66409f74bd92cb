import type { Clock } from "../mixer/clock.ts";

/** What strangers send must not fill the log: a line a kind so often, ms. */
const TELL_EVERY_MS = 10_000;

/** Limits of {@linkcode IngestSockets}. */
export interface IngestSocketsOptions {
  clock: Clock;
  /** Sockets that have not shown a credential yet, at the same time. */
  maxUnauthenticated: number;
  /** Sockets that carry a call or are about to, at the same time. */
  maxAuthenticated: number;
}

/** An ingest socket that is open. */
export interface OpenSocket {
  /** Whether it has shown a credential. */
  readonly isAuthenticated: boolean;
  close(code: number, reason: string): void;
}

/** The ingest sockets that are open, with a limit for those that are not trusted yet. */
export class IngestSockets {
  readonly #options: IngestSocketsOptions;
  readonly #sessions = new Set<OpenSocket>();
  readonly #refused = new Map<string, number>();
  /** When the operator was last told of a refusal, by its code, ms on the clock. */
  readonly #toldMs = new Map<string, number>();
  #unauthenticated = 0;

  constructor(options: IngestSocketsOptions) {
    this.#options = options;
  }

  /** Number of open sockets. */
  get size(): number {
    return this.#sessions.size;
  }

  /** Number of those that have not shown a credential. */
  get unauthenticated(): number {
    return this.#unauthenticated;
  }

  /** Whether one more may open. */
  hasRoom(isAuthenticated: boolean): boolean {
    const { maxUnauthenticated, maxAuthenticated } = this.#options;
    if (isAuthenticated) return this.#sessions.size - this.#unauthenticated < maxAuthenticated;
    return this.#unauthenticated < maxUnauthenticated;
  }

  add(session: OpenSocket): void {
    this.#sessions.add(session);
    if (!session.isAuthenticated) this.#unauthenticated++;
  }

  /** The session has shown its credential. */
  authenticated(): void {
    this.#unauthenticated--;
  }

  delete(session: OpenSocket): void {
    if (this.#sessions.delete(session) && !session.isAuthenticated) this.#unauthenticated--;
  }

  /** Number of upgrades, starts and messages that were refused since the start, by their error code. */
  get refused(): ReadonlyMap<string, number> {
    return this.#refused;
  }

  /** Something was refused. @param code one of the protocol's error codes */
  countRefused(code: string): void {
    this.#refused.set(code, (this.#refused.get(code) ?? 0) + 1);
  }

  /** Whether the operator is to be told of a stranger's refusal: now and then of each kind. */
  mayTell(code: string): boolean {
    const nowMs = this.#options.clock.now();
    if (nowMs - (this.#toldMs.get(code) ?? -Infinity) < TELL_EVERY_MS) return false;
    this.#toldMs.set(code, nowMs);
    return true;
  }

  /** Closes all sockets: the server goes away. */
  close(code: number, reason: string): void {
    for (const session of this.#sessions) session.close(code, reason);
  }
}
