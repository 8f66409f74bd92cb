/**
 * Which stretches of a timeline hold samples: a sorted list of half-open ranges that never touch. A
 * healthy track has one; every gap adds one.
 */
export class Runs {
  readonly #starts: number[] = [];
  readonly #ends: number[] = [];

  /** Number of ranges. */
  get count(): number {
    return this.#starts.length;
  }

  /** End of the last range, or `-Infinity`. */
  get end(): number {
    return this.#ends.length === 0 ? -Infinity : this.#ends[this.#ends.length - 1];
  }

  /** Start of the last range, or `Infinity`. */
  get lastStart(): number {
    return this.#starts.length === 0 ? Infinity : this.#starts[this.#starts.length - 1];
  }

  /** Where the range before the last one ends, or `-Infinity`. */
  get endBeforeLast(): number {
    return this.#ends.length < 2 ? -Infinity : this.#ends[this.#ends.length - 2];
  }

  /** End of the range that holds `position`, or `position` itself where there is none. */
  endAt(position: number): number {
    const index = this.#firstEndingAfter(position);
    return this.#starts[index] <= position ? this.#ends[index] : position;
  }

  /** The first position at or after `position` that is in a range, or `Infinity`. */
  nextAt(position: number): number {
    const index = this.#firstEndingAfter(position);
    return index < this.#starts.length ? Math.max(position, this.#starts[index]) : Infinity;
  }

  /** Adds a range and merges it with those it meets. */
  add(start: number, end: number): void {
    if (end <= start) return;
    const last = this.#starts.length - 1;
    if (last >= 0 && start >= this.#starts[last] && start <= this.#ends[last]) {
      if (end > this.#ends[last]) this.#ends[last] = end;
      return;
    }
    const first = this.#firstEndingAfter(start - 1);
    let behind = first;
    while (behind <= last && this.#starts[behind] <= end) behind++;
    const merged = behind > first;
    const mergedStart = merged ? Math.min(start, this.#starts[first]) : start;
    const mergedEnd = merged ? Math.max(end, this.#ends[behind - 1]) : end;
    this.#starts.splice(first, behind - first, mergedStart);
    this.#ends.splice(first, behind - first, mergedEnd);
  }

  /** Forgets everything before `position`. */
  removeBefore(position: number): void {
    const gone = this.#firstEndingAfter(position);
    if (gone > 0) {
      this.#starts.splice(0, gone);
      this.#ends.splice(0, gone);
    }
    if (this.#starts.length > 0 && this.#starts[0] < position) this.#starts[0] = position;
  }

  /** Forgets everything from `position` on. */
  removeFrom(position: number): void {
    while (this.#starts.length > 0 && this.#starts[this.#starts.length - 1] >= position) {
      this.#starts.pop();
      this.#ends.pop();
    }
    const last = this.#ends.length - 1;
    if (last >= 0 && this.#ends[last] > position) this.#ends[last] = position;
  }
  /** By bisection: a hostile sender can make thousands of ranges. */
  #firstEndingAfter(position: number): number {
    let low = 0;
    let high = this.#ends.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#ends[middle] > position) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}
