import type { S3Bucket } from "./s3_bucket.ts";
import { S3Error } from "./s3_error.ts";
import { S3Folder } from "./s3_folder.ts";
import { parseJsonKey, unfinishedPrefix } from "./s3_keys.ts";
import { recoverRecording } from "./s3_recover.ts";
import type { QueuedUpload, StepResult } from "./s3_upload_queue.ts";
import type { RecordingInfo, RecordingRef } from "./store.ts";

/** Where a search for lost recordings goes, and whom it tells. */
export interface RecoveryOptions {
  readonly bucket: S3Bucket;
  readonly prefix: string;
  /** How old a journal must be for its process to be taken for lost, ms. */
  readonly leaseMs: number;
  /** Whether this very process has a recording. */
  isOurs(ref: RecordingRef): boolean;
  onRecovered(info: RecordingInfo): void;
  onWarning(message: string): void;
}

/** Most recordings of one search; the next one finds the others. */
const MAX_FOUND = 1000;

/** Looks for recordings that no process is at any more, and finishes them one at a time. */
export class S3Recovery implements QueuedUpload {
  readonly #options: RecoveryOptions;
  #found: RecordingRef[] | undefined;

  constructor(options: RecoveryOptions) {
    this.#options = options;
  }

  async step(): Promise<StepResult> {
    this.#found ??= await this.#search();
    const ref = this.#found.at(-1);
    if (ref === undefined) {
      this.#found = undefined;
      return "wait";
    }
    await this.#recover(ref);
    this.#found.pop();
    return "again";
  }

  restart(): boolean {
    this.#found = undefined;
    return false;
  }

  async #search(): Promise<RecordingRef[]> {
    const { bucket, prefix, leaseMs } = this.#options;
    const above = unfinishedPrefix(prefix);
    const found: RecordingRef[] = [];
    for await (const page of bucket.list(above)) {
      for (const { key, ageMs } of page) {
        const ref = parseJsonKey(above, key);
        if (ref !== null && ageMs >= leaseMs) found.push(ref);
        if (found.length === MAX_FOUND) return found;
      }
    }
    return found;
  }

  async #recover(ref: RecordingRef): Promise<void> {
    const { bucket, prefix, leaseMs, isOurs, onRecovered, onWarning } = this.#options;
    if (isOurs(ref)) return;
    const folder = new S3Folder(bucket, prefix, ref);
    try {
      const journal = await bucket.stat(folder.keys.journal);
      if (journal === null || journal.ageMs < leaseMs) return;
      const info = await recoverRecording(folder);
      if (info !== null) onRecovered(info);
    } catch (error) {
      if (error instanceof S3Error && error.problem !== "invalid") throw error;
      const message = error instanceof Error ? error.message : String(error);
      onWarning(`Cannot recover the recording of call ${ref.callId}: ${message}`);
    }
  }
}
