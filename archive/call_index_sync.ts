import { setImmediate } from "node:timers/promises";
import type { Clock } from "../mixer/clock.ts";
import type { RecordingRef, RecordingStore } from "../recordings/store.ts";
import type { CallIndex } from "./call_index.ts";

/** What a {@linkcode CallIndexSync} works with. */
export interface CallIndexSyncOptions {
  index: CallIndex;
  store: Pick<RecordingStore, "names" | "describe">;
  clock: Clock;
  /** Whether a call of this id is running: its recording is not the index's yet. */
  isRunning: (callId: string) => boolean;
  /** Is told of a comparison that takes long, and of what it changed. Must not throw. */
  onProgress?: (message: string) => void;
  /** Is told, once a comparison, of what could not be compared. Must not throw. */
  onWarning?: (message: string) => void;
}

/** Recordings that the store is asked about at the same time. */
const CONCURRENCY = 8;
/** Rows that are read without letting anything else happen. */
const ROWS_AT_ONCE = 500;
const PROGRESS_MS = 5000;

/**
 * Makes a {@linkcode CallIndex} agree with the store. First the names are compared, without opening a
 * recording. Those that the index does not know, or knows otherwise, are then described one by one,
 * while the server already answers: their ids are taken from the first moment on.
 */
export class CallIndexSync {
  readonly #options: CallIndexSyncOptions;
  /** By call id: several where an organisation has used the id of another's tombstone. */
  readonly #pending = new Map<string, RecordingRef[]>();
  #running: Promise<void> | undefined;

  constructor(options: CallIndexSyncOptions) {
    this.#options = options;
  }

  /** Whether a recording with this call id waits to be described. */
  isPending(callId: string): boolean {
    return this.#pending.has(callId);
  }

  /** Call ids whose recordings wait to be described. */
  get pending(): number {
    return this.#pending.size;
  }

  /** What has happened to this recording is known now: it need not be described. */
  forget(callId: string): void {
    this.#pending.delete(callId);
  }

  /**
   * Compares all names, then describes what is pending. Rejects when the store cannot tell its names;
   * settles early when aborted. One at a time: a second call answers as the first.
   */
  run(signal: AbortSignal): Promise<void> {
    this.#running ??= this.#run(signal).finally(() => this.#running = undefined);
    return this.#running;
  }

  /** Describes one recording at once, if it is pending. */
  async resolve(callId: string): Promise<void> {
    const { index, store, isRunning } = this.#options;
    const refs = this.#pending.get(callId) ?? [];
    for (const ref of refs) {
      const summary = await store.describe(ref);
      // Meanwhile it may have been deleted, or described for somebody else.
      if (this.#pending.get(callId) !== refs) return;
      // One that is being written is the registry's to tell of.
      if (!isRunning(callId) && summary?.state !== "recording") index.reconcile(ref, summary);
    }
    this.#pending.delete(callId);
  }

  async #run(signal: AbortSignal): Promise<void> {
    const { index, clock, onProgress = () => {}, onWarning = () => {} } = this.#options;
    const startedMs = clock.now();
    index.isStale = false;
    while (!signal.aborted && index.forgetExcess()) await setImmediate();
    const names = await this.#compareNames(signal);
    const total = this.#pending.size;
    let failures = 0;
    let toldMs = startedMs;
    const ids = [...this.#pending.keys()].values();
    const worker = async () => {
      for (const id of ids) {
        if (signal.aborted) return;
        await this.resolve(id).catch(() => failures++);
        if (clock.now() - toldMs < PROGRESS_MS) continue;
        toldMs = clock.now();
        onProgress(`Reading recordings for the list of calls: ${this.pending} of ${total} left`);
      }
    };
    await Promise.all(Array.from({ length: CONCURRENCY }, worker));
    if (failures > 0) {
      index.isStale = true;
      onWarning(`Cannot read ${failures} recordings for the list of calls; tried again later`);
    }
    if (total === 0) return;
    const tookMs = Math.round(clock.now() - startedMs);
    onProgress(`The list of calls agrees with ${names} recordings; ${total} read in ${tookMs} ms`);
  }

  /** Notes as pending whatever the index and the store's names do not agree on. Answers their number. */
  async #compareNames(signal: AbortSignal): Promise<number> {
    const { index, store, isRunning } = this.#options;
    const known = await this.#known(signal);
    let count = 0;
    for await (const ref of store.names()) {
      if (signal.aborted) break;
      count++;
      const isSettled = known.get(keyOf(ref));
      known.delete(keyOf(ref));
      if (isSettled === true || isRunning(ref.callId) || index.isTombstone(ref)) continue;
      this.#add(ref);
    }
    if (signal.aborted) return count;
    for (const key of known.keys()) {
      const [organisation, callId] = key.split("/", 2);
      this.#add({ organisation, callId });
    }
    return count;
  }

  #add(ref: RecordingRef): void {
    const others = this.#pending.get(ref.callId)?.filter((other) => keyOf(other) !== keyOf(ref));
    this.#pending.set(ref.callId, [...others ?? [], ref]);
  }

  /** The recordings of the index, and whether they were settled when it last heard of them. */
  async #known(signal: AbortSignal): Promise<Map<string, boolean>> {
    const known = new Map<string, boolean>();
    let after = 0;
    while (!signal.aborted) {
      const rows = this.#options.index.recordingsAfter(after, ROWS_AT_ONCE);
      for (const { ref, isSettled } of rows) known.set(keyOf(ref), isSettled);
      const last = rows.at(-1);
      if (last === undefined) break;
      after = last.row;
      await setImmediate();
    }
    return known;
  }
}

function keyOf({ organisation, callId }: RecordingRef): string {
  return `${organisation}/${callId}`;
}
