import type { Cue } from "./cues.ts";

/**
 * Where a demo call stands in its cues, which are repeated round after round. Due times follow from
 * the start alone, so that they never drift.
 */
export class Playhead {
  readonly #cues: readonly Cue[];
  readonly #roundMs: number;
  #next = 0;
  #roundStartMs: number;

  /**
   * @param cues at least one, ordered by time, all before `roundMs`
   * @param roundMs from the start of one round to the start of the next
   * @param nowMs when the first round starts
   */
  constructor(cues: readonly Cue[], roundMs: number, nowMs: number) {
    this.#cues = cues;
    this.#roundMs = roundMs;
    this.#roundStartMs = nowMs;
  }

  /** When the next message is due. */
  get dueMs(): number {
    return this.#roundStartMs + this.#cues[this.#next].atMs;
  }

  /** Answers the next message and moves on. */
  take(): Cue["message"] {
    const { message } = this.#cues[this.#next];
    this.#advance();
    return message;
  }

  /** Leaves out everything due before `nowMs`; takes no longer after a week than after a second. */
  skipTo(nowMs: number): void {
    const rounds = Math.floor((nowMs - this.#roundStartMs) / this.#roundMs);
    if (rounds > 0) {
      this.#roundStartMs += rounds * this.#roundMs;
      this.#next = 0;
    }
    while (this.dueMs < nowMs) this.#advance();
  }

  #advance(): void {
    if (++this.#next < this.#cues.length) return;
    this.#next = 0;
    this.#roundStartMs += this.#roundMs;
  }
}
