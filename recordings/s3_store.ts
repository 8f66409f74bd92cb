import type { TimerHandle } from "../mixer/clock.ts";
import { checkNames, isCallId, isOrganisation } from "./names.ts";
import { S3Bucket } from "./s3_bucket.ts";
import { S3Error } from "./s3_error.ts";
import { S3Folder } from "./s3_folder.ts";
import { parseJsonKey, root } from "./s3_keys.ts";
import { movingRecording } from "./s3_moving.ts";
import { resolveS3Options, type S3StoreOptions } from "./s3_options.ts";
import { s3Recording } from "./s3_recording.ts";
import { S3Recovery } from "./s3_recovery.ts";
import { openFileSpool, openMemorySpool, type Spool } from "./s3_spool.ts";
import { S3Upload } from "./s3_upload.ts";
import { UploadQueue } from "./s3_upload_queue.ts";
import {
  RECORDING_BLOCK_BYTES,
  RecordingBusyError,
  RecordingExistsError,
  type RecordingInfo,
  type RecordingRef,
  type RecordingStore,
  RecordingStoreFullError,
  type RecordingSummary,
  type RecordingWriter,
  type StoredRecording,
} from "./store.ts";
import { summaryOf, tombstoneOf } from "./writing.ts";

export type { S3StoreOptions } from "./s3_options.ts";

/** How long a recording waits at its beginning to hear whether its name is free, ms. */
const CHECK_MS = 3000;

/** What an {@linkcode S3Store} has to do. */
export interface S3StoreStatus {
  /** Recordings that are not in S3 yet, those being written included. */
  waiting: number;
  /** Bytes of their samples. */
  spoolBytes: number;
  /** Requests of uploads that failed since the start. */
  failures: number;
  /** Whether S3 failed the last time. */
  isInTrouble: boolean;
}

/**
 * Keeps recordings in a bucket of S3 as `<prefix>/<organisation>/<callId>.wav` (stereo) with `.json`
 * and `.peaks` beside it; docs/recordings.md describes them.
 *
 * What is recorded goes to a spool first, and from there to S3 as it comes: neither a recording nor
 * its end waits for S3. A recording is read from the spool until it is in S3. Processes may share a
 * bucket and a prefix; each needs a spool of its own.
 */
export class S3Store implements RecordingStore {
  readonly #options: Required<S3StoreOptions>;
  readonly #bucket: S3Bucket;
  readonly #spool: Spool;
  readonly #queue: UploadQueue<S3Upload | S3Recovery>;
  readonly #recovery: S3Recovery;
  /** Those that are not in S3 yet, by name; `null` while a recording begins. */
  readonly #uploads = new Map<string, S3Upload | null>();
  readonly #deleting = new Set<string>();
  #spoolBytes = 0;
  #recoveryTimer: TimerHandle | undefined;
  #isClosed = false;

  private constructor(options: Required<S3StoreOptions>, spool: Spool) {
    const { access, prefix, clock, concurrency, leaseMs, onWarning, onNotice } = options;
    this.#options = options;
    this.#spool = spool;
    this.#bucket = new S3Bucket(access, clock);
    this.#recovery = new S3Recovery({
      bucket: this.#bucket,
      prefix,
      leaseMs,
      isOurs: (ref) => this.#uploads.has(keyOf(ref)),
      onRecovered: ({ callId, samples, sampleRate }) =>
        onNotice(`Recovered ${samples / sampleRate} s of the recording of call ${callId}`),
      onWarning,
    });
    this.#queue = new UploadQueue(clock, concurrency, {
      onTrouble: (error) => onWarning(troubleWith(error)),
      onRelief: (ms) => onNotice(`Recordings go to S3 again after ${Math.round(ms / 1000)} s`),
      onDone: (upload) => upload instanceof S3Upload && this.#forget(upload),
      onStuck: (upload, error) => {
        const of = upload instanceof S3Upload ? ` of call ${upload.ref.callId}` : "s";
        onWarning(`Cannot take the recording${of} to S3 before the next start: ${error}`);
      },
    });
  }

  /**
   * Opens the spool, and goes on with what an earlier process left there. Does not wait for S3.
   *
   * @throws {Error} when the spool's folder cannot be used
   */
  static async open(options: S3StoreOptions): Promise<S3Store> {
    const resolved = resolveS3Options(options);
    const { spoolFolder, onWarning } = resolved;
    const spool = spoolFolder === null
      ? openMemorySpool()
      : await openFileSpool(spoolFolder, onWarning);
    const store = new S3Store(resolved, spool);
    await store.#resume();
    store.#search();
    return store;
  }

  get status(): S3StoreStatus {
    const { size: waiting } = this.#uploads;
    const { failures, isInTrouble } = this.#queue;
    return { waiting, spoolBytes: this.#spoolBytes, failures, isInTrouble };
  }

  /** Whether a recording is not in S3 yet. */
  isWaiting(ref: RecordingRef): boolean {
    return this.#uploads.has(keyOf(ref));
  }

  async create(info: RecordingInfo): Promise<RecordingWriter> {
    checkNames(info);
    const key = keyOf(info);
    if (this.#uploads.has(key) || this.#deleting.has(key)) {
      throw new RecordingExistsError(info.callId);
    }
    this.#uploads.set(key, null);
    try {
      const isNew = await this.#isFree(info);
      const writer = await this.#spool.store.create(info);
      const upload = this.#upload(info, isNew);
      this.#queue.push(upload);
      return this.#writer(writer, upload);
    } catch (error) {
      this.#uploads.delete(key);
      throw error;
    }
  }

  async open(ref: RecordingRef): Promise<StoredRecording | null> {
    if (!isName(ref)) return null;
    const key = keyOf(ref);
    const folder = this.#folder(ref);
    const upload = this.#uploads.get(key);
    if (upload !== undefined && !this.#deleting.has(key)) {
      const local = await this.#spool.store.open(ref);
      const hasMoved = () => upload?.hasMoved !== false;
      if (local !== null) return movingRecording(local, s3Recording(folder, local.info), hasMoved);
      if (!hasMoved()) return null;
    }
    const info = await folder.manifest();
    if (info === null || info.state === "deleted") return null;
    // What another process is writing can be read when it is finished.
    return s3Recording(folder, info.state === "recording" ? { ...info, samples: 0 } : info);
  }

  async describe(ref: RecordingRef): Promise<RecordingSummary | null> {
    if (!isName(ref)) return null;
    if (this.#uploads.has(keyOf(ref))) {
      const summary = await this.#spool.store.describe(ref);
      if (summary !== null && summary.state !== "deleted") return summary;
    }
    const info = await this.#folder(ref).manifest();
    return info && summaryOf(info);
  }

  async *names(): AsyncGenerator<RecordingRef> {
    const waiting = new Set<string>();
    for (const upload of [...this.#uploads.values()]) {
      if (upload === null) continue;
      waiting.add(keyOf(upload.ref));
      yield upload.ref;
    }
    const above = root(this.#options.prefix);
    for await (const page of this.#bucket.list(above)) {
      for (const { key } of page) {
        const ref = parseJsonKey(above, key);
        if (ref !== null && !waiting.has(keyOf(ref))) yield ref;
      }
    }
  }

  async delete(ref: RecordingRef): Promise<boolean> {
    if (!isName(ref)) return false;
    const key = keyOf(ref);
    const upload = this.#uploads.get(key);
    if (upload === null || upload?.isRunning) throw new RecordingBusyError(ref.callId);
    if (this.#deleting.has(key)) return false;
    this.#deleting.add(key);
    try {
      if (upload === undefined) return await this.#delete(ref);
      await this.#queue.remove(upload);
      try {
        return await this.#delete(ref, upload);
      } catch (error) {
        // Nothing of it has been touched here: it goes on as if nobody had asked.
        if (this.#uploads.has(key)) this.#queue.restore(upload);
        throw error;
      }
    } finally {
      this.#deleting.delete(key);
    }
  }

  /**
   * Lets go. A spool in memory is emptied first, as far as S3 takes it: give it the time that there is,
   * and let the process end when that is over.
   */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#options.clock.clearTimeout(this.#recoveryTimer);
    if (!this.#spool.lasts) await this.#queue.idle();
    const closed = this.#queue.close();
    this.#bucket.close();
    await closed;
  }

  /** Goes on with what is in the spool. */
  async #resume(): Promise<void> {
    for await (const ref of this.#spool.store.names()) {
      const summary = await this.#spool.store.describe(ref);
      if (summary === null) continue;
      if (summary.state === "deleted") {
        await this.#spool.forget(ref);
        continue;
      }
      const upload = this.#upload(summary, false);
      this.#grow(upload, summary.samples * RECORDING_BLOCK_BYTES);
      upload.end();
      this.#queue.push(upload);
    }
  }

  #upload(info: RecordingSummary, isNew: boolean): S3Upload {
    const { partBytes, checkpointSeconds } = this.#options;
    const folder = this.#folder(info);
    const options = { folder, spool: this.#spool, partBytes, checkpointSeconds, isNew };
    const upload = new S3Upload(info, options);
    this.#uploads.set(keyOf(info), upload);
    return upload;
  }

  #writer(writer: RecordingWriter, upload: S3Upload): RecordingWriter {
    const end = () => {
      upload.end();
      this.#queue.push(upload);
    };
    return {
      append: async (pcm, peaks) => {
        this.#reserve(upload, pcm.length);
        await writer.append(pcm, peaks);
        this.#grow(upload, pcm.length);
      },
      skip: async (samples) => {
        // What is not a count is the spool's to refuse.
        if (Number.isSafeInteger(samples)) this.#reserve(upload, samples * RECORDING_BLOCK_BYTES);
        await writer.skip(samples);
        this.#grow(upload, samples * RECORDING_BLOCK_BYTES);
      },
      update: async (info) => {
        await writer.update(info);
        upload.describe();
      },
      finish: async (info) => {
        try {
          await writer.finish(info);
        } catch (error) {
          // It may have ended all the same, as one whose description cannot be kept.
          const left = await this.#spool.store.describe(upload.ref);
          if (left !== null && left.state !== "recording") end();
          throw error;
        }
        end();
      },
    };
  }

  /** @throws {RecordingStoreFullError} */
  #reserve({ ref }: S3Upload, bytes: number): void {
    const { spoolBytes: limit } = this.#options;
    if (this.#spoolBytes + bytes <= limit) return;
    throw new RecordingStoreFullError(
      `Cannot spool more of recording ${ref.callId}: ${this.#spoolBytes} bytes wait for S3, limit ` +
        limit,
    );
  }

  #grow(upload: S3Upload, bytes: number): void {
    this.#spoolBytes += bytes;
    if (upload.grow(bytes)) this.#queue.push(upload);
  }

  /** Whether S3 is known to have no recording of this name; an answer is not waited for too long. */
  async #isFree(info: RecordingInfo): Promise<boolean> {
    if (this.#queue.isInTrouble) return false;
    const { clock } = this.#options;
    const { promise: late, resolve } = Promise.withResolvers<undefined>();
    const timer = clock.setTimeout(() => resolve(undefined), CHECK_MS);
    // What cannot be found out now is found out before anything is uploaded.
    const asked = this.#folder(info).manifest().catch(() => undefined);
    const before = await Promise.race([asked, late]);
    clock.clearTimeout(timer);
    if (before === undefined) return false;
    if (before !== null && before.state !== "deleted") throw new RecordingExistsError(info.callId);
    return true;
  }

  async #delete(ref: RecordingRef, upload?: S3Upload): Promise<boolean> {
    const folder = this.#folder(ref);
    const { bucket, keys } = folder;
    const local = upload && await this.#spool.store.describe(ref);
    const remote = await folder.manifest();
    const info = local ?? remote;
    if (info === null) return false;
    if (upload === undefined && remote?.state === "recording" && await this.#isHeld(folder)) {
      throw new RecordingBusyError(ref.callId);
    }
    // The sound goes first: should this be cut short, no voice is left behind a tombstone.
    await bucket.delete(keys.wav);
    if (info.state !== "deleted") await folder.putManifest(tombstoneOf(info));
    if (upload !== undefined) {
      await this.#spool.forget(ref);
      this.#forget(upload);
    }
    await bucket.delete(keys.peaks);
    await folder.abort(await folder.journal());
    await folder.removeUnfinished();
    return info.state !== "deleted";
  }

  /** Whether another process is at a recording. */
  async #isHeld({ bucket, keys }: S3Folder): Promise<boolean> {
    const journal = await bucket.stat(keys.journal);
    return journal !== null && journal.ageMs < this.#options.leaseMs;
  }

  #forget(upload: S3Upload): void {
    const key = keyOf(upload.ref);
    if (!this.#uploads.delete(key)) return;
    this.#spoolBytes -= upload.dataBytes;
  }

  /** Looks for what lost processes left, now and from time to time. */
  #search(): void {
    const { clock, leaseMs } = this.#options;
    if (this.#isClosed) return;
    this.#queue.push(this.#recovery);
    this.#recoveryTimer = clock.setTimeout(() => this.#search(), Math.max(60_000, leaseMs / 3));
  }

  #folder(ref: RecordingRef): S3Folder {
    return new S3Folder(this.#bucket, this.#options.prefix, ref);
  }
}

function isName({ organisation, callId }: RecordingRef): boolean {
  return isOrganisation(organisation) && isCallId(callId);
}

/** A slash is in neither name. */
function keyOf({ organisation, callId }: RecordingRef): string {
  return `${organisation}/${callId}`;
}

function troubleWith(error: S3Error): string {
  const what = error.problem === "refused"
    ? "check the credentials, their permissions and the bucket"
    : "it is tried again";
  return `${error.message}: recordings wait in the spool, ${what}`;
}
