import { EarlyAllowance } from "./early_allowance.ts";
import { DriftMeter, stretchByOne } from "./drift.ts";
import {
  CONTIGUOUS_MS,
  EARLY_NOISE_MS,
  LIVE_AHEAD_MS,
  type Placement,
  PROMPT_START_MS,
} from "./placement.ts";
import type { TrackBuffer } from "./track_buffer.ts";

/** How long audio after a pause is held back to tell a gap from a network stall, ms. */
const PENDING_MS = 30;
/** Most audio that is held back, ms: more at once can only be a stall. */
const PENDING_MAX_MS = 1000;
/** Audio further ahead of its arrival than this was placed too late, ms. */
const AHEAD_MS = 60;

/**
 * Places live audio of which only the arrival is known: contiguous as long as it comes within 100 ms of
 * its time. After a longer break the first 30 ms decide: a block about as long as the break was held up
 * by the network and belongs into it; a short one begins after a true gap.
 */
export class ArrivalPlacement implements Placement {
  readonly maxAhead: number;
  readonly #buffer: TrackBuffer;
  readonly #drift: DriftMeter;
  readonly #allowance: EarlyAllowance;
  /** Made when first needed: many calls never do. */
  #pending: Int16Array | undefined;
  #pendingLength = 0;
  #pendingSince = 0;
  #pendingArrival = 0;
  #fresh = true;
  #began = 0;

  constructor(buffer: TrackBuffer) {
    this.maxAhead = buffer.timeline.samples(LIVE_AHEAD_MS);
    this.#buffer = buffer;
    this.#drift = new DriftMeter(buffer.timeline);
    this.#allowance = new EarlyAllowance(buffer.timeline);
  }

  place(samples: Int16Array, arrival: number, lag: number): number | undefined {
    const { timeline } = this.#buffer;
    if (this.#fresh) this.#begin(arrival - samples.length, arrival);
    if (this.#pendingLength > 0) return this.#hold(samples, arrival);
    let late = arrival - samples.length - this.#buffer.next + this.#allowance.samples;
    if (late > timeline.samples(CONTIGUOUS_MS) + lag) {
      this.#pendingSince = arrival;
      return this.#hold(samples, arrival);
    }
    if (late < -timeline.samples(EARLY_NOISE_MS)) late += this.#moveBack(-late);
    late = this.#allowance.apply(late, arrival);
    this.#append(samples, arrival, late);
    return Math.max(0, late);
  }

  settle(now: number): void {
    const waited = now - this.#pendingSince;
    if (this.#pendingLength > 0 && waited >= this.#buffer.timeline.samples(PENDING_MS)) {
      this.#decide();
    }
  }

  restart(now: number): void {
    if (this.#pendingLength > 0) this.#decide();
    this.#fresh = true;
    this.#began = now;
    this.#allowance.reset();
    this.#drift.reset();
  }

  /** The first chunk of an epoch, which would begin at `start` by its arrival. */
  #begin(start: number, arrival: number): void {
    const buffer = this.#buffer;
    this.#fresh = false;
    const prompt = start - this.#began <= buffer.timeline.samples(PROMPT_START_MS);
    buffer.next = Math.max(buffer.next, prompt ? this.#began : start);
    if (prompt) this.#allowance.begin(buffer.next - start, arrival);
  }

  #append(samples: Int16Array, arrival: number, late: number): void {
    const buffer = this.#buffer;
    const { stats, next } = buffer;
    if (next > arrival + this.maxAhead) {
      stats.refused += samples.length;
      return;
    }
    this.#drift.observe(late, arrival);
    const by = this.#drift.correction(samples, arrival);
    const stretch = by === 0 ? this.#drift.stretch(samples, arrival) : 0;
    if (by !== 0) {
      if (by > 0) stats.inserted += by;
      else stats.skipped -= by;
      this.#drift.shifted(by);
      buffer.write(next + Math.max(0, by), samples, Math.max(0, -by));
    } else if (stretch !== 0) {
      if (stretch > 0) stats.inserted++;
      else stats.skipped++;
      this.#drift.shifted(stretch);
      buffer.write(next, stretchByOne(samples, stretch));
    } else {
      buffer.write(next, samples);
    }
  }

  /** Answers how late the block began, when it turns out to have been held up by the network. */
  #hold(samples: Int16Array, arrival: number): number | undefined {
    this.#pendingArrival = arrival;
    const { timeline, next } = this.#buffer;
    const late = arrival - samples.length - next;
    const pending = this.#pending ??= new Int16Array(timeline.samples(PENDING_MAX_MS));
    if (samples.length > pending.length - this.#pendingLength) {
      return this.#decide(samples) ? undefined : late;
    }
    pending.set(samples, this.#pendingLength);
    this.#pendingLength += samples.length;
    if (arrival - this.#pendingLength - next <= timeline.samples(CONTIGUOUS_MS)) {
      this.#flush(next);
      return late;
    }
    if (arrival - this.#pendingSince < timeline.samples(PENDING_MS)) return undefined;
    return this.#decide() ? undefined : late;
  }

  /** Places what is pending, and `more` behind it. Answers whether there was a true gap before it. */
  #decide(more?: Int16Array): boolean {
    const { next, stats } = this.#buffer;
    const length = this.#pendingLength + (more?.length ?? 0);
    const start = this.#pendingArrival - length;
    const isGap = length < start - next;
    if (isGap) {
      stats.gaps++;
      this.#allowance.reset();
      this.#drift.reset();
    }
    this.#flush(isGap ? start : next);
    if (more !== undefined) this.#buffer.write(this.#buffer.next, more);
    return isGap;
  }

  #flush(position: number): void {
    this.#buffer.next = position;
    if (this.#pending !== undefined) {
      this.#buffer.write(position, this.#pending, 0, this.#pendingLength);
    }
    this.#pendingLength = 0;
  }

  /**
   * A chunk came earlier than the audio before it allows: that was placed too late. It is moved back as
   * long as nobody has heard it, or when it is far off.
   */
  #moveBack(early: number): number {
    const force = early >= this.#buffer.timeline.samples(AHEAD_MS);
    const distance = this.#buffer.moveLastRunBack(early, this.#began, force);
    this.#drift.shifted(-distance);
    return distance;
  }
}
