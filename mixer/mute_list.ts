import type { Mutes } from "./track_reader.ts";

/** The pauses of a call: ranges of positions in which nothing may be heard or stored. */
export class MuteList implements Mutes {
  readonly #starts: number[] = [];
  readonly #ends: number[] = [];

  /** Whether a pause has begun and not ended. */
  get active(): boolean {
    return this.#ends.length > 0 && this.#ends[this.#ends.length - 1] === Infinity;
  }

  /** Begins a pause at `position`; nothing changes during one. */
  begin(position: number): void {
    if (this.active) return;
    this.#starts.push(position);
    this.#ends.push(Infinity);
  }

  /** Ends the pause at `position`, if there is one. */
  end(position: number): void {
    if (this.active) this.#ends[this.#ends.length - 1] = position;
  }

  /** The first muted position at or after `position`, or `Infinity`. */
  nextAt(position: number): number {
    for (let index = 0; index < this.#starts.length; index++) {
      if (this.#ends[index] > position) return Math.max(position, this.#starts[index]);
    }
    return Infinity;
  }

  /** Where the pause that covers `position` ends, or `position` itself. */
  endAt(position: number): number {
    for (let index = 0; index < this.#starts.length; index++) {
      if (this.#starts[index] <= position && position < this.#ends[index]) return this.#ends[index];
    }
    return position;
  }

  /** Forgets the pauses that ended before `position`, which bounds the list by the time it covers. */
  removeBefore(position: number): void {
    while (this.#ends.length > 0 && this.#ends[0] <= position) {
      this.#starts.shift();
      this.#ends.shift();
    }
  }
}
