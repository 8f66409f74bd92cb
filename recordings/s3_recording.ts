import { type ByteRange, clampByteRange, clampPixelRange } from "./byte_range.ts";
import { PIXEL_BYTES, pixelsOf } from "./peaks.ts";
import type { S3Bucket } from "./s3_bucket.ts";
import type { S3Folder } from "./s3_folder.ts";
import { RECORDING_BLOCK_BYTES, type RecordingInfo, type StoredRecording } from "./store.ts";
import { WAV_HEADER_BYTES } from "./wav.ts";

/** Asked for at a time: a reader may stop at any moment, and a connection must not wait for it. */
const CHUNK_BYTES = 1024 * 1024;
const DOWNLOAD_SECONDS = 300;

/** A recording as it lies in S3. @param info the caller's own copy */
export function s3Recording(folder: S3Folder, info: RecordingInfo): StoredRecording {
  const { bucket, keys } = folder;
  const length = info.samples * RECORDING_BLOCK_BYTES;
  const pixels = pixelsOf(info.samples, info.sampleRate);
  return {
    info,
    read: (startByte, endByte) =>
      readSamples(bucket, keys.wav, clampByteRange(length, startByte, endByte)),
    peaks: (startPixel, endPixel) =>
      Promise.try(async () => {
        const range = clampPixelRange(pixels, startPixel, endPixel);
        const { start, end } = { start: PIXEL_BYTES * range.start, end: PIXEL_BYTES * range.end };
        const bytes = await bucket.get(keys.peaks, start, end);
        if (bytes?.length === end - start) return new Int8Array(bytes.buffer);
        throw new Error(`Cannot read peaks of call ${info.callId}: S3 has not all of them`);
      }),
    downloadUrl: ({ fileName }) => bucket.downloadUrl(keys.wav, fileName, DOWNLOAD_SECONDS),
  };
}

function readSamples(
  bucket: S3Bucket,
  key: string,
  { start, end }: ByteRange,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  const cancelled = new AbortController();
  const { signal } = cancelled;
  return new ReadableStream({
    async pull(controller) {
      if (start >= end) return controller.close();
      const stop = Math.min(end, start + CHUNK_BYTES);
      const [first, last] = [WAV_HEADER_BYTES + start, WAV_HEADER_BYTES + stop];
      const chunk = await bucket.get(key, first, last, signal);
      if (chunk?.length !== stop - start) {
        throw new Error(`Cannot read recording: S3 ended it ${end - start} bytes early`);
      }
      start = stop;
      controller.enqueue(chunk);
      if (start >= end) controller.close();
    },
    cancel: () => cancelled.abort(),
  }, { highWaterMark: 0 });
}
