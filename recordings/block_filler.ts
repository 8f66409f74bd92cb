import type { Block, BlockQueue } from "./block_queue.ts";
import { computePeaks } from "./peaks.ts";
import { pendingOf, type PendingSamples } from "./pending.ts";
import type { StereoReader } from "./stereo_reader.ts";

/** What a {@linkcode BlockFiller} reads, where it puts it and how much. */
export interface BlockFillerOptions {
  reader: StereoReader;
  queue: BlockQueue;
  /** Samples per channel read at a time. */
  frameSamples: number;
  /** Samples per channel that one pixel of peaks covers. */
  perPixel: number;
  /** Position at which nothing more is read. */
  maxSamples: number;
}

/** Reads a call frame by frame, in order, into blocks, and works out their peaks. */
export class BlockFiller {
  readonly #options: BlockFillerOptions;
  #block: Block | null = null;
  #position = 0;

  constructor(options: BlockFillerOptions) {
    this.#options = options;
  }

  /** Position of the next sample to be read. */
  get position(): number {
    return this.#position;
  }

  /** Whether all has been read that is to be. */
  get isAtEnd(): boolean {
    return this.#position === this.#options.maxSamples;
  }

  /** Whether there is a block to fill; without, a frame can only be skipped. */
  hasBlock(): boolean {
    this.#block ??= this.#options.queue.take();
    return this.#block !== null;
  }

  /** Reads up to `samples` samples, at most a frame, into the block, which must be there. */
  fill(samples: number): void {
    const { reader, frameSamples, perPixel } = this.#options;
    const block = this.#block!;
    const count = this.#count(samples);
    if (block.length === 0) block.position = this.#position;
    reader.read(this.#position, count, block.samples, block.length);
    const { samples: stereo, length, peaks, peaksLength } = block;
    block.peaksLength = computePeaks(stereo, length / 2, count, perPixel, peaks, peaksLength);
    block.length += 2 * count;
    this.#position += count;
    if (stereo.length - block.length < 2 * frameSamples || this.isAtEnd) this.push();
  }

  /** Leaves out up to `samples` samples, at most a frame. Answers how many. */
  skip(samples: number): number {
    const count = this.#count(samples);
    // Every window is read, lest the sound behind the missing ones is taken for a beginning.
    this.#options.reader.skip(this.#position);
    this.#position += count;
    return count;
  }

  /** Lets the store keep the description together with the block being filled, which must be there. */
  markDescribed(): void {
    this.#block!.isDescribed = true;
    // No samples will fill it any more, or none for a while.
    if (this.isAtEnd || this.#position === 0) this.push();
  }

  /** Gives the block to the queue, as far as it is filled. */
  push(): void {
    if (this.#block !== null) this.#options.queue.push(this.#block);
    this.#block = null;
  }

  /** Throws the block away and goes to `position` without reading. */
  discard(position = this.#position): void {
    this.#block = null;
    this.#position = Math.min(position, this.#options.maxSamples);
  }

  /** What was read from `from` on and waits, see `Recorder.pending()`. */
  pending(from: number): PendingSamples {
    return pendingOf(this.#options.queue, this.#block, from, this.#position);
  }

  #count(samples: number): number {
    const { frameSamples, maxSamples } = this.#options;
    return Math.min(samples, frameSamples, maxSamples - this.#position);
  }
}
