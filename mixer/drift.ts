import { Int16Scratch } from "./int16_scratch.ts";
import { isSilence } from "./pcm.ts";
import type { Timeline } from "./timeline.ts";

/** Half of the time over which the smallest lateness is taken, ms. */
const WINDOW_MS = 4000;
/** Lateness that is corrected in silence, ms. Less may be the network's own delay. */
const LATE_MS = 10;
/** Earliness that is corrected in silence, ms. No network makes audio early. */
const EARLY_MS = 5;
/** Largest correction in one silent chunk, ms. */
const STEP_MS = 10;
/** Misalignment that is corrected even in speech, ms. */
const URGENT_MS = 40;
/** How long to wait for silence before correcting in speech, ms. */
const PATIENCE_MS = 5000;
/** Lengths of chunks that are stretched, samples and ms: what comes in longer ones was held up. */
const STRETCH_LEAST_SAMPLES = 4;
const STRETCH_MOST_MS = 1000;
/** In speech one sample is inserted or left out per so much audio, ms. */
const STRETCH_MS = 20;

/**
 * Keeps a sender's clock and ours together. Network delay only ever adds, so the smallest lateness of
 * the last 4 to 8 s is what the clocks have drifted apart; the rest is jitter.
 */
export class DriftMeter {
  readonly #window: number;
  readonly #late: number;
  readonly #early: number;
  readonly #step: number;
  readonly #urgent: number;
  readonly #patience: number;
  readonly #stretchEvery: number;
  readonly #stretchMost: number;
  #previous = Infinity;
  #current = Infinity;
  #windowEnd = -Infinity;
  #full = false;
  #lastSilence = -Infinity;
  #sinceStretch = 0;

  constructor(timeline: Timeline) {
    this.#window = timeline.samples(WINDOW_MS);
    this.#late = timeline.samples(LATE_MS);
    this.#early = timeline.samples(EARLY_MS);
    this.#step = timeline.samples(STEP_MS);
    this.#urgent = timeline.samples(URGENT_MS);
    this.#patience = timeline.samples(PATIENCE_MS);
    this.#stretchEvery = timeline.samples(STRETCH_MS);
    this.#stretchMost = timeline.samples(STRETCH_MOST_MS);
  }

  /** Forgets what was seen: the sender's clock began anew. */
  reset(): void {
    this.#previous = this.#current = Infinity;
    this.#windowEnd = -Infinity;
    this.#full = false;
    this.#lastSilence = -Infinity;
  }

  /** The smallest lateness of the last 4 to 8 s in samples, or `undefined` as long as too little is known. */
  get drift(): number | undefined {
    return this.#full ? Math.min(this.#previous, this.#current) : undefined;
  }

  /** Notes a chunk's lateness in samples, at the position of its arrival. */
  observe(lateness: number, arrival: number): void {
    if (arrival >= this.#windowEnd) {
      this.#full = this.#windowEnd !== -Infinity;
      this.#previous = this.#current;
      this.#current = Infinity;
      this.#windowEnd = arrival + this.#window;
      if (this.#lastSilence === -Infinity) this.#lastSilence = arrival;
    }
    if (lateness < this.#current) this.#current = lateness;
  }

  /** The timeline was moved by `samples` against the sender: later chunks are that much less late. */
  shifted(samples: number): void {
    this.#previous -= samples;
    this.#current -= samples;
  }

  /**
   * By how many samples to move this chunk: positive later (a gap of silence before it), negative
   * earlier (its first samples left out). Only ever in silence.
   */
  correction(samples: Int16Array, arrival: number): number {
    const drift = this.drift;
    if (drift === undefined || (drift < this.#late && drift > -this.#early)) {
      this.#lastSilence = arrival;
      return 0;
    }
    if (!isSilence(samples)) return 0;
    this.#lastSilence = arrival;
    return Math.max(-this.#step, Math.min(this.#step, drift), -samples.length);
  }

  /**
   * By how many samples (-1, 0 or 1) to stretch this chunk, when no silence came for 5 s and the clocks
   * are more than 40 ms apart.
   */
  stretch(samples: Int16Array, arrival: number): number {
    const drift = this.drift;
    if (drift === undefined || Math.abs(drift) <= this.#urgent) return 0;
    const { length } = samples;
    if (length < STRETCH_LEAST_SAMPLES || length > this.#stretchMost) return 0;
    if (arrival - this.#lastSilence < this.#patience) return 0;
    this.#sinceStretch += length;
    if (this.#sinceStretch < this.#stretchEvery) return 0;
    this.#sinceStretch = 0;
    return Math.sign(drift);
  }
}

/** Shared by all: it is used at once. */
const scratch = new Int16Scratch();

/**
 * The samples with one more or less in the middle, made of its neighbours: an array that is valid until
 * the next call.
 *
 * @param samples two at least, kept by the caller
 * @param by 1 or -1
 */
export function stretchByOne(samples: Int16Array, by: number): Int16Array {
  const { length } = samples;
  const output = scratch.take(length + by);
  const middle = length >> 1;
  const between = (samples[middle - 1] + samples[middle]) >> 1;
  for (let index = 0; index < middle; index++) output[index] = samples[index];
  if (by > 0) {
    output[middle] = between;
    for (let index = middle; index < length; index++) output[index + 1] = samples[index];
  } else {
    output[middle - 1] = between;
    for (let index = middle + 1; index < length; index++) output[index - 1] = samples[index];
  }
  return output;
}
