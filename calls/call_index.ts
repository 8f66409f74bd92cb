import type { DatabaseSync } from "node:sqlite";
import type { Clock } from "../mixer/clock.ts";
import type { RecordingRef, RecordingSummary } from "../recordings/store.ts";
import {
  describeRecording,
  type EndedCall,
  isKept,
  withoutRecording,
  withRecording,
} from "./ended_call.ts";
import { closeIndexDatabase, isDamaged, openIndexDatabase } from "./index_database.ts";
import { type CallFilter, type CallPage, pageQuery, termsOfFilter } from "./index_query.ts";
import {
  IndexTables,
  type KeptRecording,
  type NotedRecording,
  type Usage,
} from "./index_tables.ts";

/** What a {@linkcode CallIndex} is made with. */
export interface CallIndexOptions {
  /** From `openIndexDatabase`; the index closes it. */
  database: DatabaseSync;
  clock: Clock;
  /** Calls without a kept recording that are remembered: those that ended first are forgotten first. */
  endedCallsKept: number;
  /** Is told, at most once a second, that something could not be written. Must not throw. */
  onWarning?: (message: string) => void;
}

/** Most calls that are forgotten at a time, to make room for one. */
const FORGET_AT_ONCE = 4;
/** Most calls that are forgotten at a time because of their age. */
const FORGET_OLD_AT_ONCE = 10;
/** A term that so many calls have is frequent, and no longer counted. */
const FREQUENT = 1000;
const WARN_MS = 1000;

/**
 * The calls that have ended, recorded or not, to be found by id, time, metadata and recording. Every
 * method works at once, within a fraction of a millisecond or, for a page, some.
 *
 * The recordings' store is the truth, this a means to find it again. What cannot be written is told and
 * otherwise ignored, so that no call suffers from a full disk: {@linkcode isStale} then asks for a
 * comparison with the store (`CallIndexSync`). So does a database that turns out to be damaged.
 */
export class CallIndex {
  #database: DatabaseSync;
  #tables: IndexTables;
  readonly #clock: Clock;
  readonly #endedCallsKept: number;
  readonly #onWarning: (message: string) => void;
  #warnedMs = -Infinity;
  #isOpen = true;
  #unwritten = 0;

  /** Whether something could not be written since it was last compared with the store. */
  isStale = false;

  constructor(options: CallIndexOptions) {
    this.#database = options.database;
    this.#tables = new IndexTables(options.database);
    this.#clock = options.clock;
    this.#endedCallsKept = options.endedCallsKept;
    this.#onWarning = options.onWarning ?? (() => {});
  }

  /** Changes that could not be written, since the start. */
  get unwritten(): number {
    return this.#unwritten;
  }

  /** The call, if it is remembered. */
  get(id: string): EndedCall | undefined {
    return this.#read(() => this.#tables.get(id));
  }

  /** Whether the recording of this call is kept: then its id is taken. */
  isKept(id: string): boolean {
    return this.#read(() => this.#tables.isKept(id));
  }

  /** Remembers a call; in place of an earlier one with its id. */
  put(call: EndedCall): void {
    this.#write(() => {
      this.#replace(this.#tables.get(call.id), call);
      this.#forgetOldest();
    });
  }

  /**
   * Notes what has become of a call's recording.
   *
   * @param recording as the store describes it; `deleted` when it is gone for good, with all that was
   *   personal; `undefined` when the store has nothing of it
   */
  setRecording(id: string, recording: RecordingSummary | "deleted" | undefined): void {
    this.#write(() => {
      const call = this.#tables.get(id);
      if (call === undefined) return;
      this.#replace(call, changed(call, recording));
      this.#forgetOldest();
    });
  }

  /**
   * Takes up what the store says of a recording: a call of an earlier process if none is remembered by
   * its id.
   *
   * @param recording `null` when the store knows nothing of it
   */
  reconcile(ref: RecordingRef, recording: RecordingSummary | null): void {
    this.#write(() => {
      const call = this.#tables.get(ref.callId);
      const told = call?.organisation === ref.organisation ? call : undefined;
      if (told?.recording !== undefined) {
        this.#replace(told, changed(told, recording ?? undefined));
      } else if (recording !== null && call !== undefined && recording.state === "deleted") {
        // A later call has taken the id of the tombstone.
        this.#tables.addTombstone(ref);
      } else if (recording !== null && call !== undefined && isKept(call)) {
        const { organisation, callId } = ref;
        const why = `${call.organisation} has one of the same id`;
        this.#warn(`Cannot list recording of call ${callId} of ${organisation}: ${why}`);
      } else if (recording !== null) {
        this.#replace(call, describeRecording(recording));
      }
      this.#forgetOldest();
    });
  }

  /** Forgets a call, because its id begins anew. */
  delete(id: string): void {
    this.#write(() => {
      const call = this.#tables.get(id);
      if (call !== undefined) this.#tables.remove(call);
      this.#tables.removeTombstones(id);
    });
  }

  /**
   * Forgets some calls of an organisation that were not recorded and ended before a wall time. Answers
   * how many.
   */
  forgetUnrecorded(endedBefore: number, organisation: string): number {
    let forgotten = 0;
    this.#write(() => {
      const old = this.#tables.oldestUnrecorded(endedBefore, FORGET_OLD_AT_ONCE, organisation);
      for (const call of old) this.#tables.remove(call);
      forgotten = old.length;
    });
    return forgotten;
  }

  /** Forgets some of the calls that are too many. Answers whether there are more. */
  forgetExcess(): boolean {
    this.#write(() => this.#forgetOldest());
    return !this.isStale && this.#excess > 0;
  }

  /** A page of an organisation's calls, newest first. */
  list(filter: CallFilter, page: CallPage): EndedCall[] {
    return this.#read(() => {
      const terms = termsOfFilter(filter)
        .map((term) => ({ term, count: this.#tables.countOf(term, FREQUENT) }))
        .sort((a, b) => a.count - b.count);
      if (terms[0]?.count === 0) return [];
      return this.#tables.page(pageQuery(filter, page, terms.map(({ term }) => term)));
    });
  }

  /** What there is of each organisation, those without any call left out. */
  usage(): Usage[] {
    return this.#read(() => this.#tables.usage());
  }

  /** Complete recordings whose call ended before a wall time, the oldest first. */
  oldestKept(endedBefore: number, limit: number, organisation?: string): KeptRecording[] {
    return this.#read(() => this.#tables.oldestKept(endedBefore, limit, organisation));
  }

  /** Recordings that were being completed when they were last heard of. */
  unsettled(limit: number): RecordingRef[] {
    return this.#read(() => this.#tables.unsettled(limit));
  }

  /** Recordings and tombstones that are remembered: some, from behind the row `after` on. */
  recordingsAfter(after: number, limit: number): NotedRecording[] {
    return this.#read(() => this.#tables.recordingsAfter(after, limit));
  }

  /** Whether this is the tombstone of a call that is forgotten. */
  isTombstone(ref: RecordingRef): boolean {
    return this.#read(() => this.#tables.isTombstone(ref));
  }

  /** Closes the database. Idempotent; what is noted afterwards is lost. */
  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    closeIndexDatabase(this.#database);
  }

  #replace(old: EndedCall | undefined, call: EndedCall): void {
    if (old !== undefined) this.#tables.remove(old);
    this.#tables.insert(call);
  }

  /** Calls without a kept recording that are too many. */
  get #excess(): number {
    return this.#tables.others - this.#endedCallsKept;
  }

  #forgetOldest(): void {
    for (let i = Math.min(this.#excess, FORGET_AT_ONCE); i > 0; i--) {
      const call = this.#tables.oldestOther();
      if (call === undefined) return;
      this.#tables.remove(call);
      const { organisation, id: callId, recording } = call;
      if (recording === "deleted") this.#tables.addTombstone({ organisation, callId });
    }
  }

  #read<T>(read: () => T): T {
    try {
      return read();
    } catch (error) {
      if (!isDamaged(error)) throw error;
      this.#leaveDatabase(error);
      return read();
    }
  }

  /** Goes on in memory. The file is not closed as one that is sound: the next start looks into it. */
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

  #write(write: () => void): void {
    try {
      this.#read(() => this.#tables.transaction(write));
    } catch (error) {
      this.#unwritten++;
      this.isStale = true;
      this.#warn(`Cannot write to the list of calls: ${error}`);
    }
  }

  #warn(message: string): void {
    const nowMs = this.#clock.now();
    if (nowMs - this.#warnedMs < WARN_MS) return;
    this.#warnedMs = nowMs;
    this.#onWarning(message);
  }
}

function changed(call: EndedCall, recording: RecordingSummary | "deleted" | undefined): EndedCall {
  if (recording === undefined) return withoutRecording(call);
  if (recording !== "deleted") return withRecording(call, recording);
  return { ...withoutRecording(call), metadata: {}, recording };
}
