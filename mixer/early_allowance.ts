import type { Timeline } from "./timeline.ts";

/** How long it is learned how early a stream is, ms. */
const LEARN_MS = 8000;
/** More is not put down to a late beginning, ms. */
const MOST_MS = 500;

/**
 * How much earlier than its place a stream's audio comes. One that begins with the call cannot be placed
 * before it; and the message that began the call may have been slower than the audio that followed. That
 * is a constant of the stream, not drift, and nothing may be cut for it.
 */
export class EarlyAllowance {
  readonly #learn: number;
  readonly #most: number;
  #learnUntil = -Infinity;
  #samples = 0;

  constructor(timeline: Timeline) {
    this.#learn = timeline.samples(LEARN_MS);
    this.#most = timeline.samples(MOST_MS);
  }

  /** What to add to the lateness of every chunk, in samples. */
  get samples(): number {
    return this.#samples;
  }

  /** A stream that began with the call: its first chunk came `early` samples early, at `arrival`. */
  begin(early: number, arrival: number): void {
    this.#samples = Math.max(0, Math.min(this.#most, early));
    this.#learnUntil = arrival + this.#learn;
  }

  /** A stream that is placed by its arrival: it is never early. */
  reset(): void {
    this.#samples = 0;
    this.#learnUntil = -Infinity;
  }

  /** Learns from a chunk's lateness, and answers it as it is then. */
  apply(lateness: number, arrival: number): number {
    if (lateness >= 0 || arrival >= this.#learnUntil) return lateness;
    const more = Math.min(-lateness, this.#most - this.#samples);
    this.#samples += more;
    return lateness + more;
  }
}
