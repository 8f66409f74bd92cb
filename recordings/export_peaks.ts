import { type ExportedInfo, recordingTag } from "./export_view.ts";
import { PIXEL_BYTES, pixelsOf, samplesPerPixel } from "./peaks.ts";
import type { StoredRecording } from "./store.ts";

/** Most pixels of one answer: 41 minutes at base resolution. */
export const MAX_PEAK_PIXELS = 200_000;

const DEFAULT_PIXELS = 2000;

/** Stored pixels merged before others get their turn: a fraction of a millisecond. */
const TURN_PIXELS = 16_384;

/** Which peaks of a recording are wanted. */
export interface PeaksOptions {
  /** Samples that one pixel covers: a multiple of the base resolution's 12.5 ms. */
  samplesPerPixel?: number;
  /** In place of that: the finest resolution that has no more pixels. @default {2000} */
  pixels?: number;
  /** First sample, since the call began; the pixel that has it is the first one. @default {0} */
  start?: number;
  /** Behind the last sample; what the recording does not have is left out. */
  end?: number;
}

/** Peaks that can be had: which of the stored ones, and how many become one. */
export interface PeaksView {
  readonly sampleRate: number;
  readonly samplesPerPixel: number;
  /** Stored pixels that become one. */
  readonly factor: number;
  /** Stored pixels, `end` exclusive. */
  readonly start: number;
  readonly end: number;
  /** Pixels that come out. */
  readonly length: number;
  /** As {@linkcode ExportView.tag}. */
  readonly tag: string;
}

/**
 * What `options` mean for a recording as it is now.
 *
 * @throws {RangeError} when a number is out of range, or there would be too many pixels
 */
export function peaksView(info: ExportedInfo, options: PeaksOptions = {}): PeaksView {
  const { sampleRate, samples } = info;
  const base = samplesPerPixel(sampleRate);
  const available = pixelsOf(samples, sampleRate);
  const start = Math.min(Math.floor((options.start ?? 0) / base), available);
  const end = Math.min(Math.ceil((options.end ?? Infinity) / base), available);
  const count = Math.max(0, end - start);
  const factor = factorOf(options, base, count);
  const length = Math.ceil(count / factor);
  if (length > MAX_PEAK_PIXELS) {
    throw new RangeError(
      `Cannot answer peaks: samplesPerPixel takes ${
        base * Math.ceil(count / MAX_PEAK_PIXELS)
      } or more for so long a ` +
        `part, received ${options.samplesPerPixel}; or ask for a shorter part`,
    );
  }
  return {
    sampleRate,
    samplesPerPixel: base * factor,
    factor,
    start,
    end: start + count,
    length,
    tag: `${recordingTag(info)}-peaks-${factor}-${start}-${start + count}`,
  };
}

function factorOf(options: PeaksOptions, base: number, count: number): number {
  const { samplesPerPixel, pixels } = options;
  if (samplesPerPixel === undefined) {
    const wanted = pixels ?? DEFAULT_PIXELS;
    if (Number.isSafeInteger(wanted) && wanted >= 1 && wanted <= MAX_PEAK_PIXELS) {
      return Math.max(1, Math.ceil(count / wanted));
    }
    throw new RangeError(
      `Cannot answer peaks: pixels takes 1 to ${MAX_PEAK_PIXELS}, received ${wanted}`,
    );
  }
  const factor = samplesPerPixel / base;
  if (pixels === undefined && Number.isSafeInteger(factor) && factor >= 1) return factor;
  throw new RangeError(
    pixels === undefined
      ? `Cannot answer peaks: samplesPerPixel takes a multiple of ${base}, received ${samplesPerPixel}`
      : "Cannot answer peaks: ask for samplesPerPixel or for pixels, not for both",
  );
}

/**
 * The peaks of `view`, four values a pixel: user min, user max, bot min, bot max. Reads the stored
 * peaks in turns, and no sound.
 */
export async function mergePeaks(
  recording: Pick<StoredRecording, "peaks">,
  view: PeaksView,
): Promise<Int8Array<ArrayBuffer>> {
  const { start, end, factor } = view;
  if (factor === 1 && end - start <= TURN_PIXELS) return await recording.peaks(start, end);
  const output = new Int8Array(PIXEL_BYTES * view.length);
  for (let from = start; from < end; from += TURN_PIXELS) {
    const stored = await recording.peaks(from, Math.min(end, from + TURN_PIXELS));
    mergeInto(output, stored, from - start, factor);
  }
  return output;
}

/** Merges stored pixels, the first of which is number `first` of the view, into the pixels they fall into. */
function mergeInto(output: Int8Array, stored: Int8Array, first: number, factor: number): void {
  let at = PIXEL_BYTES * Math.floor(first / factor);
  if (factor === 1) return output.set(stored, at);
  let merged = first % factor;
  for (let i = 0; i < stored.length; i += PIXEL_BYTES) {
    for (let side = 0; side < PIXEL_BYTES; side += 2) {
      const min = stored[i + side];
      const max = stored[i + side + 1];
      if (merged === 0 || min < output[at + side]) output[at + side] = min;
      if (merged === 0 || max > output[at + side + 1]) output[at + side + 1] = max;
    }
    if (++merged < factor) continue;
    merged = 0;
    at += PIXEL_BYTES;
  }
}
