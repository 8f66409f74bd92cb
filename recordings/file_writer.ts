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
  /** Whether the file's cursor is known to be there: to set it costs as much as to write. */
  #isAtEnd = false;
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
      // It is this one's own and holds nothing: left behind, it would be in the way of the next attempt.
      await Deno.remove(path).catch(() => {});
      throw error;
    }
  }

  /** Bytes of samples that lie in the file whole. */
  get dataBytes(): number {
    return this.#dataBytes;
  }

  /** Adds samples. When the disk refuses, the file keeps what it had. */
  async append(pcm: Uint8Array): Promise<void> {
    const end = WAV_HEADER_BYTES + this.#dataBytes;
    try {
      if (!this.#isAtEnd) await this.#file.seek(end, Deno.SeekMode.Start);
      this.#isAtEnd = false;
      await writeAll(this.#file, pcm);
      this.#isAtEnd = true;
    } catch (error) {
      // The error itself says more than one about the cut would.
      await this.#file.truncate(end).catch(() => {});
      throw error;
    }
    this.#dataBytes += pcm.length;
  }

  /** Adds so many bytes of silence, which take no room on most disks. */
  async skip(bytes: number): Promise<void> {
    const end = WAV_HEADER_BYTES + this.#dataBytes;
    await this.#file.truncate(end);
    await this.#file.truncate(end + bytes);
    this.#isAtEnd = false;
    this.#dataBytes += bytes;
  }

  /** Whether it is time for {@linkcode patch}. */
  get isPatchDue(): boolean {
    const bytesPerSecond = this.#sampleRate * RECORDING_BLOCK_BYTES;
    return this.#dataBytes - this.#patchedBytes >= PATCH_INTERVAL_SECONDS * bytesPerSecond;
  }

  /** Syncs the samples, then writes the sizes: never is a size told that the disk does not hold. */
  async patch(): Promise<void> {
    await this.#file.syncData();
    const dataBytes = this.#dataBytes;
    this.#isAtEnd = false;
    await this.#file.seek(0, Deno.SeekMode.Start);
    await writeAll(
      this.#file,
      wavHeader({ sampleRate: this.#sampleRate, channels: 2, dataBytes }),
    );
    this.#patchedBytes = dataBytes;
  }

  /**
   * Tells the final length and brings everything to the disk. The file stays open, and locked, so
   * that it may be tried again.
   */
  async seal(): Promise<void> {
    await this.#file.truncate(WAV_HEADER_BYTES + this.#dataBytes);
    await this.patch();
    await this.#file.sync();
  }

  close(): void {
    this.#file.close();
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
