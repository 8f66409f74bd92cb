import type { ByteRange } from "./byte_range.ts";
import { readSamples } from "./file_reader.ts";
import { removeIfThere } from "./manifest.ts";
import { PeakScanner } from "./peak_scanner.ts";
import { PIXEL_BYTES, samplesPerPixel } from "./peaks.ts";
import type { PeaksFileWriter } from "./peaks_file_writer.ts";
import { RECORDING_BLOCK_BYTES } from "./store.ts";

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
