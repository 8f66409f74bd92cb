import type { Clock } from "../mixer/clock.ts";
import type { Block, BlockQueue } from "./block_queue.ts";
import { RecordingExistsError } from "./store.ts";
import type { RecordingInfo, RecordingStore, RecordingWriter } from "./store.ts";

/** How long a store that refused is left alone, ms: twice as long each time, up to the longest. */
const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 5000;

/** What a {@linkcode BlockWriter} tells and asks. None of these may throw. */
export interface BlockWriterHost {
  /** The store took so many samples per channel more, silence in place of lost ones included. */
  onWritten(samples: number): void;
  /** The store took silence, from `position` on, in place of so many samples that were lost. */
  onGap(position: number, samples: number): void;
  /** The store refused; it is asked again after a while. */
  onRefused(error: unknown): void;
  /** The store takes again. */
  onAccepted(): void;
  /** The store will never take this recording. */
  onFailed(error: unknown): void;
  /** Where the recording ends; asked once no more blocks come. */
  endPosition(): number;
  /** What is known of the recording now. */
  describe(): RecordingInfo;
}

/** What a {@linkcode BlockWriter} is made of. */
export interface BlockWriterOptions {
  queue: BlockQueue;
  store: RecordingStore;
  /** What the recording begins with. */
  info: RecordingInfo;
  clock: Clock;
  host: BlockWriterHost;
}

/** Not the store's fault: there is no more use in trying. */
class GivenUpError extends Error {}

/**
 * Brings the blocks of a queue into a store, one after the other, and asks again where the store
 * refuses. What is missing between two blocks becomes silence.
 */
export class BlockWriter {
  readonly #options: BlockWriterOptions;
  #position = 0;

  constructor(options: BlockWriterOptions) {
    this.#options = options;
  }

  /**
   * Begins the recording, writes all blocks and ends it once the queue is closed. Settles when the
   * store has let go; never rejects. Once the queue is discarded, no more sound is written, but the
   * recording is ended all the same, as soon as the store lets it.
   */
  async run(): Promise<void> {
    const { store, info, host } = this.#options;
    let writer: RecordingWriter;
    try {
      writer = await this.#insist(() => store.create(info));
    } catch (error) {
      if (!(error instanceof GivenUpError)) host.onFailed(error);
      return;
    }
    try {
      await this.#writeBlocks(writer);
    } catch (error) {
      if (!(error instanceof GivenUpError)) host.onFailed(error);
    }
    try {
      await this.#insist(() => this.#skipTo(writer, host.endPosition()), true);
      await this.#insist(() => writer.finish(host.describe()), true);
    } catch (error) {
      host.onFailed(error);
    }
  }

  async #writeBlocks(writer: RecordingWriter): Promise<void> {
    const { queue, host } = this.#options;
    for (let block = await queue.shift(); block !== null; block = await queue.shift()) {
      const { position, isDescribed } = block;
      await this.#insist(() => this.#skipTo(writer, position));
      await this.#insist(() => this.#append(writer, block));
      queue.release(block);
      // What the store refuses now it may take the next time; the end is insisted on.
      if (isDescribed) await writer.update(host.describe()).catch(() => {});
    }
  }

  async #skipTo(writer: RecordingWriter, position: number): Promise<void> {
    const from = this.#position;
    const samples = position - from;
    if (samples <= 0) return;
    await writer.skip(samples);
    this.#advance(samples);
    this.#options.host.onGap(from, samples);
  }

  async #append(writer: RecordingWriter, block: Block): Promise<void> {
    if (block.length === 0) return;
    // Every platform that Deno runs on is little-endian, as the stored samples are.
    const pcm = new Uint8Array(block.samples.buffer, 0, 2 * block.length);
    await writer.append(pcm, block.peaks.subarray(0, block.peaksLength));
    this.#advance(block.length / 2);
  }

  #advance(samples: number): void {
    this.#position += samples;
    this.#options.host.onWritten(samples);
  }

  /**
   * Does a step until the store takes it.
   *
   * @param forEver even when nobody waits for it any more
   * @throws what the store throws where it would always throw it, {@linkcode GivenUpError} when the
   *   queue was discarded
   */
  async #insist<T>(step: () => Promise<T>, forEver = false): Promise<T> {
    const { queue, host } = this.#options;
    for (let pauseMs = FIRST_PAUSE_MS;; pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)) {
      if (queue.isDiscarded && !forEver) throw new GivenUpError();
      try {
        const result = await step();
        host.onAccepted();
        return result;
      } catch (error) {
        if (isHopeless(error)) throw error;
        host.onRefused(error);
      }
      await this.#pause(pauseMs);
    }
  }

  #pause(ms: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#options.clock.setTimeout(resolve, ms);
    return promise;
  }
}

/** Whether a store would answer the same for ever, because it is asked for what cannot be. */
function isHopeless(error: unknown): boolean {
  return error instanceof RecordingExistsError || error instanceof RangeError ||
    error instanceof DOMException;
}
