import type { ExportedRecording, ExportView } from "./export_view.ts";
import { RECORDING_BLOCK_BYTES } from "./store.ts";

/** Stereo bytes converted at a time. */
const CHUNK_BYTES = 65_536;

/** What {@linkcode convertedStream} gives beside, and leaves out of, the samples. */
export interface ConvertedStreamOptions {
  /** Goes out first. @default {nothing} */
  head?: Uint8Array<ArrayBuffer>;
  /** Bytes left out of the first sample. @default {0} */
  skipBytes?: number;
  /** Bytes left out of the last sample. @default {0} */
  omitBytes?: number;
}

/**
 * The samples of `view`, as little-endian bytes. Reads only when read from, and nothing of what is
 * before the view. The source's own chunks may begin and end in the middle of a sample. Cancelling it
 * cancels the source.
 */
export function convertedStream(
  recording: Pick<ExportedRecording, "read">,
  view: Pick<ExportView, "channels" | "convert" | "start" | "end">,
  options: ConvertedStreamOptions = {},
): ReadableStream<Uint8Array<ArrayBuffer>> {
  const { head = new Uint8Array(0), omitBytes = 0 } = options;
  let { skipBytes = 0 } = options;
  const { convert, channels } = view;
  const endByte = view.end * RECORDING_BLOCK_BYTES;
  let position = view.start * RECORDING_BLOCK_BYTES;
  const stereo = new Int16Array(CHUNK_BYTES / 2);
  const bytes = new Uint8Array(stereo.buffer);
  let source: ReadableStreamDefaultReader<Uint8Array> | undefined;
  /** What the source gave beyond the last chunk. */
  let rest = new Uint8Array(0) as Uint8Array;
  let isHeadDue = head.length > 0;

  /** Fills the first `count` bytes of the chunk from the source. */
  const fill = async (count: number) => {
    source ??= recording.read(position, endByte).getReader();
    let filled = 0;
    while (filled < count) {
      if (rest.length === 0) {
        const { done, value } = await source.read();
        if (done) {
          const missing = endByte - position - filled;
          throw new Error(`Cannot export recording: it ended ${missing} bytes early`);
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
      if (isHeadDue) {
        isHeadDue = false;
        controller.enqueue(head);
        return;
      }
      const count = Math.min(endByte - position, CHUNK_BYTES);
      if (count > 0) {
        await fill(count);
        position += count;
        const blocks = count / RECORDING_BLOCK_BYTES;
        const output = new Int16Array(blocks * channels);
        convert(stereo, blocks, output);
        const end = output.byteLength - (position === endByte ? omitBytes : 0);
        controller.enqueue(new Uint8Array(output.buffer, skipBytes, end - skipBytes));
        skipBytes = 0;
      }
      if (position === endByte) {
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
