import type { Clock } from "../mixer/clock.ts";
import type { TrackFormat } from "../mixer/decode.ts";
import { Holdback } from "../mixer/holdback.ts";
import { type MixedFrame, Mixer } from "../mixer/mixer.ts";
import type { Ticker } from "../mixer/ticker.ts";
import { type CallRate, Timeline } from "../mixer/timeline.ts";
import type { RepairedSource } from "../recordings/recorder.ts";
import { Side } from "./side.ts";

/** What a {@linkcode Pipeline} is made of. */
export interface PipelineOptions {
  clock: Clock;
  ticker: Ticker;
  sampleRate: CallRate;
  formats: { user: TrackFormat; bot: TrackFormat };
  botAudio: "speech" | "live";
  holdbackMs: number;
  /** How much unspoken bot audio may wait, ms. */
  botQueueMs: number;
  /** Called before a frame is mixed: puts what has arrived into both sides. Must not throw. */
  takeIn?: () => void;
}

/** Takes mixed frames, synchronously; bounds what it keeps of them itself. */
export type FrameSink = (frame: MixedFrame) => void;

/**
 * The way of a call's audio, from two decoders over two tracks into the mixer, whose stream is teed once:
 * one branch is heard live, the other is recorded.
 */
export class Pipeline {
  readonly timeline: Timeline;
  readonly holdback: Holdback;
  readonly user: Side;
  readonly bot: Side;
  readonly #clock: Clock;
  readonly #mixer: Mixer;

  /** @throws {RangeError} when a format is not supported */
  constructor(options: PipelineOptions) {
    const { clock, ticker, sampleRate, formats, botAudio, holdbackMs, botQueueMs, takeIn } =
      options;
    const timeline = new Timeline(sampleRate, clock.now());
    const holdback = new Holdback(timeline, { baseMs: holdbackMs });
    const shared = { clock, ticker, timeline, holdback };
    this.#clock = clock;
    this.timeline = timeline;
    this.holdback = holdback;
    this.user = new Side({ ...shared, kind: "live", format: formats.user });
    this.bot = new Side({
      ...shared,
      kind: botAudio,
      format: formats.bot,
      maxAheadMs: botQueueMs,
    });
    const { track: user } = this.user;
    const { track: bot } = this.bot;
    this.#mixer = new Mixer({ timeline, ticker, holdback, user, bot, ...(takeIn && { takeIn }) });
  }

  /** The position of this instant. */
  get position(): number {
    return this.timeline.positionAt(this.#clock.now());
  }

  /** Readers of both tracks for the recorder, which reads every window again, healed. */
  repairedSources(): { user: RepairedSource; bot: RepairedSource } {
    return { user: this.user.track.reader(), bot: this.bot.track.reader() };
  }

  /**
   * Lets the frames flow, until {@linkcode end}. Settles when the last frame has been taken.
   *
   * @param recorder left out for a call that is not recorded
   */
  async run(live: FrameSink, recorder?: FrameSink): Promise<void> {
    if (recorder === undefined) return await drain(this.#mixer.readable, live);
    const [heard, kept] = this.#mixer.readable.tee();
    await Promise.all([drain(heard, live), drain(kept, recorder)]);
  }

  /** Silences both sides from this instant on; time goes on. */
  pause(): void {
    this.user.track.pause();
    this.bot.track.pause();
  }

  /** Ends a {@linkcode pause}. */
  resume(): void {
    this.user.track.resume();
    this.bot.track.resume();
  }

  /** Ends the call now and flushes what is in the mixer. Answers where it ends, in samples. */
  end(): number {
    return this.#mixer.end(this.#clock.now());
  }
}

/** tee() keeps what a branch has not read without bound: every branch is read to its end, always. */
async function drain(stream: ReadableStream<MixedFrame>, sink: FrameSink): Promise<void> {
  const reader = stream.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    sink(value);
  }
}
