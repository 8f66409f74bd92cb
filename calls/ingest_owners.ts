import type { TrackName } from "../mixer/inbox.ts";

/** A socket that brings audio of a call, as the call knows it. */
export interface IngestOwner {
  /** When it last said something, ms on the clock. */
  readonly heardAtMs: number;
  /** The call no longer takes anything from it: it has ended, or another took its place. */
  released(reason: string): void;
}

/** Both sides of a call. */
export const BOTH_SIDES: readonly TrackName[] = ["user", "bot"];

/** The sockets that bring a call's audio: one for both sides, or one for each. */
export class IngestOwners {
  readonly #bySide = new Map<TrackName, IngestOwner>();

  /** Whether nobody brings anything. */
  get isEmpty(): boolean {
    return this.#bySide.size === 0;
  }

  /** When one of those who bring these sides last said something, ms; `-Infinity` without any. */
  heardAtMs(sides: readonly TrackName[]): number {
    return Math.max(...sides.map((side) => this.#bySide.get(side)?.heardAtMs ?? -Infinity));
  }

  /**
   * From now on these sides are `owner`'s.
   *
   * @returns those whose place it took, who bring no side any more
   */
  assign(owner: IngestOwner, sides: readonly TrackName[]): Set<IngestOwner> {
    const before = new Set<IngestOwner>();
    for (const side of sides) {
      const previous = this.#bySide.get(side);
      if (previous !== undefined) before.add(previous);
    }
    for (const previous of before) this.delete(previous);
    for (const side of sides) this.#bySide.set(side, owner);
    return before;
  }

  /** Returns the sides that were the owner's. */
  delete(owner: IngestOwner): TrackName[] {
    const sides = BOTH_SIDES.filter((side) => this.#bySide.get(side) === owner);
    for (const side of sides) this.#bySide.delete(side);
    return sides;
  }

  /** Returns all who brought something, and forgets them. */
  clear(): Set<IngestOwner> {
    const owners = new Set(this.#bySide.values());
    this.#bySide.clear();
    return owners;
  }
}
