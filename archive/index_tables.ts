import type { DatabaseSync, SQLInputValue, StatementSync } from "node:sqlite";
import type { RecordingRef } from "../recordings/store.ts";
import type { EndedCall } from "./ended_call.ts";
import type { Query } from "./index_query.ts";
import { callOfRow, INSERT_CALL, valuesOf } from "./index_row.ts";
import { termsOf } from "./index_terms.ts";

/** What there is of an organisation. */
export interface Usage {
  readonly organisation: string;
  /** Recordings that are kept. */
  readonly recordings: number;
  /** What their WAV files take. */
  readonly bytes: number;
}

/** A recording that is kept and complete. */
export interface KeptRecording extends RecordingRef {
  readonly bytes: number;
}

/** A recording or a tombstone as it was last heard of. */
export interface NotedRecording {
  /** Increases with every change. */
  readonly row: number;
  readonly ref: RecordingRef;
  /** Not just being completed. */
  readonly isSettled: boolean;
}

/** Most shapes of a query whose statement is held ready. */
const MAX_STATEMENTS = 100;

/** The tables of a call index: statements and transactions, and nothing of what they are for. */
export class IndexTables {
  readonly #database: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();

  constructor(database: DatabaseSync) {
    this.#database = database;
  }

  /** Runs `write` so that all it writes is written, or nothing when it throws. */
  transaction(write: () => void): void {
    this.#run("BEGIN IMMEDIATE");
    try {
      write();
      this.#run("COMMIT");
    } catch (error) {
      try {
        this.#run("ROLLBACK");
      } catch {
        // SQLite has done it already, as it does when a disk is full.
      }
      throw error;
    }
  }

  get(id: string): EndedCall | undefined {
    const row = this.#statement("SELECT * FROM call WHERE id = ?").get(id);
    return row && callOfRow(row);
  }

  isKept(id: string): boolean {
    return this.#statement("SELECT 1 FROM call WHERE id = ? AND kept = 1").get(id) !== undefined;
  }

  /** Adds a call whose id is free. Within a transaction. */
  insert(call: EndedCall): void {
    this.#run(INSERT_CALL, ...valuesOf(call));
    for (const term of termsOf(call)) {
      const { announcedAt, id, startedAt } = call;
      this.#run("INSERT OR IGNORE INTO term VALUES (?, ?, ?, ?)", term, announcedAt, id, startedAt);
    }
  }

  /** Removes a call as it was answered. Within a transaction. */
  remove(call: EndedCall): void {
    this.#run("DELETE FROM call WHERE id = ?", call.id);
    for (const term of termsOf(call)) {
      this.#run(
        "DELETE FROM term WHERE term = ? AND announcedAt = ? AND id = ?",
        term,
        call.announcedAt,
        call.id,
      );
    }
  }

  /** Puts a call in the place of an earlier one, if there is one. Within a transaction. */
  replace(old: EndedCall | undefined, call: EndedCall): void {
    if (old !== undefined) this.remove(old);
    this.insert(call);
  }

  /** What a query finds, until the metadata of what was found is longer than `maxMetadataChars`. */
  page({ sql, values }: Query, maxMetadataChars = Infinity): EndedCall[] {
    const calls: EndedCall[] = [];
    let chars = 0;
    for (const row of this.#statement(sql).iterate(...values)) {
      calls.push(callOfRow(row));
      chars += String(row.metadata).length;
      if (chars > maxMetadataChars) break;
    }
    return calls;
  }

  /** How many calls have a term; counts no further than `most`. */
  countOf(term: bigint, most: number): number {
    const sql = "SELECT count(*) AS n FROM (SELECT 1 FROM term WHERE term = ? LIMIT ?)";
    return Number(this.#statement(sql).get(term, most)?.n);
  }

  /** Calls without a kept recording, of all organisations. */
  get others(): number {
    return Number(this.#statement("SELECT sum(others) AS n FROM usage").get()?.n ?? 0);
  }

  /** Of the organisation with most calls without a kept recording, the one that ended first. */
  oldestOther(): EndedCall | undefined {
    const sql = "SELECT * FROM call WHERE kept = 0 AND organisation = " +
      "(SELECT organisation FROM usage ORDER BY others DESC LIMIT 1) ORDER BY endedAt LIMIT 1";
    const row = this.#statement(sql).get();
    return row && callOfRow(row);
  }

  /** The organisations of which any call is remembered. */
  usage(): Usage[] {
    const sql = "SELECT * FROM usage WHERE recordings + others > 0";
    return this.#statement(sql).all().map((row) => ({
      organisation: String(row.organisation),
      recordings: Number(row.recordings),
      bytes: Number(row.bytes),
    }));
  }

  /** Calls of an organisation that were not recorded and ended before a wall time. */
  oldestUnrecorded(endedBefore: number, limit: number, organisation: string): EndedCall[] {
    const sql = "SELECT * FROM call WHERE organisation = ? AND kept = 0 AND recording IS NULL " +
      "AND endedAt < ? ORDER BY endedAt LIMIT ?";
    return this.#statement(sql).all(organisation, endedBefore, limit).map(callOfRow);
  }

  /** Complete recordings that ended before a wall time, the oldest first. */
  oldestKept(endedBefore: number, limit: number, organisation?: string): KeptRecording[] {
    const ofOne = organisation === undefined ? "" : "organisation = ? AND";
    const sql = "SELECT organisation, id, bytes FROM call " +
      `WHERE ${ofOne} kept = 1 AND recording <> 'recording' AND endedAt < ? ` +
      "ORDER BY endedAt LIMIT ?";
    const values = [...(organisation === undefined ? [] : [organisation]), endedBefore, limit];
    return this.#statement(sql).all(...values).map((row) => ({
      organisation: String(row.organisation),
      callId: String(row.id),
      bytes: Number(row.bytes),
    }));
  }

  unsettled(limit: number): RecordingRef[] {
    const sql = "SELECT organisation, id FROM call WHERE recording = 'recording' LIMIT ?";
    return this.#statement(sql).all(limit).map((row) => ({
      organisation: String(row.organisation),
      callId: String(row.id),
    }));
  }

  /** What is known of the store: some rows, as they lie in the file, from behind `after` on. */
  recordingsAfter(after: number, limit: number): NotedRecording[] {
    const sql = "SELECT rowid AS row, organisation, id, recording FROM call " +
      "WHERE rowid > ? AND recording IS NOT NULL ORDER BY rowid LIMIT ?";
    return this.#statement(sql).all(after, limit).map((row) => ({
      row: Number(row.row),
      ref: { organisation: String(row.organisation), callId: String(row.id) },
      isSettled: row.recording !== "recording",
    }));
  }

  isTombstone({ organisation, callId }: RecordingRef): boolean {
    const sql = "SELECT 1 FROM tombstone WHERE id = ? AND organisation = ?";
    return this.#statement(sql).get(callId, organisation) !== undefined;
  }

  addTombstone({ organisation, callId }: RecordingRef): void {
    this.#run("INSERT OR IGNORE INTO tombstone VALUES (?, ?)", callId, organisation);
  }

  removeTombstones(callId: string): void {
    this.#run("DELETE FROM tombstone WHERE id = ?", callId);
  }

  #run(sql: string, ...values: SQLInputValue[]): void {
    this.#statement(sql).run(...values);
  }

  #statement(sql: string): StatementSync {
    let statement = this.#statements.get(sql);
    if (statement === undefined) {
      statement = this.#database.prepare(sql);
      if (this.#statements.size >= MAX_STATEMENTS) this.#statements.clear();
      this.#statements.set(sql, statement);
    }
    return statement;
  }
}
