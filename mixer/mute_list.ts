import { Runs } from "./runs.ts";
import type { Mutes } from "./track_reader.ts";

/** The pauses of a call: ranges of positions in which nothing may be heard or stored. */
export class MuteList implements Mutes {
  /** The last one has no end as long as the pause lasts. */
  readonly #pauses = new Runs();

  /** Number of pauses that are remembered. */
  get count(): number {
    return this.#pauses.count;
  }

  /** Whether a pause has begun and not ended. */
  get active(): boolean {
    return this.#pauses.end === Infinity;
  }

  /** Begins a pause at `position`; nothing changes during one. */
  begin(position: number): void {
    this.#pauses.add(position, Infinity);
  }

  /** Ends the pause at `position`, if there is one. */
  end(position: number): void {
    if (this.active) this.#pauses.removeFrom(position);
  }

  /** The first muted position at or after `position`, or `Infinity`. */
  nextAt(position: number): number {
    return this.#pauses.nextAt(position);
  }

  /** Where the pause that covers `position` ends, or `position` itself. */
  endAt(position: number): number {
    return this.#pauses.endAt(position);
  }

  /** Forgets the pauses that ended before `position`, which bounds the list by the time it covers. */
  removeBefore(position: number): void {
    this.#pauses.removeBefore(position);
  }
}
