import { type ByteRange } from "./byte_range.ts";
import { readSamples } from "./file_reader.ts";
import { removeIfThere, writeAll } from "./manifest.ts";
import { computePeaks, PIXEL_BYTES, PIXELS_PER_FRAME, pixelsOf, samplesPerPixel } from "./peaks.ts";
import { RECORDING_BLOCK_BYTES } from "./store.ts";

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

/**
 * The peaks of the pixels in `range` of a recording in files. What the peaks' file does not hold, as
 * for recordings that were made before there were any, is worked out from the samples.
 *
 * @param samples of the recording, per channel
 */
export async function readPeaks(
  paths: { wav: string; peaks: string },
  recording: { sampleRate: number; samples: number },
  range: ByteRange,
  writer?: PeaksFileWriter,
): Promise<Int8Array<ArrayBuffer>> {
  const output = new Int8Array(PIXEL_BYTES * (range.end - range.start));
  let at = await readPart(paths.peaks, PIXEL_BYTES * range.start, new Uint8Array(output.buffer));
  // Whole pixels only, should the disk have been full in the middle of one.
  at -= at % PIXEL_BYTES;
  const gathered = writer?.gatheredFrom(PIXEL_BYTES * range.start + at);
  if (gathered !== undefined) {
    const part = gathered.subarray(0, output.length - at);
    output.set(part, at);
    at += part.length;
  }
  if (at < output.length) {
    const missing = { start: range.start + at / PIXEL_BYTES, end: range.end };
    await peaksOfSamples(paths.wav, recording, missing, output.subarray(at));
  }
  return output;
}

/** Fills `output` from byte `start` of a file on, as far as that goes; answers how far. */
async function readPart(path: string, start: number, output: Uint8Array): Promise<number> {
  let filled = 0;
  try {
    using file = await Deno.open(path);
    await file.seek(start, Deno.SeekMode.Start);
    while (filled < output.length) {
      const count = await file.read(output.subarray(filled));
      if (count === null) break;
      filled += count;
    }
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  return filled;
}

async function peaksOfSamples(
  wav: string,
  { sampleRate, samples }: { sampleRate: number; samples: number },
  range: ByteRange,
  output: Int8Array,
): Promise<void> {
  const perPixel = samplesPerPixel(sampleRate);
  const scanner = new PeakScanner(sampleRate, output);
  const start = range.start * perPixel * RECORDING_BLOCK_BYTES;
  const end = Math.min(samples, range.end * perPixel) * RECORDING_BLOCK_BYTES;
  for await (const chunk of readSamples(wav, { start, end })) scanner.update(chunk);
  scanner.end();
}

/** Works out peaks of samples that come as bytes, in pieces of any size. */
export class PeakScanner {
  readonly #output: Int8Array;
  readonly #perPixel: number;
  /** The samples of the pixel that is not full yet. */
  readonly #pixel: Int16Array<ArrayBuffer>;
  readonly #pixelBytes: Uint8Array;
  #filled = 0;
  #at = 0;

  /** @param output as long as all samples that will come take; see `pixelsOf` */
  constructor(sampleRate: number, output: Int8Array) {
    this.#output = output;
    this.#perPixel = samplesPerPixel(sampleRate);
    this.#pixel = new Int16Array(2 * this.#perPixel);
    this.#pixelBytes = new Uint8Array(this.#pixel.buffer);
  }

  update(bytes: Uint8Array): void {
    let from = 0;
    while (from < bytes.length) {
      const part = bytes.subarray(from, from + this.#pixelBytes.length - this.#filled);
      this.#pixelBytes.set(part, this.#filled);
      this.#filled += part.length;
      from += part.length;
      if (this.#filled === this.#pixelBytes.length) this.end();
    }
  }

  /** Completes the last pixel, which may be of fewer samples. */
  end(): void {
    const count = Math.floor(this.#filled / RECORDING_BLOCK_BYTES);
    this.#at = computePeaks(this.#pixel, 0, count, this.#perPixel, this.#output, this.#at);
    this.#filled = 0;
  }
}

/** Puts a whole peaks file in place of what is there. */
export async function replacePeaks(path: string, peaks: Int8Array<ArrayBuffer>): Promise<void> {
  try {
    await Deno.writeFile(path, new Uint8Array(peaks.buffer, peaks.byteOffset, peaks.length));
  } catch (error) {
    // Half of it would be taken for all; without it they are worked out when asked for.
    await removeIfThere(path);
    throw error;
  }
}

/** Values that the peaks of so many samples take. */
export function peakBytesOf(samples: number, sampleRate: number): number {
  return PIXEL_BYTES * pixelsOf(samples, sampleRate);
}
