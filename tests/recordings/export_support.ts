import type {
  ExportedInfo,
  ExportedRecording,
  ExportOptions,
} from "../../recordings/export_view.ts";
import { seededRandom } from "../support/random.ts";

/** A recording at the seam, which tells what was read of it. */
export interface ReadRecording extends ExportedRecording {
  /** What was asked for, in bytes of stereo. */
  readonly reads: { start: number; end: number }[];
  /** Bytes given. */
  readonly given: { bytes: number };
}

/** A recording of these samples that gives them in chunks of up to `chunkBytes`. */
export function recordingOf(
  stereo: Int16Array<ArrayBuffer>,
  changes: Partial<ExportedInfo> = {},
  chunkBytes = 30_001,
): ReadRecording {
  const bytes = new Uint8Array(stereo.buffer, stereo.byteOffset, stereo.byteLength);
  const slice = (start: number, end: number) => bytes.slice(start, end);
  return computedRecording(stereo.length / 2, slice, changes, chunkBytes);
}

/** A recording whose bytes are worked out when they are read; it ends where `slice` gives none. */
export function computedRecording(
  samples: number,
  slice: (start: number, end: number) => Uint8Array<ArrayBuffer>,
  changes: Partial<ExportedInfo> = {},
  chunkBytes = 65_536,
): ReadRecording {
  const reads: ReadRecording["reads"] = [];
  const given = { bytes: 0 };
  return {
    info: {
      callId: "CA1",
      sampleRate: 8000,
      samples,
      startedAt: Date.UTC(2026, 0, 1),
      state: "complete",
      ...changes,
    },
    reads,
    given,
    read(start = 0, end = 4 * samples) {
      reads.push({ start, end });
      let at = start;
      return new ReadableStream({
        pull(controller) {
          const chunk = slice(at, Math.min(end, at + chunkBytes));
          if (chunk.length === 0) return controller.close();
          at += chunk.length;
          given.bytes += chunk.length;
          controller.enqueue(chunk);
        },
      }, { highWaterMark: 0 });
    },
  };
}

/** Two sides that talk in turns, now and then at once and at full scale: interleaved. */
export function twoVoices(samples: number, seed: number): Int16Array<ArrayBuffer> {
  const random = seededRandom(seed);
  const stereo = new Int16Array(2 * samples);
  for (let i = 0; i < samples; i++) {
    const turn = Math.floor(i / 3000) % 4;
    const tone = Math.sin(i * 0.11) * 9000 + (random() - 0.5) * 3000;
    if (turn === 0 || turn === 3) stereo[2 * i] = tone;
    if (turn === 1) stereo[2 * i + 1] = tone / 2;
    if (turn === 3) stereo[2 * i + 1] = random() < 0.5 ? 32_767 : -32_768;
  }
  return stereo;
}

/** What an export must be, worked out sample by sample. */
export function expectedSamples(
  stereo: Int16Array,
  { channels = 1, track, start = 0, end = Infinity }: ExportOptions,
): Int16Array<ArrayBuffer> {
  const output: number[] = [];
  for (let i = start; i < Math.min(end, stereo.length / 2); i++) {
    const [left, right] = [stereo[2 * i], stereo[2 * i + 1]];
    if (channels === 2) output.push(left, right);
    else if (track === undefined) output.push(Math.max(-32768, Math.min(32767, left + right)));
    else output.push(track === "user" ? left : right);
  }
  return Int16Array.from(output);
}

/** The samples as little-endian bytes. */
export function bytesOf(samples: Int16Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  return new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength);
}
