import type { IngestErrorCode } from "../ingest/provider.ts";
import type { Clock } from "../mixer/clock.ts";
import type { IngestSession } from "./ingest_session.ts";

/** Limits of {@linkcode IngestSockets}. */
export interface IngestSocketsOptions {
  clock: Clock;
  /** Sockets that have not shown a credential yet, at the same time. */
  maxUnauthenticated: number;
  /** Sockets that carry a call or are about to, at the same time. */
  maxAuthenticated: number;
}

/** The ingest sockets that are open, with a limit for those that are not trusted yet. */
export class IngestSockets {
  readonly #options: IngestSocketsOptions;
  readonly #sessions = new Set<IngestSession>();
  readonly #refused = new Map<IngestErrorCode, number>();
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

  add(session: IngestSession): void {
    this.#sessions.add(session);
    if (!session.isAuthenticated) this.#unauthenticated++;
  }

  /** The session has shown its credential. */
  authenticated(): void {
    this.#unauthenticated--;
  }

  delete(session: IngestSession): void {
    if (this.#sessions.delete(session) && !session.isAuthenticated) this.#unauthenticated--;
  }

  /** Number of messages that broke the protocol since the start, by what was wrong. */
  get refused(): ReadonlyMap<IngestErrorCode, number> {
    return this.#refused;
  }

  /** A message broke the protocol. */
  countRefused(code: IngestErrorCode): void {
    this.#refused.set(code, (this.#refused.get(code) ?? 0) + 1);
  }

  /** Closes all sockets: the server goes away. */
  close(code: number, reason: string): void {
    for (const session of this.#sessions) session.close(code, reason);
  }
}
