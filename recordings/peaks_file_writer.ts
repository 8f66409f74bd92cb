import { writeAll } from "./manifest.ts";
import { PIXEL_BYTES, PIXELS_PER_FRAME } from "./peaks.ts";

/** Peaks are gathered in memory for so long, seconds, because they come in crumbs of 320 bytes. */
const GATHER_SECONDS = 10;
const GATHERED_BYTES = GATHER_SECONDS * 20 * PIXELS_PER_FRAME * PIXEL_BYTES;

/**
 * Writes the peaks of one recording beside its samples. They can always be worked out again: a disk
 * that refuses them is no error, the file is then left short and made whole at the end.
 */
export class PeaksFileWriter {
  readonly #path: string;
  readonly #gathered = new Int8Array(GATHERED_BYTES);
  #gatheredBytes = 0;
  #fileBytes = 0;
  #isWhole = true;

  constructor(path: string) {
    this.#path = path;
  }

  /** Whether everything that was added lies in the file, but for what {@linkcode flush} will add. */
  get isWhole(): boolean {
    return this.#isWhole;
  }

  /** Adds peaks, copied. */
  async append(peaks: Int8Array): Promise<void> {
    let from = 0;
    while (from < peaks.length) {
      if (this.#gatheredBytes === GATHERED_BYTES) await this.flush();
      const part = peaks.subarray(from, from + GATHERED_BYTES - this.#gatheredBytes);
      this.#gathered.set(part, this.#gatheredBytes);
      this.#gatheredBytes += part.length;
      from += part.length;
    }
  }

  /** Adds so many pixels of silence. */
  async skip(pixels: number): Promise<void> {
    await this.flush();
    await this.#attempt(async (file) => {
      await file.truncate(this.#fileBytes + PIXEL_BYTES * pixels);
      this.#fileBytes += PIXEL_BYTES * pixels;
    });
  }

  /** Brings what was gathered into the file. Never rejects. */
  async flush(): Promise<void> {
    if (this.#gatheredBytes === 0) return;
    const { buffer } = this.#gathered;
    const bytes = new Uint8Array(buffer, 0, this.#gatheredBytes);
    this.#gatheredBytes = 0;
    await this.#attempt(async (file) => {
      await file.seek(this.#fileBytes, Deno.SeekMode.Start);
      await writeAll(file, bytes);
      this.#fileBytes += bytes.length;
    });
  }

  /** The peaks from `range.start` on that are not in the file yet, as long as there are any. */
  gatheredFrom(startByte: number): Int8Array {
    const from = startByte - this.#fileBytes;
    return from < 0 || !this.#isWhole
      ? new Int8Array(0)
      : this.#gathered.subarray(from, this.#gatheredBytes);
  }

  async #attempt(write: (file: Deno.FsFile) => Promise<void>): Promise<void> {
    if (!this.#isWhole) return;
    try {
      using file = await Deno.open(this.#path, { write: true, create: true });
      await write(file);
    } catch {
      this.#isWhole = false;
    }
  }
}
