import type { Clock } from "../mixer/clock.ts";
import type { S3Problem } from "./s3_error.ts";

/** From which pause to which, ms; doubled every time. What an operator must mend takes longer. */
const PAUSES: Record<Exclude<S3Problem, "invalid">, { leastMs: number; mostMs: number }> = {
  away: { leastMs: 1000, mostMs: 60_000 },
  refused: { leastMs: 30_000, mostMs: 300_000 },
};

/** Counts how often S3 failed, and says how long to leave it alone. */
export class S3Backoff {
  readonly #clock: Clock;
  #failures = 0;
  /** Failures in a row, those that happened side by side counted once. */
  #inARow = 0;
  #problem: S3Problem | undefined;
  #sinceMs = 0;
  #attempts = 0;
  #lastFailedAttempt = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get failures(): number {
    return this.#failures;
  }

  get isInTrouble(): boolean {
    return this.#problem !== undefined;
  }

  /** Something is about to be tried; answers what to tell {@linkcode fail}. */
  attempt(): number {
    return ++this.#attempts;
  }

  /**
   * It failed. Answers whether nobody has been told of this kind of trouble, and how long to pause;
   * no pause when it began before the last one did, and so says nothing new.
   */
  fail(problem: keyof typeof PAUSES, attempt: number): { isNews: boolean; delayMs?: number } {
    this.#failures++;
    const isNews = this.#problem !== problem;
    if (this.#problem === undefined) this.#sinceMs = this.#clock.now();
    this.#problem = problem;
    if (attempt <= this.#lastFailedAttempt && !isNews) return { isNews };
    this.#lastFailedAttempt = this.#attempts;
    const { leastMs, mostMs } = PAUSES[problem];
    const pauseMs = Math.min(mostMs, leastMs * 2 ** this.#inARow++);
    // Not all instances at the same moment.
    return { isNews, delayMs: pauseMs * (0.5 + 0.5 * Math.random()) };
  }

  /** It worked. Answers how long it had not, ms, or `undefined` when there was no trouble. */
  succeed(): number | undefined {
    if (this.#problem === undefined) return undefined;
    this.#problem = undefined;
    this.#inARow = 0;
    return this.#clock.now() - this.#sinceMs;
  }
}
