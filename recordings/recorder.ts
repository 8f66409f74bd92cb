import { type Block, BlockQueue } from "./block_queue.ts";
import { BlockWriter } from "./block_writer.ts";
import { EventLog } from "./event_log.ts";
import { computePeaks, PIXEL_BYTES, samplesPerPixel } from "./peaks.ts";
import { pendingOf, type PendingSamples } from "./pending.ts";
import { type RecorderOptions, resolveRecorderOptions } from "./recorder_options.ts";
import { StereoReader } from "./stereo_reader.ts";
import type { RecordedEvent, RecordingInfo } from "./store.ts";
import { type LossReason, messageOf, Trouble } from "./trouble.ts";

export type { RecorderOptions, RecorderWarning, RepairedSource } from "./recorder_options.ts";

/** Seconds after which the next block, up to one more, takes new markers and events to the store. */
const DESCRIBE_SECONDS = 4;

/**
 * `recording` until it ends: `complete`; `capped` when it reached its longest while the call goes on;
 * `failed` when it was given up.
 */
export type RecorderState = "recording" | "capped" | "complete" | "failed";

/**
 * The sink that keeps a call. Frames arrive as they are mixed; each is written `delaySamples` later
 * and read anew from both tracks, whose rings are the delay line: sound that was late for the
 * listeners is by then in its place.
 *
 * Whatever the store does, the call never waits and never fails. While a store rejects, or falls
 * behind by all blocks, sound is lost; when it takes again, silence of the same length stands in its
 * place, marked `gap`.
 */
export class Recorder {
  readonly #options: Required<RecorderOptions>;
  readonly #reader: StereoReader;
  readonly #queue: BlockQueue;
  readonly #perPixel: number;
  readonly #log: EventLog;
  readonly #trouble: Trouble;
  /** Settles when the store has let go. */
  readonly #written: Promise<void>;
  /** Resolves when the store is not waited for any more. */
  readonly #gaveUp = Promise.withResolvers<void>();
  #finished: Promise<void> | undefined;
  #block: Block | null = null;
  /** Position of the next sample to be recorded. */
  #next = 0;
  #samplesWritten = 0;
  #samplesLost = 0;
  /** Those of the lost ones that the store has no silence for yet. */
  #samplesMissing = 0;
  #lossReason: LossReason = "slow";
  #state: RecorderState = "recording";
  #reason: string | undefined;
  #hasWarnedOfEvents = false;
  #describedAt = 0;
  #describedCount: number;

  /** @throws {RangeError} when a number is out of range or does not fit the others */
  constructor(options: RecorderOptions) {
    this.#options = resolveRecorderOptions(options);
    const { user, bot, frameSamples, blockFrames, maxBlocks, info, store } = this.#options;
    const { maxEvents, maxEventCharacters: maxCharacters, clock, onWarning } = this.#options;
    this.#reader = new StereoReader(user, bot, frameSamples);
    this.#perPixel = samplesPerPixel(info.sampleRate);
    const peaksLength = PIXEL_BYTES * blockFrames * Math.ceil(frameSamples / this.#perPixel);
    this.#queue = new BlockQueue(2 * frameSamples * blockFrames, peaksLength, maxBlocks);
    this.#log = new EventLog(info, { maxEvents, maxCharacters });
    this.#describedCount = this.#log.count;
    this.#trouble = new Trouble(info.callId, clock, onWarning);
    const host = {
      onWritten: (samples: number) => void (this.#samplesWritten += samples),
      onGap: (position: number, samples: number) => this.#noteGap(position, samples),
      onRefused: (error: unknown) => this.#trouble.refused(error),
      onAccepted: () => this.#trouble.over(),
      onFailed: (error: unknown) => this.#fail("recording_failed", messageOf(error)),
      endPosition: () => this.#next,
      describe: () => this.#describe(),
    };
    this.#written = new BlockWriter({ queue: this.#queue, store, info, clock, host }).run();
  }

  get state(): RecorderState {
    return this.#state;
  }

  /** Samples per channel that the store has taken, silence in place of lost ones included. */
  get samplesWritten(): number {
    return this.#samplesWritten;
  }

  /** Samples per channel that the store did not take in time. */
  get samplesLost(): number {
    return this.#samplesLost;
  }

  /**
   * Takes the position of a frame that was mixed and records the one that is now old enough. Never
   * waits, never throws. Positions skipped are recorded as the tracks still have them.
   */
  write(position: number): void {
    const { frameSamples, delaySamples } = this.#options;
    const end = position + frameSamples - delaySamples;
    if (this.#finished !== undefined) return;
    try {
      while (this.#state === "recording" && this.#next < end) {
        if (this.#hasBlock()) this.#record(frameSamples);
        else this.#lose(frameSamples);
      }
    } catch (error) {
      this.#fail("recording_failed", messageOf(error));
    }
    this.#keepDescribed(position);
  }

  /**
   * What was read of the tracks from sample `from` on and the store has not taken yet: interleaved
   * stereo, the caller's own, zeros where it was lost. Empty when there is nothing. It may begin after
   * `from`, when the store has taken what comes before, and is at most as long as all blocks: ask
   * again from its end until it is empty.
   */
  pending(from: number): PendingSamples {
    return pendingOf(this.#queue, this.#block, Math.max(from, this.#samplesWritten), this.#next);
  }

  /** What was kept with {@linkcode note} so far, and the gaps. */
  noted(): ReturnType<EventLog["snapshot"]> {
    return this.#log.snapshot();
  }

  /** Keeps an event, which must not change any more. What is beyond the limits is dropped. */
  note(event: RecordedEvent): void {
    if (this.#finished !== undefined || this.#log.add(event) || this.#hasWarnedOfEvents) return;
    this.#hasWarnedOfEvents = true;
    const { maxEvents, maxEventCharacters, onWarning } = this.#options;
    const message =
      `Cannot keep event ${event.type}: a recording takes at most ${maxEvents} events and ` +
      `${maxEventCharacters} characters of them`;
    onWarning({ code: "recording_events_full", message });
  }

  /**
   * Ends the recording: no more frames will come. Reads what the tracks hold up to `endPosition`,
   * waits for the store and answers the final description, in state `complete` or `failed`. Never
   * rejects. A second call ends nothing anew and answers the same.
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
    const giveUp = () => this.#giveUp(endPosition);
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

  /** Nobody takes the frame at the next position. */
  #lose(samples: number): void {
    const { maxSamples, onGap } = this.#options;
    const count = Math.min(samples, maxSamples - this.#next);
    this.#reader.skip(this.#next);
    this.#next += count;
    this.#samplesLost += count;
    this.#samplesMissing += count;
    this.#trouble.lost();
    this.#lossReason = this.#trouble.lossReason;
    onGap(count);
    if (this.#next === maxSamples) this.#state = "capped";
  }

  #noteGap(position: number, samples: number): void {
    this.#samplesMissing = Math.max(0, this.#samplesMissing - samples);
    this.#log.addGap({ type: "gap", position, data: { samples, reason: this.#lossReason } });
  }

  /** Lets the store keep what was noted since it was last told, with the block that is being filled. */
  #keepDescribed(position: number): void {
    const { sampleRate } = this.#options.info;
    if (this.#log.count === this.#describedCount || this.#state === "failed") return;
    if (!(position - this.#describedAt >= DESCRIBE_SECONDS * sampleRate)) return;
    if (!this.#hasBlock()) return;
    this.#describedAt = position;
    this.#describedCount = this.#log.count;
    this.#block!.isDescribed = true;
    // No samples will fill it any more, or none for a while.
    if (this.#state === "capped" || this.#next === 0) this.#pushBlock();
  }

  #pushBlock(): void {
    const block = this.#block;
    this.#block = null;
    if (block === null || this.#state === "failed") return;
    if (block.length === 0) block.position = this.#next;
    this.#queue.push(block);
  }

  #describe(): RecordingInfo {
    const state = this.#state === "failed" ? "failed" : "complete";
    const { markers, events } = this.#log.snapshot();
    const told = { state, samples: this.#samplesWritten, markers, events } as const;
    const reason = this.#reason;
    return { ...this.#options.info, ...told, ...(reason !== undefined && { reason }) };
  }

  /** The end has been waited for long enough: what the store has not taken by now is lost. */
  #giveUp(endPosition: number): void {
    if (this.#state === "failed" || this.#state === "complete") return;
    this.#fail("recording_too_slow", "the store did not take it in time");
    this.#next = Math.min(endPosition, this.#options.maxSamples);
    const discarded = this.#next - this.#samplesWritten - this.#samplesMissing;
    this.#samplesLost += discarded;
    this.#options.onGap(discarded);
    this.#lossReason = this.#trouble.lossReason;
    this.#gaveUp.resolve();
  }

  #fail(code: "recording_failed" | "recording_too_slow", reason: string): void {
    if (this.#state === "failed" || this.#state === "complete") return;
    this.#state = "failed";
    this.#block = null;
    this.#queue.discard();
    this.#trouble.failed(code, reason);
  }
}
