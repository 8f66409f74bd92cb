import type { S3Folder } from "./s3_folder.ts";
import type { UploadJournal } from "./s3_journal.ts";
import type { Spool } from "./s3_spool.ts";
import { SpooledWav } from "./s3_spooled_wav.ts";
import type { QueuedUpload, StepResult } from "./s3_upload_queue.ts";
import {
  RECORDING_BLOCK_BYTES,
  RecordingExistsError,
  type RecordingInfo,
  type RecordingRef,
} from "./store.ts";
import { WAV_HEADER_BYTES } from "./wav.ts";

/** How one recording is taken to S3. */
export interface UploadOptions {
  readonly folder: S3Folder;
  readonly spool: Spool;
  /** Bytes of every part but the last; S3 takes no fewer than 5 MiB. */
  readonly partBytes: number;
  /** How much audio a lost instance may cost, seconds, as long as S3 takes it. */
  readonly checkpointSeconds: number;
  /** Whether it is known that S3 has no other recording of this name. */
  readonly isNew: boolean;
}

/** How often an upload that S3 does not know any more is begun again. */
const MAX_RESTARTS = 3;

/**
 * Takes one recording from the spool to S3, a few requests at a time.
 *
 * While it grows, each whole part is uploaded, and in between what is not a part yet is kept as an
 * object of its own. The first part is such an object too, because its header is not known before the
 * end: it is uploaded last.
 */
export class S3Upload implements QueuedUpload {
  readonly ref: RecordingRef;
  readonly #options: UploadOptions;
  readonly #wav: SpooledWav;
  readonly #sampleRate: number;
  readonly #startedAt: number;
  #journal: UploadJournal;
  #hasJournal = false;
  #hasBegun = false;
  #hasHead = false;
  #hasEnded = false;
  #hasMoved = false;
  /** It was deleted: all that is left to do is to forget it. */
  #isDoomed = false;
  #isDescribed = true;
  #hasTriedToComplete = false;
  /** Bytes of the WAV file in the spool, and how many of them S3 has in one form or another. */
  #bytes = WAV_HEADER_BYTES;
  #savedBytes = WAV_HEADER_BYTES;
  #restarts = 0;
  #ending = 0;

  /** @param info what the recording began with; one that has ended is ended by {@linkcode end} */
  constructor(
    info: Pick<RecordingInfo, "organisation" | "callId" | "sampleRate" | "startedAt">,
    options: UploadOptions,
  ) {
    this.ref = { organisation: info.organisation, callId: info.callId };
    this.#sampleRate = info.sampleRate;
    this.#startedAt = info.startedAt;
    this.#options = options;
    this.#wav = new SpooledWav(options.spool, this.ref);
    this.#journal = { partBytes: options.partBytes, etags: [], hasTail: false };
  }

  /** Whether the recording is still being written. */
  get isRunning(): boolean {
    return !this.#hasEnded;
  }

  /** Whether S3 has it all, so that the spool's is on its way out. */
  get hasMoved(): boolean {
    return this.#hasMoved;
  }

  /** Bytes of samples in the spool. */
  get dataBytes(): number {
    return this.#bytes - WAV_HEADER_BYTES;
  }

  /** Takes note of samples that the spool has taken; answers whether there is something to upload. */
  grow(dataBytes: number): boolean {
    this.#bytes += dataBytes;
    return !this.#hasBegun || this.#isPartDue || this.#isCheckpointDue;
  }

  /** Takes note of a new description. */
  describe(): void {
    this.#isDescribed = false;
  }

  /** No more samples will come: the spool has the final description. */
  end(): void {
    this.#hasEnded = true;
  }

  async step(): Promise<StepResult> {
    if (!this.#hasBegun) {
      await this.#begin();
    } else if (this.#isPartDue) {
      await (this.#hasHead || this.#hasEnded ? this.#putPart() : this.#putHead());
    } else if (this.#hasEnded) {
      return await this.#finish();
    } else if (this.#isCheckpointDue) {
      await this.#checkpoint();
    } else {
      return "wait";
    }
    return "again";
  }

  /** What S3 had of it is of no use: everything is uploaded anew, unless that was tried too often. */
  restart(): boolean {
    const { partBytes } = this.#options;
    this.#journal = { partBytes, etags: [], hasTail: false };
    this.#hasHead = false;
    this.#savedBytes = WAV_HEADER_BYTES;
    this.#ending = 0;
    return this.#restarts++ < MAX_RESTARTS;
  }

  /** Where the parts end that are uploaded, the first one taken for granted. */
  get #partsEnd(): number {
    return this.#options.partBytes * (1 + this.#journal.etags.length);
  }

  get #isPartDue(): boolean {
    const { partBytes } = this.#options;
    if (this.#hasEnded) return this.#bytes > this.#partsEnd;
    return this.#bytes >= (this.#hasHead ? this.#partsEnd + partBytes : partBytes);
  }

  get #isCheckpointDue(): boolean {
    const bytesPerSecond = this.#sampleRate * RECORDING_BLOCK_BYTES;
    return this.#bytes - this.#savedBytes >= this.#options.checkpointSeconds * bytesPerSecond;
  }

  /** Sees what S3 has under this name, and tells other processes that somebody is at it. */
  async #begin(): Promise<void> {
    const { folder, isNew, partBytes } = this.#options;
    if (!isNew) {
      const before = await folder.manifest();
      const isAnother = before !== null && before.startedAt !== this.#startedAt;
      if (isAnother && before.state !== "deleted") throw new RecordingExistsError(this.ref.callId);
      const journal = isAnother ? null : await folder.journal();
      const lastStart = this.#bytes - partBytes;
      if (journal?.uploadId !== undefined && journal.partBytes === partBytes && lastStart > 0) {
        // An earlier process of ours came so far; of a file that a crash cut, less may be left.
        const parts = Math.floor(lastStart / partBytes);
        this.#journal = { ...journal, etags: journal.etags.slice(0, parts), hasTail: false };
      }
      this.#hasJournal = journal !== null;
    }
    if (!this.#hasEnded) {
      await this.#putJournal();
      await this.#putUnfinished();
    }
    this.#hasBegun = true;
  }

  async #putHead(): Promise<void> {
    const { folder, partBytes } = this.#options;
    await folder.bucket.put(
      folder.keys.head,
      await this.#wav.read(0, partBytes, this.#bytes),
      OBJECT,
    );
    await this.#createUpload();
    this.#hasHead = true;
    this.#savedBytes = partBytes;
  }

  async #createUpload(): Promise<string> {
    const { bucket, keys } = this.#options.folder;
    const uploadId = this.#journal.uploadId ??= await bucket.createUpload(keys.wav, AUDIO);
    await this.#putJournal();
    return uploadId;
  }

  async #putPart(): Promise<void> {
    const { folder, partBytes } = this.#options;
    const uploadId = this.#journal.uploadId ?? await this.#createUpload();
    const start = this.#partsEnd;
    const end = Math.min(this.#bytes, start + partBytes);
    const number = this.#journal.etags.length + 2;
    const part = await this.#wav.read(start, end, this.#bytes);
    const etag = await folder.bucket.putPart(folder.keys.wav, uploadId, number, part);
    this.#journal.etags.push(etag);
    this.#journal.hasTail = false;
    this.#savedBytes = end;
    await this.#putJournal();
  }

  /** Keeps what is not a whole part yet. */
  async #checkpoint(): Promise<void> {
    const { folder } = this.#options;
    const { bucket, keys } = folder;
    const end = this.#bytes;
    if (this.#hasHead) {
      await bucket.put(keys.tail, await this.#wav.read(this.#partsEnd, end, end), OBJECT);
      this.#journal.hasTail = true;
    } else {
      await bucket.put(keys.head, await this.#wav.read(0, end, end), OBJECT);
    }
    await this.#putJournal();
    this.#savedBytes = end;
    if (this.#isDescribed) return;
    this.#isDescribed = true;
    await this.#putUnfinished();
  }

  /** Describes what another process may have to finish; its end may be known here already. */
  async #putUnfinished(): Promise<void> {
    const { sha256: _, bytes: __, ...info } = await this.#wav.info();
    await this.#options.folder.putManifest({ ...info, state: "recording" });
  }

  async #putJournal(): Promise<void> {
    // Also when it fails: it may be there all the same.
    this.#hasJournal = true;
    await this.#options.folder.putJournal(this.#journal);
  }

  /** The steps from the end of the call on, in the order that leaves nothing false behind. */
  async #finish(): Promise<StepResult> {
    const { folder } = this.#options;
    const { journal, head, tail } = folder.keys;
    const steps = [
      () => this.#checkTombstone(),
      () => this.#putAudio(),
      async () => await folder.bucket.put(folder.keys.peaks, await this.#wav.peaks(), OBJECT),
      async () => await folder.putManifest(await this.#wav.info()),
      // The journal, which tells that there is something to clear away, goes last.
      ...(this.#hasJournal ? [head, tail, journal] : []).map((key) => () =>
        folder.bucket.delete(key)
      ),
      () => this.#forget(),
    ];
    if (this.#isDoomed) this.#ending = steps.length - 1;
    await steps[this.#ending]();
    return ++this.#ending < steps.length ? "again" : "done";
  }

  /** A recording that was deleted while it was on its way must not come back. */
  async #checkTombstone(): Promise<void> {
    const { folder } = this.#options;
    const before = await folder.manifest();
    if (before?.state !== "deleted" || before.startedAt !== this.#startedAt) return;
    await folder.abort(this.#journal);
    await folder.removeUnfinished();
    this.#isDoomed = true;
  }

  async #putAudio(): Promise<void> {
    const { folder, partBytes } = this.#options;
    const { bucket, keys } = folder;
    const { uploadId, etags } = this.#journal;
    if (uploadId === undefined) {
      return await bucket.put(keys.wav, await this.#wav.read(0, this.#bytes, this.#bytes), AUDIO);
    }
    // The answer may have been lost: the upload is then gone, and the object there.
    if (this.#hasTriedToComplete && (await bucket.stat(keys.wav))?.bytes === this.#bytes) return;
    const end = Math.min(partBytes, this.#bytes);
    const first = await this.#wav.read(0, end, this.#bytes);
    const etag = await bucket.putPart(keys.wav, uploadId, 1, first);
    this.#hasTriedToComplete = true;
    await bucket.completeUpload(keys.wav, uploadId, [etag, ...etags]);
  }

  async #forget(): Promise<void> {
    this.#hasMoved = true;
    await this.#options.spool.forget(this.ref);
  }
}

const AUDIO = "audio/wav";
const OBJECT = "application/octet-stream";
