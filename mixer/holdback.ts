import type { Timeline } from "./timeline.ts";

/** The holdback moves in steps of a frame, ms. */
const STEP_MS = 50;
/** What is added to the lateness of nearly all audio: the length of a usual chunk, ms. */
const CHUNK_MS = 20;
/** Share of the audio that must be in time. */
const QUANTILE = 0.995;
/** The lateness of the last 20 to 30 s counts, kept in three parts. */
const PART_MS = 10_000;
const PARTS = 3;
/** So much audio must have been seen before the holdback follows it, chunks. */
const ENOUGH = 100;
/** It comes down again only after so long, ms. */
const STABLE_MS = 60_000;
/** Width of a bucket of the lateness histogram, ms; the last bucket holds all that is later. */
const BUCKET_MS = 10;
const BUCKETS = 64;

/** Options of a {@linkcode Holdback}. */
export interface HoldbackOptions {
  /** Where it starts and what it never goes below, ms. */
  baseMs: number;
  /**
   * What it never goes above, ms.
   * @default {300}
   */
  maxMs?: number;
}

/**
 * How long the mixer waits for audio before it mixes a frame. Follows the jitter of the call's senders;
 * moves when frames are sent, never where audio is.
 */
export class Holdback {
  readonly #timeline: Timeline;
  readonly #baseMs: number;
  readonly #maxMs: number;
  readonly #histograms = Array.from({ length: PARTS }, () => new Uint32Array(BUCKETS));
  #part = 0;
  #partEndMs = -Infinity;
  #evaluateAtMs = -Infinity;
  #currentMs: number;
  #lowerSinceMs = Infinity;
  #samples: number;

  constructor(timeline: Timeline, options: HoldbackOptions) {
    this.#timeline = timeline;
    this.#baseMs = options.baseMs;
    this.#maxMs = Math.max(options.baseMs, options.maxMs ?? 300);
    this.#currentMs = options.baseMs;
    this.#samples = timeline.samples(this.#currentMs);
  }

  /** The holdback at present, ms. */
  get currentMs(): number {
    return this.#currentMs;
  }

  /** The holdback at present in samples. */
  get samples(): number {
    return this.#samples;
  }

  /** Notes how late a chunk of live audio was, in samples. */
  observe(lateness: number): void {
    const bucket = Math.ceil(this.#timeline.milliseconds(lateness) / BUCKET_MS);
    this.#histograms[this.#part][Math.min(BUCKETS - 1, bucket)]++;
  }

  /** Whether {@linkcode update} would do anything: about once a second. */
  isDue(nowMs: number): boolean {
    return nowMs >= this.#evaluateAtMs;
  }

  /**
   * Follows what was observed; cheap, to be called on every tick.
   *
   * @param silent whether now is a moment at which a shorter holdback is not heard
   */
  update(nowMs: number, silent: boolean): void {
    if (!this.isDue(nowMs)) return;
    this.#evaluateAtMs = nowMs + 1000;
    const wantedMs = this.#wantedMs();
    if (nowMs >= this.#partEndMs) {
      this.#part = (this.#part + 1) % PARTS;
      this.#histograms[this.#part].fill(0);
      this.#partEndMs = nowMs + PART_MS;
    }
    if (wantedMs > this.#currentMs) this.#set(wantedMs);
    if (wantedMs >= this.#currentMs) this.#lowerSinceMs = Infinity;
    else if (this.#lowerSinceMs === Infinity) this.#lowerSinceMs = nowMs;
    else if (silent && nowMs - this.#lowerSinceMs >= STABLE_MS) this.#set(wantedMs);
  }

  #set(currentMs: number): void {
    this.#currentMs = currentMs;
    this.#samples = this.#timeline.samples(currentMs);
    this.#lowerSinceMs = Infinity;
  }

  #wantedMs(): number {
    let total = 0;
    for (const histogram of this.#histograms) {
      for (let bucket = 0; bucket < BUCKETS; bucket++) total += histogram[bucket];
    }
    if (total < ENOUGH) return this.#currentMs;
    let later = total * (1 - QUANTILE);
    let bucket = BUCKETS - 1;
    for (; bucket > 0; bucket--) {
      for (const histogram of this.#histograms) later -= histogram[bucket];
      if (later < 0) break;
    }
    const neededMs = bucket * BUCKET_MS + CHUNK_MS;
    const steppedMs = Math.ceil(neededMs / STEP_MS) * STEP_MS;
    return Math.max(this.#baseMs, Math.min(this.#maxMs, steppedMs));
  }
}
