import type { Spool } from "./s3_spool.ts";
import type { RecordingInfo, RecordingRef, StoredRecording } from "./store.ts";
import { WAV_HEADER_BYTES, wavHeader } from "./wav.ts";

/** One recording in the spool, as the files that S3 is to have of it. */
export class SpooledWav {
  readonly #spool: Spool;
  readonly #ref: RecordingRef;

  constructor(spool: Spool, ref: RecordingRef) {
    this.#spool = spool;
    this.#ref = ref;
  }

  /** Its description as it is now. @throws {TypeError} when the spool has none */
  async info(): Promise<RecordingInfo> {
    return (await this.#open()).info;
  }

  /** Its peaks, all of them. @throws {TypeError} when the spool has none */
  async peaks(): Promise<Uint8Array<ArrayBuffer>> {
    const peaks = await (await this.#open()).peaks();
    return new Uint8Array(peaks.buffer, peaks.byteOffset, peaks.length);
  }

  /**
   * The bytes of the WAV file from `start` up to `end` (exclusive), as it would be were it `fileBytes`
   * long. A range that begins at 0 has the whole header.
   *
   * @throws {TypeError} when the spool has not all of them
   */
  async read(start: number, end: number, fileBytes: number): Promise<Uint8Array<ArrayBuffer>> {
    const { info: { sampleRate }, read } = await this.#open();
    const bytes = new Uint8Array(end - start);
    let at = 0;
    if (start === 0) {
      const dataBytes = fileBytes - WAV_HEADER_BYTES;
      bytes.set(wavHeader({ sampleRate, channels: 2, dataBytes }));
      at = WAV_HEADER_BYTES;
    }
    for await (const chunk of read(start + at - WAV_HEADER_BYTES, end - WAV_HEADER_BYTES)) {
      bytes.set(chunk, at);
      at += chunk.length;
    }
    if (at === bytes.length) return bytes;
    throw new TypeError(`Cannot upload recording: the spool lacks ${bytes.length - at} bytes`);
  }

  async #open(): Promise<StoredRecording> {
    const recording = await this.#spool.store.open(this.#ref);
    if (recording !== null) return recording;
    throw new TypeError(`Cannot upload recording: the spool has none of call ${this.#ref.callId}`);
  }
}
