import { encodeManifest, parseManifest } from "./manifest.ts";
import type { S3Bucket } from "./s3_bucket.ts";
import { encodeJournal, parseJournal, type UploadJournal } from "./s3_journal.ts";
import { type RecordingKeys, recordingKeys } from "./s3_keys.ts";
import type { RecordingInfo, RecordingRef } from "./store.ts";

/** What lies in S3 of one recording, by what it means. */
export class S3Folder {
  readonly bucket: S3Bucket;
  readonly keys: RecordingKeys;

  constructor(bucket: S3Bucket, prefix: string, ref: RecordingRef) {
    this.bucket = bucket;
    this.keys = recordingKeys(prefix, ref);
  }

  /**
   * The description, or the tombstone.
   *
   * @throws {S3Error}
   * @throws {Error} when what is there does not describe a recording
   */
  async manifest(): Promise<RecordingInfo | null> {
    const bytes = await this.bucket.get(this.keys.manifest);
    return bytes && parseManifest(new TextDecoder().decode(bytes));
  }

  /** @throws {S3Error} */
  async putManifest(info: RecordingInfo): Promise<void> {
    await this.bucket.put(this.keys.manifest, encodeManifest(info), "application/json");
  }

  /** How far the upload is, or `null`. @throws {S3Error} */
  async journal(): Promise<UploadJournal | null> {
    const bytes = await this.bucket.get(this.keys.journal);
    return bytes && parseJournal(bytes);
  }

  /** Tells how far the upload is, and that somebody is at it. @throws {S3Error} */
  async putJournal(journal: UploadJournal): Promise<void> {
    await this.bucket.put(this.keys.journal, encodeJournal(journal), "application/json");
  }

  /** Removes what is only there until a recording is finished; the journal, which tells of it, last. */
  async removeUnfinished(): Promise<void> {
    await this.bucket.delete(this.keys.head);
    await this.bucket.delete(this.keys.tail);
    await this.bucket.delete(this.keys.journal);
  }

  /** Gives up an upload, so that its parts cost nothing. @throws {S3Error} */
  async abort(journal: UploadJournal | null): Promise<void> {
    if (journal?.uploadId === undefined) return;
    await this.bucket.abortUpload(this.keys.wav, journal.uploadId);
  }
}
