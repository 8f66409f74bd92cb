/** How many sequence numbers back a repetition is recognised. */
const WINDOW = 1024;

/**
 * Tells repeated messages from reordered ones by their sequence numbers and, where there are any, their
 * media times: a sender that counts anew, or not at all, repeats nothing. Holds the last 1024.
 */
export class SequenceWindow {
  #seen: Float64Array | undefined;
  #times: Float64Array | undefined;

  /**
   * Whether `sequence` was seen among the last 1024, with the same media time; notes it.
   *
   * @param sequence a whole number from 0
   * @param mediaMs the sender's time of the message; left out, the number decides alone
   */
  isRepeated(sequence: number, mediaMs = -1): boolean {
    const seen = this.#seen ??= new Float64Array(WINDOW).fill(-1);
    const times = this.#times ??= new Float64Array(WINDOW);
    const slot = sequence % WINDOW;
    if (seen[slot] === sequence && times[slot] === mediaMs) return true;
    seen[slot] = sequence;
    times[slot] = mediaMs;
    return false;
  }

  /** Forgets everything: the sender counts anew. */
  reset(): void {
    this.#seen?.fill(-1);
  }
}
