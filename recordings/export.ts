import { type ByteRange, clampByteRange } from "./byte_range.ts";
import { convertedStream } from "./converted_stream.ts";
import {
  type ExportedRecording,
  type ExportOptions,
  type ExportView,
  exportView,
} from "./export_view.ts";
import { WAV_HEADER_BYTES, wavHeader } from "./wav.ts";

/** A recording as a WAV file, of which any bytes can be had. */
export interface WavExport {
  readonly view: ExportView;
  /** Exact length of the file. */
  readonly byteLength: number;
  /**
   * The bytes of the file from `start` up to `end`, exclusive: chunks of at most 64 KiB, the reader's
   * own. Nothing is opened before the first read, and nothing that is not asked for is read.
   *
   * @throws {RangeError} when a bound is negative or not an integer
   */
  stream(start?: number, end?: number): ReadableStream<Uint8Array<ArrayBuffer>>;
}

/**
 * A recording, or a snapshot of one being written, as a WAV file: read, converted and given on piece
 * by piece, as fast as it is taken. The mix is bit-exact with what the listeners heard.
 *
 * @throws {TypeError} when one side is asked for in two channels
 * @throws {RangeError} when the part is none
 */
export function exportWav(recording: ExportedRecording, options: ExportOptions = {}): WavExport {
  const view = exportView(recording.info, options);
  const { sampleRate, channels } = view;
  const dataBytes = (view.end - view.start) * channels * 2;
  const byteLength = WAV_HEADER_BYTES + dataBytes;
  return {
    view,
    byteLength,
    stream(start, end) {
      const range = clampByteRange(byteLength, start, end);
      const head = wavHeader({ sampleRate, channels, dataBytes }).slice(range.start, range.end);
      const { samples, skipBytes, omitBytes } = samplesOf(range, view);
      return convertedStream(recording, { ...view, ...samples }, { head, skipBytes, omitBytes });
    },
  };
}

/** The samples that a range of the file's bytes touches, and what of the outermost is not in it. */
function samplesOf(range: ByteRange, { channels, start }: ExportView) {
  const blockBytes = channels * 2;
  const dataStart = Math.max(0, range.start - WAV_HEADER_BYTES);
  const dataEnd = Math.max(0, range.end - WAV_HEADER_BYTES);
  const first = Math.floor(dataStart / blockBytes);
  const last = Math.max(first, Math.ceil(dataEnd / blockBytes));
  return {
    samples: { start: start + first, end: start + last },
    skipBytes: dataStart - first * blockBytes,
    omitBytes: last * blockBytes - dataEnd,
  };
}
