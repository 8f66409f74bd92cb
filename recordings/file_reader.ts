import type { ByteRange } from "./byte_range.ts";
import { WAV_HEADER_BYTES } from "./wav.ts";

const CHUNK_BYTES = 65_536;

/**
 * The bytes of `range` of a WAV file's samples, through a handle of its own that is opened at the
 * first read and closed at the end, at an error, or when the reader cancels.
 */
export function readSamples(
  path: string,
  range: ByteRange,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  let { start } = range;
  const { end } = range;
  let file: Deno.FsFile | undefined;
  let pulling: Promise<void> = Promise.resolve();

  const close = () => {
    file?.close();
    file = undefined;
  };

  const pull = async (controller: ReadableStreamDefaultController<Uint8Array<ArrayBuffer>>) => {
    if (start >= end) return controller.close();
    try {
      if (file === undefined) {
        file = await Deno.open(path);
        await file.seek(WAV_HEADER_BYTES + start, Deno.SeekMode.Start);
      }
      const chunk = new Uint8Array(Math.min(CHUNK_BYTES, end - start));
      const count = await file.read(chunk);
      if (count === null) {
        throw new Error(`Cannot read recording: the file ended ${end - start} bytes early`);
      }
      start += count;
      controller.enqueue(chunk.subarray(0, count));
      if (start < end) return;
      close();
      controller.close();
    } catch (error) {
      close();
      throw error;
    }
  };

  return new ReadableStream({
    pull: (controller) => pulling = pull(controller),
    async cancel() {
      // A handle may just be opening, and is not closed under a read that is under way.
      await pulling.catch(() => {});
      close();
    },
  }, { highWaterMark: 0 });
}
