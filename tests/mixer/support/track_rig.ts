import { ManualClock } from "../../../mixer/clock.ts";
import { Ticker } from "../../../mixer/ticker.ts";
import { type CallRate, Timeline } from "../../../mixer/timeline.ts";
import { Track, type TrackOptions } from "../../../mixer/track.ts";

/** One track on a clock that the test moves; edges are not faded unless asked for. */
export class TrackRig {
  readonly clock = new ManualClock(12_345.678);
  readonly ticker = new Ticker(this.clock);
  readonly timeline: Timeline;
  readonly track: Track;
  #readTo = 0;

  constructor(
    kind: "live" | "speech",
    options: Partial<TrackOptions> & { sampleRate?: CallRate } = {},
  ) {
    const { sampleRate = 8000, ...rest } = options;
    const { clock, ticker } = this;
    this.timeline = new Timeline(sampleRate, clock.now());
    this.track = new Track({
      clock,
      ticker,
      timeline: this.timeline,
      kind,
      edgeFadeMs: 0,
      ...rest,
    });
  }

  get nowMs(): number {
    return this.clock.now() - this.timeline.startMs;
  }

  /** Position of this instant. */
  get now(): number {
    return this.timeline.positionAt(this.clock.now());
  }

  /** Moves time on to `ms` after the call began. Nothing is read meanwhile. */
  to(ms: number): void {
    this.clock.stall(ms - this.nowMs);
  }

  /** Reads all windows up to `ms`, or a given number of windows, as the mixer would now. */
  read(ms: number): Int16Array {
    const length = Math.max(0, this.timeline.samples(ms) - this.#readTo);
    const { frameSamples } = this.timeline;
    const output = new Int16Array(Math.floor(length / frameSamples) * frameSamples);
    for (let at = 0; at < output.length; at += frameSamples) {
      this.track.read(this.#readTo + at, output.subarray(at, at + frameSamples));
    }
    this.#readTo += output.length;
    return output;
  }
}

/** A chunk of one value. */
export function constant(length: number, value: number): Int16Array {
  return new Int16Array(length).fill(value);
}

/** Values that count up from `first`, never 0 and never repeated within 30,000 samples. */
export function ramp(length: number, first = 1): Int16Array {
  return Int16Array.from({ length }, (_, index) => 1 + ((first - 1 + index) % 30_000));
}

/** Stretches of equal samples as "value x length" (zeros as "0"), to compare a lane at a glance. */
export function stretches(lane: Int16Array): string {
  const parts: string[] = [];
  for (let from = 0; from < lane.length;) {
    let to = from;
    while (to < lane.length && lane[to] === lane[from]) to++;
    parts.push(`${lane[from]}x${to - from}`);
    from = to;
  }
  return parts.join(" ");
}
