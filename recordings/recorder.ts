import { BlockFiller } from "./block_filler.ts";
import { BlockQueue } from "./block_queue.ts";
import { BlockWriter } from "./block_writer.ts";
import { EventLog } from "./event_log.ts";
import { PIXEL_BYTES, samplesPerPixel } from "./peaks.ts";
import { Losses, messageOf } from "./losses.ts";
import type { PendingSamples } from "./pending.ts";
import { type RecorderOptions, resolveRecorderOptions } from "./recorder_options.ts";
import { StereoReader } from "./stereo_reader.ts";
import type { RecordedEvent, RecordingInfo } from "./store.ts";

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
  readonly #queue: BlockQueue;
  readonly #filler: BlockFiller;
  readonly #log: EventLog;
  readonly #losses: Losses;
  /** Settles when the store has let go. */
  readonly #written: Promise<void>;
  /** Resolves when the store is not waited for any more. */
  readonly #gaveUp = Promise.withResolvers<void>();
  #finished: Promise<void> | undefined;
  #samplesWritten = 0;
  #state: RecorderState = "recording";
  #reason: string | undefined;
  #hasWarnedOfEvents = false;
  #describedAt = 0;
  #describedCount: number;

  /** @throws {RangeError} when a number is out of range or does not fit the others */
  constructor(options: RecorderOptions) {
    this.#options = resolveRecorderOptions(options);
    const { user, bot, frameSamples, blockFrames, maxBlocks, maxSamples } = this.#options;
    const { maxEvents, maxEventCharacters: maxCharacters, onGap, onWarning } = this.#options;
    const { info, store, clock } = this.#options;
    const perPixel = samplesPerPixel(info.sampleRate);
    const peaksLength = PIXEL_BYTES * blockFrames * Math.ceil(frameSamples / perPixel);
    const queue = new BlockQueue(2 * frameSamples * blockFrames, peaksLength, maxBlocks);
    const reader = new StereoReader(user, bot, frameSamples);
    this.#queue = queue;
    this.#filler = new BlockFiller({ reader, queue, frameSamples, perPixel, maxSamples });
    this.#log = new EventLog(info, { maxEvents, maxCharacters });
    this.#describedCount = this.#log.count;
    this.#losses = new Losses({ callId: info.callId, clock, onGap, onWarning });
    const host = {
      onWritten: (samples: number) => void (this.#samplesWritten += samples),
      onGap: (position: number, samples: number) => this.#noteGap(position, samples),
      onRefused: (error: unknown) => this.#losses.refused(error),
      onAccepted: () => this.#losses.over(),
      onFailed: (error: unknown) => this.#fail(error),
      endPosition: () => this.#filler.position,
      describe: () => this.#describe(),
    };
    this.#written = new BlockWriter({ queue, store, info, clock, host }).run();
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
    return this.#losses.samples;
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
      while (this.#state === "recording" && this.#filler.position < end) {
        if (this.#filler.hasBlock()) this.#filler.fill(frameSamples);
        else this.#losses.add(this.#filler.skip(frameSamples));
        if (this.#filler.isAtEnd) this.#state = "capped";
      }
    } catch (error) {
      this.#fail(error);
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
    return this.#filler.pending(Math.max(from, this.#samplesWritten));
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
      while (this.#state === "recording" && this.#filler.position < endPosition) {
        // Only here may the recorder wait: the tracks take nothing in any more.
        if (this.#filler.hasBlock()) this.#filler.fill(endPosition - this.#filler.position);
        else await this.#queue.changed();
        if (this.#filler.isAtEnd) this.#state = "capped";
      }
    } catch (error) {
      this.#fail(error);
    }
    if (this.#state !== "failed") this.#filler.push();
    this.#queue.close();
    await Promise.race([this.#written, this.#gaveUp.promise]);
    if (this.#state !== "failed") this.#state = "complete";
  }

  #noteGap(position: number, samples: number): void {
    this.#losses.filled(samples);
    const { reason } = this.#losses;
    this.#log.addGap({ type: "gap", position, data: { samples, reason } });
  }

  /** Lets the store keep what was noted since it was last told, with the block that is being filled. */
  #keepDescribed(position: number): void {
    const { sampleRate } = this.#options.info;
    if (this.#log.count === this.#describedCount || this.#state === "failed") return;
    if (!(position - this.#describedAt >= DESCRIBE_SECONDS * sampleRate)) return;
    if (!this.#filler.hasBlock()) return;
    this.#describedAt = position;
    this.#describedCount = this.#log.count;
    this.#filler.markDescribed();
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
    this.#discard(endPosition);
    const lost = this.#filler.position - this.#samplesWritten - this.#losses.missing;
    this.#losses.giveUp("recording_too_slow", "the store did not take it in time", lost);
    this.#gaveUp.resolve();
  }

  #fail(error: unknown): void {
    if (this.#state === "failed" || this.#state === "complete") return;
    this.#discard();
    this.#losses.giveUp("recording_failed", messageOf(error));
  }

  #discard(endPosition?: number): void {
    this.#state = "failed";
    this.#filler.discard(endPosition);
    this.#queue.discard();
  }
}
