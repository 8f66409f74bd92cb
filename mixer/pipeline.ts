import { type Clock, systemClock } from "./clock.ts";
import type { TrackFormat } from "./decode.ts";
import { Holdback } from "./holdback.ts";
import { type AudioEvent, type Feed, Inbox, type TrackName, type WaitingMessage } from "./inbox.ts";
import { type MixedFrame, Mixer } from "./mixer.ts";
import { Side } from "./side.ts";
import { Ticker } from "./ticker.ts";
import { type CallRate, Timeline } from "./timeline.ts";
import type { TrackStats } from "./track_buffer.ts";
import type { TrackReader } from "./track_reader.ts";

/** What a {@linkcode Pipeline} is made of. */
export interface PipelineOptions {
  /** Samples per second of what comes out. @default {8000} */
  sampleRate?: CallRate;
  /** How the payloads that are pushed are encoded. @default PCM16 at `sampleRate` */
  formats?: { user: TrackFormat; bot: TrackFormat };
  /**
   * `live`: the bot's audio is what somebody said a moment ago. `speech`: it is to be spoken from its
   * arrival on, and may come ahead of time.
   * @default {"live"}
   */
  botAudio?: "speech" | "live";
  /** How long a frame waits for audio at least, ms. @default {100} */
  holdbackMs?: number;
  /** How much unspoken bot audio may wait, ms. @default {120000} */
  botQueueMs?: number;
  /** @default {systemClock} */
  clock?: Clock;
  /** Shared by many pipelines, they cost less. @default one of its own */
  ticker?: Ticker;
}

/** Takes mixed frames, synchronously; bounds what it keeps of them itself. */
export type FrameSink = (frame: MixedFrame) => void;

/**
 * The way of a call's audio: user and bot go in, the mixer reads both every 50 ms, and its stream is
 * teed once: one branch is heard live, the other is recorded.
 *
 * ```ts
 * const pipeline = new Pipeline({ sampleRate: 16000 });
 * microphone.pipeTo(pipeline.user.writable);
 * speech.pipeTo(pipeline.bot.writable);
 * await pipeline.run((frame) => speaker.play(frame.mix), (frame) => file.append(frame.mix));
 * ```
 *
 * A server gives it messages instead, which cost less: they wait in the inbox. What has arrived is taken in before a frame is mixed, and before anything is done to the call: what
 * came first has happened first.
 */
export class Pipeline {
  readonly timeline: Timeline;
  readonly holdback: Holdback;
  readonly user: Side;
  readonly bot: Side;
  /** Where messages of audio wait for the next frame. */
  readonly inbox: Inbox = new Inbox((message) => this.#take(message));
  readonly #clock: Clock;
  readonly #mixer: Mixer;
  #openSides = 2;

  /** @throws {RangeError} when a format is not supported */
  constructor(options: PipelineOptions = {}) {
    const { sampleRate = 8000, botAudio = "live", holdbackMs = 100, botQueueMs = 120_000 } =
      options;
    const { clock = systemClock, ticker = new Ticker(clock) } = options;
    const pcm: TrackFormat = { encoding: "pcm_s16le", sampleRate };
    const { formats = { user: pcm, bot: pcm } } = options;
    const timeline = new Timeline(sampleRate, clock.now());
    const holdback = new Holdback(timeline, { baseMs: holdbackMs });
    const shared = { clock, ticker, timeline, holdback, onClose: () => this.#closeSide() };
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
    this.#mixer = new Mixer({ timeline, ticker, holdback, inbox: this.inbox, user, bot });
  }

  /**
   * The mixed frames, 50 ms each, in order and without gaps. For those who do not {@linkcode run}: it must
   * be read to its end, or the call stands still.
   */
  get readable(): ReadableStream<MixedFrame> {
    return this.#mixer.readable;
  }

  /** The position of this instant. */
  get position(): number {
    return this.timeline.positionAt(this.#clock.now());
  }

  /**
   * Takes a piece of audio at once, behind what waits.
   *
   * @param nowMs the instant of its arrival on the clock
   * @param lagMs by how much the event loop lagged behind then, ms
   * @throws {RangeError} when the payload is above 1 MiB; nothing has happened then
   */
  push(feed: Feed, event: AudioEvent, nowMs: number, lagMs: number): void {
    this.inbox.drain();
    this.#push(feed, event, nowMs, lagMs);
  }

  /** Takes in what waits, and tells what became of both sides' audio so far, that included. */
  figures(): { holdbackMs: number; user: TrackStats; bot: TrackStats } {
    this.inbox.drain();
    const { holdback, user, bot } = this;
    return {
      holdbackMs: holdback.currentMs,
      user: { ...user.track.stats },
      bot: { ...bot.track.stats },
    };
  }

  /** Readers of both tracks for the recorder, which reads every window again, healed. */
  repairedSources(): { user: TrackReader; bot: TrackReader } {
    return { user: this.user.track.reader(), bot: this.bot.track.reader() };
  }

  /**
   * Lets the frames flow, until {@linkcode end}, or until both sides were closed and heard. Settles when the last frame has been taken.
   *
   * @param recorder left out for a call that is not recorded
   */
  async run(live: FrameSink, recorder?: FrameSink): Promise<void> {
    if (recorder === undefined) return await drain(this.readable, live);
    const [heard, kept] = this.readable.tee();
    await Promise.all([drain(heard, live), drain(kept, recorder)]);
  }

  /** Barge-in: discards what the bot has not been heard to say. Returns how many samples. */
  clear(): number {
    this.inbox.drain();
    return this.bot.clear();
  }

  /** Silences both sides from this instant on; time goes on. */
  pause(): void {
    this.inbox.drain();
    this.user.track.pause();
    this.bot.track.pause();
  }

  /** Ends a {@linkcode pause}. */
  resume(): void {
    this.inbox.drain();
    this.user.track.resume();
    this.bot.track.resume();
  }

  /**
   * Another sender brings this side from now on, with another clock.
   *
   * @param format its own; left out, the one of the sender before
   * @throws {RangeError} when the format is not supported; nothing has changed then
   */
  restart(track: TrackName, format?: TrackFormat): void {
    this.inbox.drain();
    this[track].restart(format);
  }

  /** Ends the call now and flushes what is in the mixer. Returns where it ends, in samples. */
  end(): number {
    this.inbox.drain();
    return this.#mixer.end(this.#clock.now());
  }

  /** The second writable that is closed ends the call behind what was written. */
  #closeSide(): void {
    if (--this.#openSides > 0) return;
    this.#mixer.endAt(Math.max(this.user.track.end, this.bot.track.end));
  }

  #take({ feed, data, arrivedMs, lagMs }: WaitingMessage): void {
    if (feed.closed) return;
    try {
      const message = typeof data === "string" ? data : new Uint8Array(data);
      for (const event of feed.parser.parse(message)) {
        if (event.payload !== undefined) this.#push(feed, event, arrivedMs, lagMs);
      }
      feed.broken = 0;
    } catch (error) {
      feed.refused(error);
    }
  }

  #push(feed: Feed, event: AudioEvent, nowMs: number, lagMs: number): void {
    const { track, payload, mediaMs, sequence } = event;
    const side = track === "user" ? this.user : this.bot;
    if (!side.push(payload, nowMs, mediaMs, sequence, lagMs)) feed.ahead(track);
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
