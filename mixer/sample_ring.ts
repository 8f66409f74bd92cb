import { Runs } from "./runs.ts";

/**
 * Samples on a timeline: what was written stays readable until it is retired. Where two writes
 * overlap the first one wins; what was never written reads as zeros.
 *
 * The buffer grows to hold audio ahead of time and shrinks back when that has been played.
 */
export class SampleRing {
  /** What is held, as ranges of positions. Change it only through the ring. */
  readonly runs: Runs = new Runs();
  readonly #smallest: number;
  #samples: Int16Array;
  #base = 0;

  /** @param capacity samples held without growing */
  constructor(capacity: number) {
    this.#smallest = capacity;
    this.#samples = new Int16Array(capacity);
  }

  /** First position that can be written and read; everything before is retired. */
  get base(): number {
    return this.#base;
  }

  /** Samples the ring has room for at present. */
  get capacity(): number {
    return this.#samples.length;
  }

  /**
   * Writes `samples[from..to)` at `position`, except where something is held already or retired.
   * Copies: the array stays the caller's.
   *
   * @returns how many samples were written
   */
  write(position: number, samples: Int16Array, from = 0, to = samples.length): number {
    const end = position + (to - from);
    if (end > this.#base + this.#samples.length) this.#grow(end - this.#base);
    let written = 0;
    let cursor = Math.max(position, this.#base);
    while (cursor < end) {
      const free = this.runs.endAt(cursor);
      const stop = Math.min(end, this.runs.nextAt(free));
      if (free < stop) {
        this.#copyIn(free, samples, from + free - position, stop - free);
        this.runs.add(free, stop);
        written += stop - free;
      }
      cursor = Math.max(free, stop);
    }
    return written;
  }

  /**
   * Fills `output` with the samples from `position` on, zeros where nothing is held.
   *
   * @returns how many of them are held
   */
  read(position: number, output: Int16Array): number {
    const end = position + output.length;
    let held = 0;
    let cursor = position;
    while (cursor < end) {
      const start = Math.min(end, this.runs.nextAt(cursor));
      if (start > cursor) output.fill(0, cursor - position, start - position);
      const stop = Math.min(end, this.runs.endAt(start));
      this.#copyOut(start, output, start - position, stop - start);
      held += stop - start;
      cursor = stop;
    }
    return held;
  }

  /** Forgets everything from `position` on. */
  removeFrom(position: number): void {
    this.runs.removeFrom(position);
  }

  /** Multiplies what is held from `position` on with `gains`, sample by sample. */
  applyGains(position: number, gains: Float32Array): void {
    const capacity = this.#samples.length;
    for (let index = 0; index < gains.length; index++) {
      if (this.runs.endAt(position + index) === position + index) continue;
      const slot = (position + index) % capacity;
      this.#samples[slot] = Math.round(this.#samples[slot] * gains[index]);
    }
  }

  /** Moves the last run `distance` samples back in time; there must be room before it. */
  moveLastRunBack(distance: number): void {
    const { lastStart, end } = this.runs;
    const capacity = this.#samples.length;
    for (let position = lastStart; position < end; position++) {
      this.#samples[(position - distance) % capacity] = this.#samples[position % capacity];
    }
    this.runs.removeFrom(lastStart);
    this.runs.add(lastStart - distance, end - distance);
  }

  /** Retires everything before `position`: it reads as zeros and cannot be written any more. */
  retire(position: number): void {
    if (position <= this.#base) return;
    this.#base = position;
    this.runs.removeBefore(position);
    // Half of it must be free afterwards, or a track near the edge would be resized all the time.
    const { length } = this.#samples;
    if (length > this.#smallest && this.runs.end - position < length / 4) this.#resize(length / 2);
  }

  #grow(needed: number): void {
    let capacity = this.#samples.length;
    while (capacity < needed) capacity *= 2;
    this.#resize(capacity);
  }

  #resize(capacity: number): void {
    const old = this.#samples;
    const samples = new Int16Array(capacity);
    const end = this.runs.end;
    for (let position = this.#base; position < end; position++) {
      samples[position % capacity] = old[position % old.length];
    }
    this.#samples = samples;
  }

  // With set() and views: a view costs 30 ns, a loop over 400 samples ten times that.
  #copyIn(position: number, samples: Int16Array, from: number, count: number): void {
    const ring = this.#samples;
    const slot = position % ring.length;
    const first = Math.min(count, ring.length - slot);
    const isWhole = first === samples.length;
    ring.set(isWhole ? samples : samples.subarray(from, from + first), slot);
    if (first < count) ring.set(samples.subarray(from + first, from + count), 0);
  }

  #copyOut(position: number, output: Int16Array, to: number, count: number): void {
    const ring = this.#samples;
    const slot = position % ring.length;
    const first = Math.min(count, ring.length - slot);
    output.set(ring.subarray(slot, slot + first), to);
    if (first < count) output.set(ring.subarray(0, count - first), to + first);
  }
}
