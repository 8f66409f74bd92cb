import type { DatabaseSync } from "node:sqlite";
import type { Clock } from "../mixer/clock.ts";
import { closeIndexDatabase, isDamaged, openIndexDatabase } from "./index_database.ts";
import { IndexTables } from "./index_tables.ts";

/** What an {@linkcode IndexGuard} is made with. */
export interface IndexGuardOptions {
  /** From `openIndexDatabase`; the guard closes it. */
  database: DatabaseSync;
  clock: Clock;
  /** Is told, at most once a second, that something could not be written. Must not throw. */
  onWarning?: (message: string) => void;
}

const WARN_MS = 1000;

/**
 * Keeps calls from suffering by a call index: what cannot be written is told and otherwise ignored, and
 * a database that turns out to be damaged is left for one in memory.
 */
export class IndexGuard {
  /** Whether something is missing in the index since it was last compared with the store. */
  isStale = false;
  readonly #clock: Clock;
  readonly #onWarning: (message: string) => void;
  #database: DatabaseSync;
  #tables: IndexTables;
  #isOpen = true;
  #unwritten = 0;
  #warnedMs = -Infinity;

  constructor({ database, clock, onWarning = () => {} }: IndexGuardOptions) {
    this.#database = database;
    this.#tables = new IndexTables(database);
    this.#clock = clock;
    this.#onWarning = onWarning;
  }

  /** Changes that could not be written, since the start. */
  get unwritten(): number {
    return this.#unwritten;
  }

  /** Answers what `read` finds. */
  read<T>(read: (tables: IndexTables) => T): T {
    try {
      return read(this.#tables);
    } catch (error) {
      if (!isDamaged(error)) throw error;
      this.#leaveDatabase(error);
      return read(this.#tables);
    }
  }

  /** Writes all that `write` does, or nothing. Never throws. */
  write(write: (tables: IndexTables) => void): void {
    try {
      this.read((tables) => tables.transaction(() => write(tables)));
    } catch (error) {
      this.#unwritten++;
      this.isStale = true;
      this.warn(`Cannot write to the list of calls: ${error}`);
    }
  }

  /** Tells an operator of something, unless it was told of something else just now. */
  warn(message: string): void {
    const nowMs = this.#clock.now();
    if (nowMs - this.#warnedMs < WARN_MS) return;
    this.#warnedMs = nowMs;
    this.#onWarning(message);
  }

  /** Closes the database. Idempotent; what is written afterwards is lost. */
  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    closeIndexDatabase(this.#database);
  }

  /** The file is not closed as one that is sound: the next start looks into it. */
  #leaveDatabase(error: unknown): void {
    this.#onWarning(
      `Cannot use the list of calls any more: ${error}. Until the next start it is kept in memory, ` +
        "and made anew from the recordings",
    );
    this.#database.close();
    this.#database = openIndexDatabase(undefined, this.#onWarning);
    this.#tables = new IndexTables(this.#database);
    this.isStale = true;
  }
}
