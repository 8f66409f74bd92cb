import { type Block, BlockQueue } from "./block_queue.ts";
import { writeBlocks } from "./block_writer.ts";
import { EventLog } from "./event_log.ts";
import { type RecorderOptions, resolveRecorderOptions } from "./recorder_options.ts";
import type { RecorderWarning } from "./recorder_options.ts";
import { computePeaks, PIXEL_BYTES, samplesPerPixel } from "./peaks.ts";
import { StereoReader } from "./stereo_reader.ts";
import type { RecordedEvent, RecordingInfo } from "./store.ts";

export type { RecorderOptions, RecorderWarning, RepairedSource } from "./recorder_options.ts";

/**
 * `recording` until it ends: `complete`; `capped` when it reached its longest while the call goes on;
 * `failed` when the store could not keep it.
 */
export type RecorderState = "recording" | "capped" | "complete" | "failed";

/**
 * The sink that keeps a call. Frames arrive as they are mixed; each is written `delaySamples` later
 * and read anew from both tracks, whose rings are the delay line: sound that was late for the
 * listeners is by then in its place.
 *
 * Whatever the store does, the call never waits and never fails: a store that rejects, or falls
 * behind by all blocks, ends the recording as `failed`, and what it had taken stays readable.
 */
export class Recorder {
  readonly #options: Required<RecorderOptions>;
  readonly #reader: StereoReader;
  readonly #queue: BlockQueue;
  readonly #perPixel: number;
  readonly #log: EventLog;
  /** Settles when the store has let go. */
  readonly #written: Promise<void>;
  /** Resolves when the store is not waited for any more. */
  readonly #gaveUp = Promise.withResolvers<void>();
  #finished: Promise<void> | undefined;
  #block: Block | null = null;
  /** Position of the next sample to be recorded. */
  #next = 0;
  #samplesWritten = 0;
  #state: RecorderState = "recording";
  #reason: string | undefined;
  #hasWarnedOfEvents = false;

  /** @throws {RangeError} when a number is out of range or does not fit the others */
  constructor(options: RecorderOptions) {
    this.#options = resolveRecorderOptions(options);
    const { user, bot, frameSamples, blockFrames, maxBlocks, info, store } = this.#options;
    const { maxEvents, maxEventCharacters: maxCharacters } = this.#options;
    this.#reader = new StereoReader(user, bot, frameSamples);
    this.#perPixel = samplesPerPixel(info.sampleRate);
    const pixels = blockFrames * Math.ceil(frameSamples / this.#perPixel);
    this.#queue = new BlockQueue(
      2 * frameSamples * blockFrames,
      PIXEL_BYTES * pixels,
      maxBlocks,
    );
    this.#log = new EventLog(info, { maxEvents, maxCharacters });
    this.#written = writeBlocks(this.#queue, store, info, {
      onWritten: (samples) => void (this.#samplesWritten += samples),
      onError: (error) => this.#fail("recording_failed", messageOf(error)),
      describe: () => this.#describe(),
    });
  }

  get state(): RecorderState {
    return this.#state;
  }

  /** Samples per channel that the store has taken. */
  get samplesWritten(): number {
    return this.#samplesWritten;
  }

  /**
   * Takes the position of a frame that was mixed and records the one that is now old enough. Never
   * waits, never throws. Positions skipped are recorded as the tracks still have them.
   */
  write(position: number): void {
    const { frameSamples, delaySamples } = this.#options;
    const end = position + frameSamples - delaySamples;
    try {
      while (this.#state === "recording" && this.#finished === undefined && this.#next < end) {
        if (this.#hasBlock()) this.#record(frameSamples);
        else this.#fail("recording_too_slow", "the store fell behind by all blocks");
      }
    } catch (error) {
      this.#fail("recording_failed", messageOf(error));
    }
  }

  /**
   * What was read of the tracks from sample `from` on and the store has not taken yet: interleaved
   * stereo, the caller's own. Empty when there is nothing; it may begin after `from`, when the store
   * has taken what comes before, and it ends where nothing has been read yet.
   */
  pending(from: number): { position: number; pcm: Int16Array<ArrayBuffer> } {
    const blocks = [...this.#queue.pending()];
    if (this.#block !== null) blocks.push(this.#block);
    const position = Math.max(from, blocks[0]?.position ?? this.#next);
    const pcm = new Int16Array(2 * Math.max(0, this.#next - position));
    for (const block of blocks) {
      const skipped = Math.max(0, position - block.position);
      const part = block.samples.subarray(2 * skipped, block.length);
      if (part.length > 0) pcm.set(part, 2 * (block.position + skipped - position));
    }
    return { position, pcm };
  }

  /** Keeps an event, which must not change any more. What is beyond the limits is dropped. */
  note(event: RecordedEvent): void {
    if (this.#finished !== undefined || this.#log.add(event) || this.#hasWarnedOfEvents) return;
    this.#hasWarnedOfEvents = true;
    const { maxEvents, maxEventCharacters } = this.#options;
    this.#warn(
      "recording_events_full",
      `Cannot keep event ${event.type}: a recording takes at most ${maxEvents} events and ` +
        `${maxEventCharacters} characters of them`,
    );
  }

  /**
   * Ends the recording: no more frames will come. Reads what the tracks hold up to `endPosition`,
   * waits for the store and answers the final description, in state `complete` or `failed`. Never
   * rejects. A second call ends nothing anew and answers the same. A store that fell too far behind
   * is not waited for.
   *
   * @param options.reason why the call ended
   * @param options.signal gives up waiting: what the store has not taken by then is lost
   */
  async finish(
    endPosition: number,
    options: { reason?: string; signal?: AbortSignal } = {},
  ): Promise<RecordingInfo> {
    const { reason, signal } = options;
    this.#reason ??= reason;
    this.#finished ??= this.#end(endPosition);
    const giveUp = () => this.#fail("recording_too_slow", "the store did not take it in time");
    signal?.addEventListener("abort", giveUp);
    if (signal?.aborted) giveUp();
    await this.#finished;
    signal?.removeEventListener("abort", giveUp);
    return this.#describe();
  }

  async #end(endPosition: number): Promise<void> {
    try {
      while (this.#state === "recording" && this.#next < endPosition) {
        // Only here may the recorder wait: the tracks take nothing in any more.
        if (this.#hasBlock()) this.#record(endPosition - this.#next);
        else await this.#queue.changed();
      }
    } catch (error) {
      this.#fail("recording_failed", messageOf(error));
    }
    this.#pushBlock();
    this.#queue.close();
    await Promise.race([this.#written, this.#gaveUp.promise]);
    if (this.#state !== "failed") this.#state = "complete";
  }

  #hasBlock(): boolean {
    this.#block ??= this.#queue.take();
    return this.#block !== null;
  }

  /** Reads at most a frame at the next position into the block. */
  #record(samples: number): void {
    const { frameSamples, maxSamples } = this.#options;
    const count = Math.min(samples, frameSamples, maxSamples - this.#next);
    const block = this.#block!;
    this.#reader.read(this.#next, count, block.samples, block.length);
    block.peaksLength = computePeaks(
      block.samples,
      block.length / 2,
      count,
      this.#perPixel,
      block.peaks,
      block.peaksLength,
    );
    if (block.length === 0) block.position = this.#next;
    block.length += 2 * count;
    this.#next += count;
    if (this.#next === maxSamples) this.#state = "capped";
    const room = block.samples.length - block.length;
    if (room < 2 * frameSamples || this.#state === "capped") this.#pushBlock();
  }

  #pushBlock(): void {
    if (this.#block !== null && this.#state !== "failed") this.#queue.push(this.#block);
    this.#block = null;
  }

  #describe(): RecordingInfo {
    const state = this.#state === "failed" ? "failed" : "complete";
    const markers = [...this.#log.markers];
    const events = [...this.#log.events];
    const told = { state, samples: this.#samplesWritten, markers, events } as const;
    const reason = this.#reason;
    return { ...this.#options.info, ...told, ...(reason !== undefined && { reason }) };
  }

  #fail(code: "recording_failed" | "recording_too_slow", reason: string): void {
    if (this.#state === "failed" || this.#state === "complete") return;
    this.#state = "failed";
    this.#block = null;
    this.#queue.discard();
    const { callId } = this.#options.info;
    if (code === "recording_too_slow") this.#gaveUp.resolve();
    this.#warn(code, `Cannot go on recording call ${callId}: ${reason}`);
  }

  #warn(code: RecorderWarning["code"], message: string): void {
    this.#options.onWarning({ code, message });
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
