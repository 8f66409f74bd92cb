import type { S3Intake } from "./s3_intake.ts";
import type { S3Upload } from "./s3_upload.ts";
import { RECORDING_BLOCK_BYTES, type RecordingInfo, type RecordingWriter } from "./store.ts";

/** Writes one recording to the spool, and tells its upload. */
export class S3Writer implements RecordingWriter {
  readonly #intake: S3Intake;
  readonly #upload: S3Upload;
  readonly #spooled: RecordingWriter;

  /** @param spooled the spool's own writer of the recording */
  constructor(intake: S3Intake, upload: S3Upload, spooled: RecordingWriter) {
    this.#intake = intake;
    this.#upload = upload;
    this.#spooled = spooled;
  }

  async append(pcm: Uint8Array, peaks: Int8Array): Promise<void> {
    this.#intake.reserve(this.#upload.ref, pcm.length);
    await this.#spooled.append(pcm, peaks);
    this.#intake.grow(this.#upload, pcm.length);
  }

  async skip(samples: number): Promise<void> {
    const bytes = samples * RECORDING_BLOCK_BYTES;
    // What is not a count is the spool's to refuse.
    if (Number.isSafeInteger(samples)) this.#intake.reserve(this.#upload.ref, bytes);
    await this.#spooled.skip(samples);
    this.#intake.grow(this.#upload, bytes);
  }

  async update(info: RecordingInfo): Promise<void> {
    await this.#spooled.update(info);
    this.#upload.describe();
  }

  async finish(info: RecordingInfo): Promise<void> {
    try {
      await this.#spooled.finish(info);
    } catch (error) {
      // It may have ended all the same, as one whose description cannot be kept.
      const left = await this.#intake.spool.store.describe(this.#upload.ref);
      if (left !== null && left.state !== "recording") this.#intake.end(this.#upload);
      throw error;
    }
    this.#intake.end(this.#upload);
  }
}
