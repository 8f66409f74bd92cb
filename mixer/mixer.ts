import type { Holdback } from "./holdback.ts";
import { isSilence, mixSaturating } from "./pcm.ts";
import { TickedStream } from "./ticked_stream.ts";
import type { Ticker } from "./ticker.ts";
import type { Timeline } from "./timeline.ts";
import type { Track } from "./track.ts";

/** Bits of {@linkcode MixedFrame.sources}. */
export const USER = 1;
export const BOT = 2;

/**
 * 50 ms of a call. The arrays are reused after 4 frames (200 ms): copy what is to be kept longer.
 */
export interface MixedFrame {
  /** Samples since the call began. */
  readonly position: number;
  /** PCM16 at the call's rate, one frame long each; `mix` is the saturating sum of the two. */
  readonly user: Int16Array<ArrayBuffer>;
  readonly bot: Int16Array<ArrayBuffer>;
  readonly mix: Int16Array<ArrayBuffer>;
  /** Which side supplied samples: bit 0 the user, bit 1 the bot; 0 is silence. */
  readonly sources: number;
}

/**
 * Frames that may be on their way at once: one in the stream, one in each branch of a tee, and the one
 * being made.
 */
const POOL = 4;

/** What a {@linkcode Mixer} is made of. */
export interface MixerOptions {
  timeline: Timeline;
  ticker: Ticker;
  holdback: Holdback;
  user: Track;
  bot: Track;
  /** Emptied before every frame, into the tracks. */
  inbox?: { drain(): void };
}

/** Mixes the two sides of a call into a stream of frames, each at its exact place in time. */
export class Mixer {
  /** The frames, in order and without gaps. Read it, or the call stands still. */
  readonly readable: ReadableStream<MixedFrame>;
  readonly #options: MixerOptions;
  readonly #stream: TickedStream<MixedFrame>;
  readonly #pool: { -readonly [Key in keyof MixedFrame]: MixedFrame[Key] }[];
  #next = 0;
  #position = 0;
  #end = Infinity;
  /** Whether what is left follows at once, whatever the time is. */
  #isFlushing = false;

  constructor(options: MixerOptions) {
    this.#options = options;
    const { timeline, ticker } = options;
    const { frameSamples } = timeline;
    this.#pool = Array.from({ length: POOL }, () => ({
      position: 0,
      user: new Int16Array(frameSamples),
      bot: new Int16Array(frameSamples),
      mix: new Int16Array(frameSamples),
      sources: 0,
    }));
    this.#stream = new TickedStream<MixedFrame>(ticker, timeline.startMs, {
      next: (nowMs) => this.#mix(nowMs),
      ended: () => this.#position >= this.#end,
    });
    this.readable = this.#stream.readable;
  }

  /** Where the next frame begins, in samples. */
  get position(): number {
    return this.#position;
  }

  /**
   * Ends the call at `nowMs`: what is due until then, rounded up to a frame, follows at once, and the
   * stream closes. What the bot has not spoken by then is never heard. Idempotent.
   *
   * @returns where the stream ends, in samples
   */
  end(nowMs: number): number {
    if (!this.#isFlushing) {
      const { timeline, user, bot } = this.#options;
      this.#isFlushing = true;
      // What waits for a decision about its place gets it now; what is not yet spoken fades out.
      user.restart();
      bot.restart();
      bot.clear();
      this.endAt(timeline.positionAt(nowMs));
      this.#stream.wake(nowMs);
    }
    return this.#end;
  }

  /** Closes the stream when it has come to `position`, rounded up to a frame, and not before its time. */
  endAt(position: number): void {
    const { frameSamples } = this.#options.timeline;
    const end = Math.ceil(position / frameSamples) * frameSamples;
    this.#end = Math.min(this.#end, Math.max(this.#position, end));
  }

  #mix(nowMs: number): MixedFrame | undefined {
    const { timeline, holdback, user, bot } = this.#options;
    this.#options.inbox?.drain();
    const position = this.#position;
    const end = position + timeline.frameSamples;
    if (position >= this.#end) return undefined;
    if (!this.#isFlushing && end > timeline.positionAt(nowMs) - holdback.samples) return undefined;
    const frame = this.#pool[this.#next];
    this.#next = (this.#next + 1) % POOL;
    frame.position = position;
    frame.sources = (user.read(position, frame.user, nowMs) > 0 ? USER : 0) |
      (bot.read(position, frame.bot, nowMs) > 0 ? BOT : 0);
    mixSaturating(frame.user, frame.bot, frame.mix);
    this.#position = end;
    if (holdback.isDue(nowMs)) holdback.update(nowMs, isSilence(frame.mix));
    return frame;
  }
}
