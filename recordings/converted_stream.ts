import type { StereoConversion } from "./stereo.ts";
import { RECORDING_BLOCK_BYTES, type StoredRecording } from "./store.ts";

/** Stereo bytes converted at a time. */
const CHUNK_BYTES = 65_536;

/** How {@linkcode convertedStream} turns stereo into output. */
export interface ConvertedStreamOptions {
  /** Goes out first. */
  header: Uint8Array<ArrayBuffer>;
  convert: StereoConversion;
  /** Channels that `convert` makes of two. */
  channels: 1 | 2;
}

/**
 * `header` and then all samples of `recording`, converted. Reads only when read from. The source's
 * own chunks may begin and end in the middle of a sample. Cancelling it cancels the source.
 */
export function convertedStream(
  recording: StoredRecording,
  options: ConvertedStreamOptions,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  const { header, convert, channels } = options;
  const stereo = new Int16Array(CHUNK_BYTES / 2);
  const bytes = new Uint8Array(stereo.buffer);
  let left = recording.info.samples * RECORDING_BLOCK_BYTES;
  let source: ReadableStreamDefaultReader<Uint8Array> | undefined;
  /** What the source gave beyond the last chunk. */
  let rest = new Uint8Array(0) as Uint8Array;
  let isHeaderSent = false;

  /** Fills the first `count` bytes of the chunk from the source. */
  const fill = async (count: number) => {
    source ??= recording.read(0, left).getReader();
    let filled = 0;
    while (filled < count) {
      if (rest.length === 0) {
        const { done, value } = await source.read();
        if (done) {
          throw new Error(`Cannot export recording: it ended ${left - filled} bytes early`);
        }
        rest = value;
      }
      const part = rest.subarray(0, count - filled);
      bytes.set(part, filled);
      filled += part.length;
      rest = rest.subarray(part.length);
    }
  };

  return new ReadableStream({
    async pull(controller) {
      if (!isHeaderSent) {
        isHeaderSent = true;
        controller.enqueue(header);
        return;
      }
      const count = Math.min(left, CHUNK_BYTES);
      if (count > 0) {
        await fill(count);
        left -= count;
        const blocks = count / RECORDING_BLOCK_BYTES;
        const output = new Int16Array(blocks * channels);
        convert(stereo, blocks, output);
        controller.enqueue(new Uint8Array(output.buffer));
      }
      if (left === 0) {
        controller.close();
        await source?.cancel();
      }
    },
    // A read under way then ends early; what a pull throws after a cancel is heard by nobody.
    async cancel(reason) {
      await source?.cancel(reason);
    },
  }, { highWaterMark: 0 });
}
