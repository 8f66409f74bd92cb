import type { Clock } from "../mixer/clock.ts";
import type {
  RecordingRef,
  RecordingState,
  RecordingStore,
  RecordingSummary,
} from "../recordings/store.ts";
import type { CallIndex } from "./call_index.ts";
import { CallIndexSync } from "./call_index_sync.ts";
import type { EndedCall } from "./ended_call.ts";

/** What a {@linkcode CallArchive} works with. */
export interface CallArchiveOptions {
  /** Of the calls that have ended. The archive does not close it. */
  index: CallIndex;
  store: Pick<RecordingStore, "names" | "describe" | "delete">;
  clock: Clock;
  /** Whether a call of this id is running: its recording is not the archive's yet. */
  isRunning: (callId: string) => boolean;
  /** Is told when the store has let go of a recording, or it was deleted. Must not throw. */
  onRecording?: (ref: RecordingRef, state: RecordingState, summary?: RecordingSummary) => void;
  /** Is told how the index is made to agree with the store. Must not throw. */
  onProgress?: (message: string) => void;
  onWarning?: (message: string) => void;
}

/** Most recordings that are asked about again at a time. */
const MAX_SETTLED = 1000;

/** The calls that have ended, and what has become of their recordings. */
export class CallArchive {
  /** To find them by time and metadata. */
  readonly index: CallIndex;
  readonly #options: CallArchiveOptions;
  readonly #sync: CallIndexSync;
  /** Ids of calls whose recording is being completed, or asked about. */
  readonly #settling = new Set<string>();
  readonly #closing = new AbortController();
  #restoring: Promise<void> | undefined;

  constructor(options: CallArchiveOptions) {
    this.#options = options;
    this.index = options.index;
    this.#sync = new CallIndexSync(options);
  }

  /**
   * Takes up the recordings of earlier processes, and what the index has missed. To be called before
   * the first call; that it settles need not be waited for.
   */
  restore(): Promise<void> {
    this.#restoring = this.#sync.run(this.#closing.signal).catch((error) => {
      this.index.isStale = true;
      this.#options.onWarning?.(`Cannot compare the list of calls with the recordings: ${error}`);
    });
    return this.#restoring;
  }

  /**
   * Makes up for what the index has missed: asks again about recordings that the store had not let go
   * of or could not tell of, and compares with it where something could not be written. Never rejects.
   */
  async catchUp(): Promise<void> {
    try {
      for (const ref of this.index.unsettled(MAX_SETTLED)) {
        if (!this.#settling.has(ref.callId)) await this.settle(ref);
      }
      if (this.index.isStale) await this.restore();
    } catch (error) {
      this.#options.onWarning?.(`Cannot catch up with the recordings: ${error}`);
    }
  }

  /** What is known of an ended call. */
  async find(id: string): Promise<EndedCall | undefined> {
    await this.#sync.resolve(id);
    return this.index.get(id);
  }

  /** Whether the recording of an ended call is kept: its id is not given again. */
  isKept(id: string): boolean {
    return this.#sync.isPending(id) || this.index.isKept(id);
  }

  /**
   * Deletes a recording for good. Answers whether there was one.
   *
   * @throws {RecordingBusyError} when it is still being written
   */
  async deleteRecording(ref: RecordingRef): Promise<boolean> {
    const { store, onRecording } = this.#options;
    const isDeleted = await store.delete(ref);
    this.#sync.forget(ref.callId);
    if (isDeleted) {
      this.index.setRecording(ref.callId, "deleted");
      onRecording?.(ref, "deleted");
    } else {
      this.index.reconcile(ref, await store.describe(ref));
    }
    return isDeleted;
  }

  /** The store has let go of a recording by itself: the call's id is free again. */
  forgetRecording(ref: RecordingRef): void {
    this.#sync.forget(ref.callId);
    this.index.setRecording(ref.callId, undefined);
    this.#options.onRecording?.(ref, "deleted");
  }

  /** Finds out what has become of a recording, once it should be complete. Never rejects. */
  async settle(ref: RecordingRef, complete?: Promise<void>): Promise<void> {
    const { callId } = ref;
    const { store, onRecording } = this.#options;
    this.#settling.add(callId);
    try {
      await complete;
      const kept = await store.describe(ref) ?? undefined;
      if (kept?.state === "recording") return;
      this.index.setRecording(callId, kept);
      onRecording?.(ref, kept?.state ?? "failed", kept);
    } catch {
      // The store is away: the recording is as good as kept until it can be asked again.
    } finally {
      this.#settling.delete(callId);
    }
  }

  /** Compares no further; settles when nothing is compared any more. Idempotent. */
  async close(): Promise<void> {
    this.#closing.abort();
    await this.#restoring;
  }
}
