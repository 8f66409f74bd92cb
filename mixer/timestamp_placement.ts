import { DriftMeter, stretchByOne } from "./drift.ts";
import { EarlyAllowance } from "./early_allowance.ts";
import { isSilence } from "./pcm.ts";
import { EARLY_NOISE_MS, LIVE_AHEAD_MS, type Placement, PROMPT_START_MS } from "./placement.ts";
import type { TrackBuffer } from "./track_buffer.ts";

/** Media times this close to the end of the audio before are its continuation, ms. */
const SNAP_MS = 2;
/** Lateness that is given up for good once it has lasted, ms. */
const LATE_MS = 100;
const LATE_FOR_MS = 4000;
/** Lateness that is given up even in the middle of speech, ms. */
const VERY_LATE_MS = 500;
const VERY_LATE_FOR_MS = 2000;
/** Live audio cannot be further in the future than this, ms: its clock was set anew. */
const FUTURE_MS = 500;
/** Nor is any audio on its way for so long, ms. */
const PAST_MS = 30_000;

/**
 * Places audio by the sender's media time: late and reordered chunks land where they belong. The
 * sender's clock is anchored to ours by its first chunk, kept by its drift, and given up when it turns
 * out to be wrong: some gateways freeze it through silence.
 */
export class TimestampPlacement implements Placement {
  readonly maxAhead: number;
  readonly #buffer: TrackBuffer;
  readonly #drift: DriftMeter;
  readonly #allowance: EarlyAllowance;
  readonly #isSpeech: boolean;
  /** Lateness at which the sender's clock was set anew: between them it is believed. */
  readonly #earliest: number;
  readonly #latest: number;
  #fresh = true;
  #began = 0;
  /** Position of media time 0. */
  #anchor = 0;
  /** Where the first chunk since the anchor was set went. */
  #firstPosition = 0;
  #lateSince = Infinity;
  #leastLate = Infinity;
  #veryLateSince = Infinity;
  #leastVeryLate = Infinity;

  /** @param speechAheadMs for speech, which may come ahead of its time: how far; else it is live */
  constructor(buffer: TrackBuffer, speechAheadMs?: number) {
    const { timeline } = buffer;
    this.maxAhead = timeline.samples(speechAheadMs ?? LIVE_AHEAD_MS);
    this.#buffer = buffer;
    this.#drift = new DriftMeter(timeline);
    this.#allowance = new EarlyAllowance(timeline);
    this.#isSpeech = speechAheadMs !== undefined;
    this.#earliest = -timeline.samples(speechAheadMs ?? FUTURE_MS);
    this.#latest = timeline.samples(PAST_MS);
  }

  place(samples: Int16Array, arrival: number, lag: number, mediaTime: number): number | undefined {
    const buffer = this.#buffer;
    const { timeline } = buffer;
    // Speech is spoken from its arrival on; live audio was there when its last sample was.
    const start = this.#isSpeech ? arrival : arrival - samples.length;
    if (this.#fresh) this.#begin(start, mediaTime, arrival);
    let late = start - (this.#anchor + mediaTime) + this.#allowance.samples;
    if (late < this.#earliest || late > this.#latest) {
      this.#anchorAt(start, mediaTime);
      late = start - (this.#anchor + mediaTime);
    }
    // Speech that comes ahead of its time says nothing about the sender's clock.
    if (this.#isSpeech) late = Math.max(0, late);
    else if (late < -timeline.samples(EARLY_NOISE_MS)) late += this.#moveBack(-late);
    late = this.#allowance.apply(late, arrival);
    late -= this.#giveUp(samples, arrival, Math.max(0, late - lag), late);
    this.#write(samples, arrival, late, mediaTime);
    return Math.max(0, late);
  }

  settle(): void {}

  restart(now: number): void {
    this.#fresh = true;
    this.#began = now;
    this.#allowance.reset();
    this.#forget();
  }

  /** The first chunk of an epoch. A stream that begins with the call shares its position 0. */
  #begin(start: number, mediaTime: number, arrival: number): void {
    this.#fresh = false;
    const byArrival = start - mediaTime;
    const offset = Math.abs(byArrival - this.#began);
    const prompt = offset <= this.#buffer.timeline.samples(PROMPT_START_MS);
    const anchor = prompt ? this.#began : byArrival;
    this.#anchor = Math.max(anchor, this.#buffer.next - mediaTime);
    this.#firstPosition = this.#anchor + mediaTime;
    if (prompt) this.#allowance.begin(this.#anchor - byArrival, arrival);
  }

  /** Finds the sender's clock anew: its media time `mediaTime` is at `position` or later. */
  #anchorAt(position: number, mediaTime: number): void {
    this.#firstPosition = Math.max(position, this.#buffer.next);
    this.#anchor = this.#firstPosition - mediaTime;
    this.#allowance.reset();
    this.#buffer.stats.reanchored++;
    this.#forget();
  }

  #forget(): void {
    this.#drift.reset();
    this.#lateSince = this.#veryLateSince = Infinity;
  }

  /** Moves the anchor when its lateness has lasted; answers by how many samples. */
  #giveUp(samples: Int16Array, arrival: number, lasting: number, late: number): number {
    const { timeline, stats } = this.#buffer;
    if (lasting <= timeline.samples(LATE_MS)) {
      this.#lateSince = this.#veryLateSince = Infinity;
      return 0;
    }
    if (this.#lateSince === Infinity) {
      this.#lateSince = arrival;
      this.#leastLate = Infinity;
    }
    this.#leastLate = Math.min(this.#leastLate, late);
    if (lasting <= timeline.samples(VERY_LATE_MS)) {
      this.#veryLateSince = Infinity;
    } else if (this.#veryLateSince === Infinity) {
      this.#veryLateSince = arrival;
      this.#leastVeryLate = Infinity;
    }
    this.#leastVeryLate = Math.min(this.#leastVeryLate, late);
    let by = 0;
    if (arrival - this.#veryLateSince >= timeline.samples(VERY_LATE_FOR_MS)) {
      by = this.#leastVeryLate;
    } else if (arrival - this.#lateSince >= timeline.samples(LATE_FOR_MS)) {
      if (isSilence(samples)) by = this.#leastLate;
    }
    if (by === 0) return 0;
    this.#anchor += by;
    stats.reanchored++;
    this.#forget();
    return by;
  }

  #write(samples: Int16Array, arrival: number, late: number, mediaTime: number): void {
    const buffer = this.#buffer;
    const { stats, timeline } = buffer;
    this.#drift.observe(late, arrival);
    const by = this.#drift.correction(samples, arrival);
    if (by !== 0) {
      if (by > 0) stats.inserted += by;
      else stats.skipped -= by;
      this.#shift(by);
    }
    let position = this.#anchor + mediaTime;
    if (Math.abs(position - buffer.next) <= timeline.samples(SNAP_MS)) position = buffer.next;
    if (position > arrival + this.maxAhead) {
      stats.refused += samples.length;
      return;
    }
    const stretch = by === 0 ? this.#drift.stretch(samples, arrival) : 0;
    if (stretch !== 0) {
      this.#shift(stretch);
      if (stretch > 0) stats.inserted++;
      else stats.skipped++;
      buffer.write(position, stretchByOne(samples, stretch));
      return;
    }
    if (position - buffer.next > timeline.samples(LATE_MS) && buffer.next > 0) stats.gaps++;
    buffer.write(position, samples);
  }

  /** The anchor was set too late: moves what has come since, if nobody has heard it yet. */
  #moveBack(early: number): number {
    if (this.#buffer.ring.runs.lastStart !== this.#firstPosition) return 0;
    const distance = this.#buffer.moveLastRunBack(early, this.#began);
    this.#firstPosition -= distance;
    this.#shift(-distance);
    return distance;
  }

  #shift(samples: number): void {
    this.#anchor += samples;
    this.#drift.shifted(samples);
  }
}
