import { checkNames, isCallId, isOrganisation } from "./names.ts";
import { S3Bucket } from "./s3_bucket.ts";
import type { S3Folder } from "./s3_folder.ts";
import { S3Intake, type S3Status } from "./s3_intake.ts";
import { parseJsonKey, root } from "./s3_keys.ts";
import { movingRecording } from "./s3_moving.ts";
import { resolveS3Options, type S3StoreOptions } from "./s3_options.ts";
import { s3Recording } from "./s3_recording.ts";
import { openFileSpool, openMemorySpool } from "./s3_spool.ts";
import type { S3Upload } from "./s3_upload.ts";
import { S3Writer } from "./s3_writer.ts";
import {
  RecordingBusyError,
  RecordingExistsError,
  type RecordingInfo,
  type RecordingRef,
  type RecordingStore,
  type RecordingSummary,
  type RecordingWriter,
  type StoredRecording,
} from "./store.ts";
import { summaryOf, tombstoneOf } from "./writing.ts";

export type { S3Status } from "./s3_intake.ts";
export type { S3StoreOptions } from "./s3_options.ts";

/** How long a recording waits at its beginning to hear whether its name is free, ms. */
const CHECK_MS = 3000;

/**
 * Keeps recordings in a bucket of S3 as `<prefix>/<organisation>/<callId>.wav` (stereo) with `.json`
 * and `.peaks` beside it, the same as a `FileStore` has in a folder.
 *
 * What is recorded goes to a spool first, and from there to S3 as it comes: neither a recording nor
 * its end waits for S3. A recording is read from the spool until it is in S3. Processes may share a
 * bucket and a prefix; each needs a spool of its own.
 */
export class S3Store implements RecordingStore {
  readonly #options: Required<S3StoreOptions>;
  readonly #bucket: S3Bucket;
  readonly #intake: S3Intake;
  readonly #deleting = new Set<string>();

  private constructor(options: Required<S3StoreOptions>, bucket: S3Bucket, intake: S3Intake) {
    this.#options = options;
    this.#bucket = bucket;
    this.#intake = intake;
  }

  /**
   * Opens the spool, and goes on with what an earlier process left there. Does not wait for S3.
   *
   * @throws {Error} when the spool's folder cannot be used
   */
  static async open(options: S3StoreOptions): Promise<S3Store> {
    const resolved = resolveS3Options(options);
    const { access, clock, spoolFolder, onWarning } = resolved;
    const spool = spoolFolder === null
      ? openMemorySpool()
      : await openFileSpool(spoolFolder, onWarning);
    const bucket = new S3Bucket(access, clock);
    const intake = new S3Intake(resolved, bucket, spool);
    await intake.start();
    return new S3Store(resolved, bucket, intake);
  }

  get status(): S3Status {
    return this.#intake.status;
  }

  /** Whether a recording is not in S3 yet. */
  isWaiting(ref: RecordingRef): boolean {
    return this.#intake.has(ref);
  }

  async create(info: RecordingInfo): Promise<RecordingWriter> {
    checkNames(info);
    if (this.#intake.has(info) || this.#deleting.has(keyOf(info))) {
      throw new RecordingExistsError(info.callId);
    }
    this.#intake.claim(info);
    try {
      const isNew = await this.#isFree(info);
      const spooled = await this.#intake.spool.store.create(info);
      return new S3Writer(this.#intake, this.#intake.add(info, isNew), spooled);
    } catch (error) {
      this.#intake.release(info);
      throw error;
    }
  }

  async open(ref: RecordingRef): Promise<StoredRecording | null> {
    if (!isName(ref)) return null;
    const folder = this.#intake.folder(ref);
    const upload = this.#intake.get(ref);
    if (upload !== undefined && !this.#deleting.has(keyOf(ref))) {
      const local = await this.#intake.spool.store.open(ref);
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
    if (this.#intake.has(ref)) {
      const summary = await this.#intake.spool.store.describe(ref);
      if (summary !== null && summary.state !== "deleted") return summary;
    }
    const info = await this.#intake.folder(ref).manifest();
    return info && summaryOf(info);
  }

  async *names(): AsyncGenerator<RecordingRef> {
    const waiting = new Set<string>();
    for (const { ref } of this.#intake.uploads) {
      waiting.add(keyOf(ref));
      yield ref;
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
    const upload = this.#intake.get(ref);
    if (upload === null || upload?.isRunning) throw new RecordingBusyError(ref.callId);
    if (this.#deleting.has(key)) return false;
    this.#deleting.add(key);
    try {
      if (upload === undefined) return await this.#delete(ref);
      await this.#intake.hold(upload);
      try {
        return await this.#delete(ref, upload);
      } catch (error) {
        // If nothing of it was touched here, it goes on as if nobody had asked.
        this.#intake.resume(upload);
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
    await this.#intake.close();
  }

  /** Whether S3 is known to have no recording of this name; an answer is not waited for too long. */
  async #isFree(info: RecordingInfo): Promise<boolean> {
    if (this.#intake.status.isInTrouble) return false;
    const { clock } = this.#options;
    const { promise: late, resolve } = Promise.withResolvers<undefined>();
    const timer = clock.setTimeout(() => resolve(undefined), CHECK_MS);
    // What cannot be found out now is found out before anything is uploaded.
    const asked = this.#intake.folder(info).manifest().catch(() => undefined);
    const before = await Promise.race([asked, late]);
    clock.clearTimeout(timer);
    if (before === undefined) return false;
    if (before !== null && before.state !== "deleted") throw new RecordingExistsError(info.callId);
    return true;
  }

  async #delete(ref: RecordingRef, upload?: S3Upload): Promise<boolean> {
    const folder = this.#intake.folder(ref);
    const { bucket, keys } = folder;
    const local = upload && await this.#intake.spool.store.describe(ref);
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
      await this.#intake.spool.forget(ref);
      this.#intake.forget(upload);
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
}

function isName({ organisation, callId }: RecordingRef): boolean {
  return isOrganisation(organisation) && isCallId(callId);
}

/** A slash is in neither name. */
function keyOf({ organisation, callId }: RecordingRef): string {
  return `${organisation}/${callId}`;
}
