import type { Block, BlockQueue } from "./block_queue.ts";

/** Samples that a recorder has read and its store has not taken. */
export interface PendingSamples {
  /** Position of the first. */
  position: number;
  /** Interleaved stereo, in an array of its own. */
  pcm: Int16Array<ArrayBuffer>;
}

/** Most samples per channel answered at a time: 10 s at 16 kHz. */
const MAX_SAMPLES = 160_000;

/**
 * Copies what is there of the positions from `from` up to `end` (exclusive), zeros where there is
 * nothing; no more than 160,000 samples.
 *
 * @param filling the block that is not pushed yet
 */
export function pendingOf(
  queue: BlockQueue,
  filling: Block | null,
  from: number,
  end: number,
): PendingSamples {
  const length = Math.min(MAX_SAMPLES, Math.max(0, end - from));
  const pcm = new Int16Array(2 * length);
  for (const block of queue.pending()) copy(block, from, pcm);
  if (filling !== null) copy(filling, from, pcm);
  return { position: from, pcm };
}

/** Copies what a block holds of the positions from `from` on, as far as `pcm` goes. */
function copy(block: Block, from: number, pcm: Int16Array): void {
  const offset = 2 * (block.position - from);
  const source = block.samples.subarray(Math.max(0, -offset), block.length);
  const at = Math.max(0, offset);
  if (at < pcm.length) pcm.set(source.subarray(0, pcm.length - at), at);
}
