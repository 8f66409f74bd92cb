import type { TimerHandle } from "../mixer/clock.ts";
import type { S3Bucket } from "./s3_bucket.ts";
import type { S3Error } from "./s3_error.ts";
import { S3Folder } from "./s3_folder.ts";
import type { S3StoreOptions } from "./s3_options.ts";
import { S3Recovery } from "./s3_recovery.ts";
import type { Spool } from "./s3_spool.ts";
import { S3Upload } from "./s3_upload.ts";
import { UploadQueue } from "./s3_upload_queue.ts";
import {
  RECORDING_BLOCK_BYTES,
  type RecordingRef,
  RecordingStoreFullError,
  type RecordingSummary,
} from "./store.ts";

/** What an {@linkcode S3Intake} has to do. */
export interface S3Status {
  /** Recordings that are not in S3 yet, those being written included. */
  waiting: number;
  /** What they take in the spool, bytes. */
  spoolBytes: number;
  /** Steps of uploads that failed since the start. */
  failures: number;
  /** Whether S3 failed the last time. */
  isInTrouble: boolean;
}

/** What a recording counts for beside its samples: descriptions must not fill a spool unseen. */
const SPOOLED_RECORDING_BYTES = 16 * 1024;

/** All recordings that are on their way to S3, and the spool that they are in. */
export class S3Intake {
  readonly spool: Spool;
  readonly #options: Required<S3StoreOptions>;
  readonly #bucket: S3Bucket;
  readonly #queue: UploadQueue<S3Upload | S3Recovery>;
  readonly #recovery: S3Recovery;
  /** By name; `null` while a recording begins. */
  readonly #uploads = new Map<string, S3Upload | null>();
  #spoolBytes = 0;
  #recoveryTimer: TimerHandle | undefined;

  constructor(options: Required<S3StoreOptions>, bucket: S3Bucket, spool: Spool) {
    const { prefix, clock, concurrency, leaseMs, onWarning, onNotice } = options;
    this.#options = options;
    this.#bucket = bucket;
    this.spool = spool;
    this.#recovery = new S3Recovery({
      bucket,
      prefix,
      leaseMs,
      isOurs: (ref) => this.has(ref),
      onRecovered: ({ callId, samples, sampleRate }) =>
        onNotice(`Recovered ${samples / sampleRate} s of the recording of call ${callId}`),
      onWarning,
    });
    this.#queue = new UploadQueue(clock, concurrency, {
      onTrouble: (error) => onWarning(troubleWith(error)),
      onRelief: (ms) => onNotice(`Recordings go to S3 again after ${Math.round(ms / 1000)} s`),
      onDone: (upload) => upload instanceof S3Upload && this.forget(upload),
      onStuck: (upload, error) => {
        const of = upload instanceof S3Upload ? ` of call ${upload.ref.callId}` : "s";
        onWarning(`Cannot take the recording${of} to S3 before the next start: ${error}`);
      },
    });
  }

  get status(): S3Status {
    const { failures, isInTrouble } = this.#queue;
    const { size: waiting } = this.#uploads;
    return { waiting, spoolBytes: this.#spoolBytes, failures, isInTrouble };
  }

  /** Those that have begun. */
  get uploads(): S3Upload[] {
    return [...this.#uploads.values()].filter((upload) => upload !== null);
  }

  has(ref: RecordingRef): boolean {
    return this.#uploads.has(keyOf(ref));
  }

  /** A recording's upload, `null` while it begins, `undefined` when it is not on its way. */
  get(ref: RecordingRef): S3Upload | null | undefined {
    return this.#uploads.get(keyOf(ref));
  }

  /**
   * Takes a name, so that nobody else does, until {@linkcode add} or {@linkcode release}.
   *
   * @throws {RecordingStoreFullError}
   */
  claim(ref: RecordingRef): void {
    this.reserve(ref, SPOOLED_RECORDING_BYTES);
    this.#uploads.set(keyOf(ref), null);
  }

  /** Gives a name back that was taken for nothing. */
  release(ref: RecordingRef): void {
    this.#uploads.delete(keyOf(ref));
  }

  /** Begins the upload of a recording that the spool has. @param isNew as in `UploadOptions` */
  add(info: RecordingSummary, isNew: boolean): S3Upload {
    const { partBytes, checkpointSeconds } = this.#options;
    const folder = this.folder(info);
    const options = { folder, spool: this.spool, partBytes, checkpointSeconds, isNew };
    const upload = new S3Upload(info, options);
    this.#uploads.set(keyOf(info), upload);
    this.#spoolBytes += SPOOLED_RECORDING_BYTES;
    this.#queue.push(upload);
    return upload;
  }

  /** Refuses what the spool has no room for. @throws {RecordingStoreFullError} */
  reserve({ callId }: RecordingRef, bytes: number): void {
    const { spoolBytes: limit } = this.#options;
    if (this.#spoolBytes + bytes <= limit) return;
    throw new RecordingStoreFullError(
      `Cannot spool more of recording ${callId}: ${this.#spoolBytes} bytes wait for S3, limit ${limit}`,
    );
  }

  /** Takes note of bytes of samples that the spool has taken. */
  grow(upload: S3Upload, bytes: number): void {
    this.#spoolBytes += bytes;
    if (upload.grow(bytes)) this.#queue.push(upload);
  }

  /** No more samples will come. */
  end(upload: S3Upload): void {
    upload.end();
    this.#queue.push(upload);
  }

  /** Does nothing more for an upload; settles when what is under way is over. */
  async hold(upload: S3Upload): Promise<void> {
    await this.#queue.remove(upload);
  }

  /** Goes on with an upload that was held. */
  resume(upload: S3Upload): void {
    if (this.has(upload.ref)) this.#queue.restore(upload);
  }

  /** The spool does not have a recording any more. */
  forget(upload: S3Upload): void {
    if (!this.#uploads.delete(keyOf(upload.ref))) return;
    this.#spoolBytes -= upload.dataBytes + SPOOLED_RECORDING_BYTES;
  }

  /** Goes on with what is in the spool, and begins to look for what others have lost. */
  async start(): Promise<void> {
    const { store } = this.spool;
    for await (const ref of store.names()) {
      const summary = await store.describe(ref);
      if (summary === null) continue;
      if (summary.state === "deleted") {
        await this.spool.forget(ref);
        continue;
      }
      const upload = this.add(summary, false);
      this.grow(upload, summary.samples * RECORDING_BLOCK_BYTES);
      this.end(upload);
    }
    this.#search();
  }

  /** Begins nothing more, and ends what is under way. A spool in memory is emptied first. */
  async close(): Promise<void> {
    this.#options.clock.clearTimeout(this.#recoveryTimer);
    if (!this.spool.lasts) await this.#queue.idle();
    const closed = this.#queue.close();
    this.#bucket.close();
    await closed;
  }

  /** Where a recording lies in S3. */
  folder(ref: RecordingRef): S3Folder {
    return new S3Folder(this.#bucket, this.#options.prefix, ref);
  }

  #search(): void {
    const { clock, leaseMs } = this.#options;
    this.#queue.push(this.#recovery);
    this.#recoveryTimer = clock.setTimeout(() => this.#search(), Math.max(60_000, leaseMs / 3));
  }
}

/** A slash is in neither name. */
function keyOf({ organisation, callId }: RecordingRef): string {
  return `${organisation}/${callId}`;
}

function troubleWith(error: S3Error): string {
  return `${error.message}: recordings wait in the spool, ${error.advice}`;
}
