/** How many sequence numbers back a repetition is recognised. */
const WINDOW = 1024;

/** Tells repeated messages from reordered ones by their sequence numbers. Holds the last 1024. */
export class SequenceWindow {
  #seen: Float64Array | undefined;

  /** Whether `sequence` was seen among the last 1024; notes it. A whole number from 0. */
  isRepeated(sequence: number): boolean {
    this.#seen ??= new Float64Array(WINDOW).fill(-1);
    const slot = sequence % WINDOW;
    if (this.#seen[slot] === sequence) return true;
    this.#seen[slot] = sequence;
    return false;
  }

  /** Forgets everything: the sender counts anew. */
  reset(): void {
    this.#seen?.fill(-1);
  }
}
