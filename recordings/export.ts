import { convertedStream } from "./converted_stream.ts";
import { stereoToMix, stereoToSide, stereoToStereo } from "./stereo.ts";
import type { StoredRecording } from "./store.ts";
import { WAV_HEADER_BYTES, wavHeader } from "./wav.ts";

/** What of a recording is wanted. */
export interface WavExportOptions {
  /** 1: the mix of both sides, or one side. 2: left the user, right the bot. @default {1} */
  channels?: 1 | 2;
  /** One side alone; goes with one channel. */
  track?: "user" | "bot";
}

/** A WAV file on its way out. */
export interface WavExport {
  /** Exact length of what `stream` gives. */
  byteLength: number;
  /** Chunks of at most 64 KiB, the reader's own. Nothing is opened before the first read. */
  stream: ReadableStream<Uint8Array<ArrayBuffer>>;
  /** Such as `CA123.wav`, `CA123-user.wav`, `CA123-stereo.wav`: safe in a header and on a disk. */
  fileName: string;
}

/**
 * A recording, or a snapshot of one being written, as a WAV file: read, converted and given on piece
 * by piece, as fast as it is taken. The mix is bit-exact with what the listeners heard.
 *
 * @throws {TypeError} when one side is asked for in two channels
 */
export function exportWav(recording: StoredRecording, options: WavExportOptions = {}): WavExport {
  const { channels = 1, track } = options;
  if (track !== undefined && channels !== 1) {
    throw new TypeError(
      `Cannot export recording: track ${track} needs channels 1, received ${channels}`,
    );
  }
  const { callId, samples, sampleRate } = recording.info;
  const dataBytes = samples * channels * 2;
  const header = wavHeader({ sampleRate, channels, dataBytes });
  const asked = channels === 2
    ? { convert: stereoToStereo, suffix: "-stereo" }
    : track === undefined
    ? { convert: stereoToMix, suffix: "" }
    : { convert: stereoToSide[track], suffix: `-${track}` };
  return {
    byteLength: WAV_HEADER_BYTES + dataBytes,
    stream: convertedStream(recording, { header, convert: asked.convert, channels }),
    fileName: `${callId}${asked.suffix}.wav`,
  };
}
