import { ManualClock } from "../../../mixer/clock.ts";
import { Holdback } from "../../../mixer/holdback.ts";
import { Mixer } from "../../../mixer/mixer.ts";
import { Ticker } from "../../../mixer/ticker.ts";
import { type CallRate, Timeline } from "../../../mixer/timeline.ts";
import { Track, type TrackOptions } from "../../../mixer/track.ts";

/** A moment at which the event loop does nothing for a while. */
export interface Stall {
  atMs: number;
  forMs: number;
}

export interface SimulationOptions {
  durationMs: number;
  sampleRate?: CallRate;
  stalls?: Stall[];
  holdbackMs?: number;
  maxHoldbackMs?: number;
  /** 0, unless a test is about fades: then samples are exactly those that were sent. */
  edgeFadeMs?: number;
}

const REPAIR_MS = 5000;

/**
 * A call in simulated time: two tracks and a mixer, a live listener that keeps all frames, and a
 * recorder that reads every window 5 s after it was mixed.
 */
export class Simulation {
  readonly clock = new ManualClock(12_345.678);
  readonly timeline: Timeline;
  readonly user: Track;
  readonly bot: Track;
  readonly mixer: Mixer;
  readonly holdback: Holdback;
  readonly durationMs: number;
  /** The lanes as heard live and as recorded, whole call. */
  readonly live: { user: Int16Array; bot: Int16Array; mix: Int16Array };
  readonly recorded: { user: Int16Array; bot: Int16Array };
  /** Length in samples of what came out live. */
  liveLength = 0;
  sources: number[] = [];
  /** Frames given per wake-up, largest. */
  largestBurst = 0;
  readonly #stalls: Stall[];
  #burst = 0;
  #burstAtMs = 0;

  constructor(options: SimulationOptions) {
    const { durationMs, sampleRate = 8000, stalls = [], holdbackMs = 100 } = options;
    this.durationMs = durationMs;
    this.#stalls = stalls;
    this.timeline = new Timeline(sampleRate, this.clock.now());
    const ticker = new Ticker(this.clock);
    this.holdback = new Holdback(this.timeline, {
      baseMs: holdbackMs,
      maxMs: options.maxHoldbackMs ?? 300,
    });
    const track: Omit<TrackOptions, "kind"> = {
      clock: this.clock,
      ticker,
      timeline: this.timeline,
      edgeFadeMs: options.edgeFadeMs ?? 0,
    };
    this.user = new Track({ ...track, kind: "live" });
    this.bot = new Track({ ...track, kind: "speech" });
    this.mixer = new Mixer({
      timeline: this.timeline,
      ticker,
      holdback: this.holdback,
      user: this.user,
      bot: this.bot,
    });
    const length = this.timeline.samples(durationMs) + 4 * this.timeline.frameSamples;
    const lane = () => new Int16Array(length);
    this.live = { user: lane(), bot: lane(), mix: lane() };
    this.recorded = { user: lane(), bot: lane() };
  }

  /** Instant of the simulation in ms since the call began. */
  get nowMs(): number {
    return this.clock.now() - this.timeline.startMs;
  }

  /** Calls `action` at `atMs`, or, as messages wait in their sockets, just after a stall around it. */
  at(atMs: number, action: () => void): void {
    const stall = this.#stalls.find((s) => atMs >= s.atMs && atMs < s.atMs + s.forMs);
    const whenMs = stall === undefined ? atMs : stall.atMs + stall.forMs + 1;
    this.clock.setTimeout(action, whenMs - this.nowMs);
  }

  /** Runs the call to its end. */
  async run(): Promise<void> {
    const collected = this.#collect();
    for (const stall of this.#stalls) {
      await this.clock.advance(stall.atMs - this.nowMs);
      this.clock.stall(stall.forMs);
    }
    await this.clock.advance(this.durationMs - this.nowMs);
    this.mixer.end(this.clock.now());
    await collected;
  }

  async #collect(): Promise<void> {
    const { frameSamples } = this.timeline;
    const repair = this.timeline.samples(REPAIR_MS);
    const readers = { user: this.user.reader(), bot: this.bot.reader() };
    const window = new Int16Array(frameSamples);
    const record = (position: number) => {
      for (const lane of ["user", "bot"] as const) {
        readers[lane].read(position, window);
        this.recorded[lane].set(window, position);
      }
    };
    let recordedTo = 0;
    const reader = this.mixer.readable.getReader();
    for (;;) {
      const { done, value: frame } = await reader.read();
      if (done) break;
      this.#countBurst();
      this.live.user.set(frame.user, frame.position);
      this.live.bot.set(frame.bot, frame.position);
      this.live.mix.set(frame.mix, frame.position);
      this.sources.push(frame.sources);
      this.liveLength = frame.position + frameSamples;
      for (; recordedTo <= frame.position - repair; recordedTo += frameSamples) record(recordedTo);
    }
    for (; recordedTo < this.liveLength; recordedTo += frameSamples) record(recordedTo);
  }

  #countBurst(): void {
    const nowMs = this.nowMs;
    this.#burst = nowMs === this.#burstAtMs ? this.#burst + 1 : 1;
    this.#burstAtMs = nowMs;
    this.largestBurst = Math.max(this.largestBurst, this.#burst);
  }
}
