import { DatabaseSync, type StatementSync } from "node:sqlite";

/** A message that waits to be delivered. */
export interface QueuedMessage {
  readonly sequence: number;
  /** The same at every attempt, so that the receiver can tell a repetition. */
  readonly id: string;
  readonly callId: string;
  /** JSON, as it is signed and sent. */
  readonly body: string;
  /** Wall time, ms since the Unix epoch. */
  readonly createdMs: number;
  /** Attempts that failed. */
  readonly failures: number;
}

/** A message that was taken and not settled, because the process died, is due again after this, ms. */
const LEASE_MS = 60_000;
/** No message waits longer than this for its turn, ms: what is due later was dated by a wrong clock. */
const LONGEST_WAIT_MS = 2 * 3_600_000;

const SCHEMA = `
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = NORMAL;
  -- What was deleted is overwritten: metadata is personal.
  PRAGMA secure_delete = ON;
  CREATE TABLE IF NOT EXISTS message (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL,
    callId TEXT NOT NULL,
    body TEXT NOT NULL,
    createdMs REAL NOT NULL,
    failures INTEGER NOT NULL DEFAULT 0,
    -- When it is to be sent; NULL while an earlier message of its call waits.
    dueMs REAL
  ) STRICT;
  CREATE INDEX IF NOT EXISTS byCall ON message (callId, sequence);
  CREATE INDEX IF NOT EXISTS byDue ON message (dueMs) WHERE dueMs IS NOT NULL;
`;

/**
 * Messages on their way to the receiver, in order for each call, kept in SQLite so that they outlive
 * the process. All times are wall times, ms since the Unix epoch.
 */
export class WebhookQueue implements Disposable {
  readonly #database: DatabaseSync;
  readonly #limit: number;
  readonly #statements: Record<
    "add" | "count" | "isBehind" | "take" | "lease" | "remove",
    StatementSync
  >;
  readonly #next: StatementSync;
  readonly #retry: StatementSync;
  readonly #soonest: StatementSync;
  readonly #oldest: StatementSync;
  #size: number;

  /**
   * @param path of the database file, or `:memory:`
   * @param limit most messages at a time
   */
  constructor(path: string, limit: number) {
    this.#limit = limit;
    this.#database = new DatabaseSync(path);
    this.#database.exec(SCHEMA);
    const prepare = (sql: string) => this.#database.prepare(sql);
    this.#statements = {
      add: prepare(
        "INSERT INTO message (id, callId, body, createdMs, dueMs) VALUES (?, ?, ?, ?, ?)",
      ),
      count: prepare("SELECT count(*) AS size FROM message"),
      isBehind: prepare("SELECT 1 FROM message WHERE callId = ? LIMIT 1"),
      take: prepare(
        "SELECT * FROM message WHERE dueMs <= ?1 OR dueMs > ?1 + ?2 ORDER BY dueMs LIMIT 1",
      ),
      lease: prepare("UPDATE message SET dueMs = ? WHERE sequence = ?"),
      remove: prepare("DELETE FROM message WHERE sequence = ?"),
    };
    this.#next = prepare(
      "UPDATE message SET dueMs = ?2 WHERE dueMs IS NULL AND sequence = " +
        "(SELECT min(sequence) FROM message WHERE callId = ?1)",
    );
    this.#retry = prepare(
      "UPDATE message SET failures = failures + 1, dueMs = ? WHERE sequence = ?",
    );
    this.#soonest = prepare("SELECT min(dueMs) AS dueMs FROM message WHERE dueMs IS NOT NULL");
    this.#oldest = prepare("SELECT * FROM message ORDER BY sequence LIMIT 1");
    this.#size = Number(this.#statements.count.get()!.size);
  }

  /** Messages that wait. */
  get size(): number {
    return this.#size;
  }

  /**
   * Puts a message behind the others of its call. Answers how many of the oldest messages had to go to
   * make room.
   */
  add(message: { id: string; callId: string; body: string }, nowMs: number): number {
    let dropped = 0;
    for (; this.#size >= this.#limit; dropped++) this.remove(this.#readOldest(), nowMs);
    const { id, callId, body } = message;
    const isBehind = this.#statements.isBehind.get(callId) !== undefined;
    this.#statements.add.run(id, callId, body, nowMs, isBehind ? null : nowMs);
    this.#size++;
    return dropped;
  }

  /** A message that is due, for the taker to settle within a minute; `undefined` when none is. */
  take(nowMs: number): QueuedMessage | undefined {
    const row = this.#statements.take.get(nowMs, LONGEST_WAIT_MS);
    if (row === undefined) return undefined;
    const message = messageOf(row);
    this.#statements.lease.run(nowMs + LEASE_MS, message.sequence);
    return message;
  }

  /** When the next message is due, or `undefined` when none waits. */
  soonestMs(): number | undefined {
    const dueMs = this.#soonest.get()?.dueMs;
    return typeof dueMs === "number" ? dueMs : undefined;
  }

  /** A message has come to its end, one way or the other: the next of its call is due. */
  remove({ sequence, callId }: QueuedMessage, nowMs: number): void {
    const { changes } = this.#statements.remove.run(sequence);
    this.#size -= Number(changes);
    this.#next.run(callId, nowMs);
  }

  /** A message was not tried after all: it is due at once, for whoever opens the queue next. */
  release({ sequence }: QueuedMessage, nowMs: number): void {
    this.#statements.lease.run(nowMs, sequence);
  }

  /** A message failed and is to be tried again at `dueMs`. */
  retry({ sequence }: QueuedMessage, dueMs: number): void {
    this.#retry.run(dueMs, sequence);
  }

  [Symbol.dispose](): void {
    this.#database.close();
  }

  #readOldest(): QueuedMessage {
    return messageOf(this.#oldest.get()!);
  }
}

function messageOf(row: Record<string, unknown>): QueuedMessage {
  return {
    sequence: Number(row.sequence),
    id: String(row.id),
    callId: String(row.callId),
    body: String(row.body),
    createdMs: Number(row.createdMs),
    failures: Number(row.failures),
  };
}
