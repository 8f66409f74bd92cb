import type { BlockQueue } from "./block_queue.ts";
import type { RecordingInfo, RecordingStore, RecordingWriter } from "./store.ts";

/** What {@linkcode writeBlocks} tells and asks while it writes. None of these may throw. */
export interface BlockWriterHost {
  /** The store took a block: so many samples per channel. */
  onWritten(samples: number): void;
  /** The store refused; nothing more of the queue is written. */
  onError(error: unknown): void;
  /** The description the recording is to end with. */
  describe(): RecordingInfo;
}

/**
 * Begins a recording, hands the queue's blocks to it one at a time and ends it when the queue is
 * closed. Settles when the store has let go; never rejects.
 *
 * @param info what the recording begins with
 */
export async function writeBlocks(
  queue: BlockQueue,
  store: RecordingStore,
  info: RecordingInfo,
  host: BlockWriterHost,
): Promise<void> {
  let writer: RecordingWriter | undefined;
  try {
    writer = await store.create(info);
    for (let block = await queue.shift(); block !== null; block = await queue.shift()) {
      // Every platform that Deno runs on is little-endian, as the stored samples are.
      const pcm = new Uint8Array(block.samples.buffer, 0, 2 * block.length);
      await writer.append(pcm, block.peaks.subarray(0, block.peaksLength));
      host.onWritten(block.length / 2);
      queue.release(block);
    }
  } catch (error) {
    host.onError(error);
  }
  try {
    await writer?.finish(host.describe());
  } catch (error) {
    host.onError(error);
  }
}
