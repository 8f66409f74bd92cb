import type { RecordingRef, RecordingSummary } from "../recordings/store.ts";
import {
  describeRecording,
  type EndedCall,
  isKept,
  withoutRecording,
  withRecording,
} from "./ended_call.ts";
import { IndexGuard, type IndexGuardOptions } from "./index_guard.ts";
import { type CallFilter, type CallPage, pageQuery, termsOfFilter } from "./index_query.ts";
import type { IndexTables, KeptRecording, NotedRecording, Usage } from "./index_tables.ts";

/** What a {@linkcode CallIndex} is made with. */
export interface CallIndexOptions extends IndexGuardOptions {
  /**
   * Calls without a kept recording that are remembered. Of the organisation that has most of them,
   * those that ended first are forgotten first.
   */
  endedCallsKept: number;
}

/** Most calls that are forgotten at a time, to make room for one. */
const FORGET_AT_ONCE = 4;
/** Most calls that are forgotten at a time because of their age. */
const FORGET_OLD_AT_ONCE = 10;
/** A term that so many calls have is frequent, and no longer counted. */
const FREQUENT = 1000;

/**
 * The calls that have ended, recorded or not, to be found by id, time, metadata and recording. Every
 * method works at once, within a fraction of a millisecond or, for a page, some.
 *
 * The recordings' store is the truth, this a means to find it again. What cannot be written is told and
 * otherwise ignored, so that no call suffers from a full disk: {@linkcode isStale} then asks for a
 * comparison with the store (`CallIndexSync`). So does a database that turns out to be damaged.
 */
export class CallIndex {
  readonly #guard: IndexGuard;
  readonly #endedCallsKept: number;

  constructor(options: CallIndexOptions) {
    this.#guard = new IndexGuard(options);
    this.#endedCallsKept = options.endedCallsKept;
  }

  /** Whether something is missing since the index was last compared with the store. */
  get isStale(): boolean {
    return this.#guard.isStale;
  }

  set isStale(isStale: boolean) {
    this.#guard.isStale = isStale;
  }

  /** Changes that could not be written, since the start. */
  get unwritten(): number {
    return this.#guard.unwritten;
  }

  /** The call, if it is remembered. */
  get(id: string): EndedCall | undefined {
    return this.#guard.read((tables) => tables.get(id));
  }

  /** Whether the recording of this call is kept: then its id is taken. */
  isKept(id: string): boolean {
    return this.#guard.read((tables) => tables.isKept(id));
  }

  /** Remembers a call; in place of an earlier one with its id. */
  put(call: EndedCall): void {
    this.#guard.write((tables) => {
      tables.replace(tables.get(call.id), call);
      this.#forgetOldest(tables);
    });
  }

  /**
   * Notes what has become of a call's recording.
   *
   * @param recording as the store describes it; `deleted` when it is gone for good, with all that was
   *   personal; `undefined` when the store has nothing of it
   */
  setRecording(id: string, recording: RecordingSummary | "deleted" | undefined): void {
    this.#guard.write((tables) => {
      const call = tables.get(id);
      if (call === undefined) return;
      tables.replace(call, changed(call, recording));
      this.#forgetOldest(tables);
    });
  }

  /**
   * Takes up what the store says of a recording: a call of an earlier process if none is remembered by
   * its id.
   *
   * @param recording `null` when the store knows nothing of it
   */
  reconcile(ref: RecordingRef, recording: RecordingSummary | null): void {
    this.#guard.write((tables) => {
      const call = tables.get(ref.callId);
      const told = call?.organisation === ref.organisation ? call : undefined;
      if (told?.recording !== undefined) {
        tables.replace(told, changed(told, recording ?? undefined));
      } else if (recording !== null && call !== undefined && recording.state === "deleted") {
        // A later call has taken the id of the tombstone.
        tables.addTombstone(ref);
      } else if (recording !== null && call !== undefined && isKept(call)) {
        const { organisation, callId } = ref;
        const why = `${call.organisation} has one of the same id`;
        this.#guard.warn(`Cannot list recording of call ${callId} of ${organisation}: ${why}`);
      } else if (recording !== null) {
        tables.replace(call, describeRecording(recording));
      }
      this.#forgetOldest(tables);
    });
  }

  /** Forgets a call, because its id begins anew. */
  delete(id: string): void {
    this.#guard.write((tables) => {
      const call = tables.get(id);
      if (call !== undefined) tables.remove(call);
      tables.removeTombstones(id);
    });
  }

  /**
   * Forgets some calls of an organisation that were not recorded and ended before a wall time. Answers
   * how many.
   */
  forgetUnrecorded(endedBefore: number, organisation: string): number {
    let forgotten = 0;
    this.#guard.write((tables) => {
      const old = tables.oldestUnrecorded(endedBefore, FORGET_OLD_AT_ONCE, organisation);
      for (const call of old) tables.remove(call);
      forgotten = old.length;
    });
    return forgotten;
  }

  /** Forgets some of the calls that are too many. Answers whether there are more. */
  forgetExcess(): boolean {
    this.#guard.write((tables) => this.#forgetOldest(tables));
    return !this.isStale && this.#guard.read((tables) => tables.others) > this.#endedCallsKept;
  }

  /** A page of an organisation's calls, newest first. */
  list(filter: CallFilter, page: CallPage): EndedCall[] {
    return this.#guard.read((tables) => {
      const terms = termsOfFilter(filter)
        .map((term) => ({ term, count: tables.countOf(term, FREQUENT) }))
        .sort((a, b) => a.count - b.count);
      if (terms[0]?.count === 0) return [];
      const query = pageQuery(filter, page, terms.map(({ term }) => term));
      return tables.page(query, page.maxMetadataChars);
    });
  }

  /** What there is of each organisation, those without any call left out. */
  usage(): Usage[] {
    return this.#guard.read((tables) => tables.usage());
  }

  /** Complete recordings whose call ended before a wall time, the oldest first. */
  oldestKept(endedBefore: number, limit: number, organisation?: string): KeptRecording[] {
    return this.#guard.read((tables) => tables.oldestKept(endedBefore, limit, organisation));
  }

  /** Recordings that were being completed when they were last heard of. */
  unsettled(limit: number): RecordingRef[] {
    return this.#guard.read((tables) => tables.unsettled(limit));
  }

  /** Recordings and tombstones that are remembered: some, from behind the row `after` on. */
  recordingsAfter(after: number, limit: number): NotedRecording[] {
    return this.#guard.read((tables) => tables.recordingsAfter(after, limit));
  }

  /** Whether this is the tombstone of a call that is forgotten. */
  isTombstone(ref: RecordingRef): boolean {
    return this.#guard.read((tables) => tables.isTombstone(ref));
  }

  /** Closes the database. Idempotent; what is noted afterwards is lost. */
  close(): void {
    this.#guard.close();
  }

  #forgetOldest(tables: IndexTables): void {
    const excess = tables.others - this.#endedCallsKept;
    for (let i = Math.min(excess, FORGET_AT_ONCE); i > 0; i--) {
      const call = tables.oldestOther();
      if (call === undefined) return;
      tables.remove(call);
      const { organisation, id: callId, recording } = call;
      if (recording === "deleted") tables.addTombstone({ organisation, callId });
    }
  }
}

function changed(call: EndedCall, recording: RecordingSummary | "deleted" | undefined): EndedCall {
  if (recording === undefined) return withoutRecording(call);
  if (recording !== "deleted") return withRecording(call, recording);
  return { ...withoutRecording(call), metadata: {}, recording };
}
