import { writeAll } from "./manifest.ts";
import { RECORDING_BLOCK_BYTES } from "./store.ts";
import { WAV_HEADER_BYTES, wavHeader } from "./wav.ts";

/** Seconds of audio after which what was written is synced and told in the header. */
const PATCH_INTERVAL_SECONDS = 5;

/**
 * Writes one stereo WAV file as the call goes. The header is patched after every 5 s of audio, once
 * the samples it speaks of are on the disk, so that what a crash leaves can be played as it is.
 */
export class WavFileWriter {
  readonly #file: Deno.FsFile;
  readonly #sampleRate: number;
  #dataBytes = 0;
  #patchedBytes = 0;

  private constructor(file: Deno.FsFile, sampleRate: number) {
    this.#file = file;
    this.#sampleRate = sampleRate;
  }

  /**
   * Makes a new file, which other processes see as being written for as long as this one lives.
   *
   * @throws {Deno.errors.AlreadyExists} when there is one
   */
  static async create(path: string, sampleRate: number): Promise<WavFileWriter> {
    const file = await Deno.open(path, { write: true, createNew: true });
    try {
      await lockIfPossible(file);
      await writeAll(file, wavHeader({ sampleRate, channels: 2, dataBytes: 0 }));
      return new WavFileWriter(file, sampleRate);
    } catch (error) {
      file.close();
      throw error;
    }
  }

  /** Bytes of samples that lie in the file whole. */
  get dataBytes(): number {
    return this.#dataBytes;
  }

  /** Adds samples. When the disk refuses, the file keeps what it had. */
  async append(pcm: Uint8Array): Promise<void> {
    try {
      await writeAll(this.#file, pcm);
    } catch (error) {
      await this.#rewind();
      throw error;
    }
    this.#dataBytes += pcm.length;
    const bytesPerSecond = this.#sampleRate * RECORDING_BLOCK_BYTES;
    if (this.#dataBytes - this.#patchedBytes >= PATCH_INTERVAL_SECONDS * bytesPerSecond) {
      await this.#patch();
    }
  }

  /** Tells the final length, brings everything to the disk and closes. Closes whatever happens. */
  async close(): Promise<void> {
    try {
      await this.#patch();
      await this.#file.sync();
    } finally {
      this.#file.close();
    }
  }

  /** Syncs the samples, then writes the sizes: never is a size told that the disk does not hold. */
  async #patch(): Promise<void> {
    await this.#file.syncData();
    await this.#file.seek(0, Deno.SeekMode.Start);
    try {
      const format = {
        sampleRate: this.#sampleRate,
        channels: 2,
        dataBytes: this.#dataBytes,
      } as const;
      await writeAll(this.#file, wavHeader(format));
    } finally {
      await this.#file.seek(WAV_HEADER_BYTES + this.#dataBytes, Deno.SeekMode.Start);
    }
    this.#patchedBytes = this.#dataBytes;
  }

  /** Cuts off a part of an append that failed. */
  async #rewind(): Promise<void> {
    const end = WAV_HEADER_BYTES + this.#dataBytes;
    try {
      await this.#file.truncate(end);
      await this.#file.seek(end, Deno.SeekMode.Start);
    } catch {
      // The append's own error says more; the header, patched at the end, leaves the rest out.
    }
  }
}

/**
 * Locks a file against other processes until it is closed or its process dies. Answers false when
 * another one holds it, and true where the file system knows no locks.
 */
export async function lockIfPossible(file: Deno.FsFile): Promise<boolean> {
  try {
    return await file.tryLock(true);
  } catch {
    return true;
  }
}
