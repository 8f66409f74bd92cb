/**
 * Time, injected. Everything in Earshot that waits or measures takes a {@linkcode Clock}, so that a
 * 30 minute call can be tested in a second with {@linkcode ManualClock}.
 *
 * @module
 */

/** Opaque handle of a pending timer. */
export type TimerHandle = unknown;

/** A source of time and timers. All durations and instants are in milliseconds. */
export interface Clock {
  /** Monotonic time, fractional. Only differences mean anything. */
  now(): number;
  /** Wall time since the Unix epoch. For people and manifests, never for audio positions. */
  wallTime(): number;
  /** Calls `callback` once, not before `delayMs` have passed. */
  setTimeout(callback: () => void, delayMs: number): TimerHandle;
  /** Forgets a timer. A handle that has already fired is ignored. */
  clearTimeout(handle: TimerHandle): void;
}

/** The real clock of this process: the only place where audio code touches the platform's time. */
export const systemClock: Clock = {
  now: () => performance.now(),
  wallTime: () => Date.now(),
  // The platform cuts fractions off, and would fire up to a millisecond early.
  setTimeout: (callback, delayMs) => setTimeout(callback, Math.ceil(delayMs)),
  clearTimeout: (handle) => clearTimeout(handle as number),
};

/** Waits for a promise, but no longer than `ms`; returns whether it has settled. Never rejects. */
export async function settlesWithin(
  clock: Clock,
  ms: number,
  promise: Promise<unknown>,
): Promise<boolean> {
  const { promise: timeout, resolve } = Promise.withResolvers<boolean>();
  const timer = clock.setTimeout(() => resolve(false), ms);
  const settled = promise.then(() => true, () => true);
  const isSettled = await Promise.race([settled, timeout]);
  clock.clearTimeout(timer);
  return isSettled;
}

interface ManualTimer {
  dueMs: number;
  callback: () => void;
}

/** A clock that moves only when told to. Timers fire in order of their due time. */
export class ManualClock implements Clock {
  #nowMs: number;
  #wallOffsetMs: number;
  #timers: ManualTimer[] = [];

  /**
   * @param nowMs what {@linkcode now} answers at first
   * @param wallTimeMs what {@linkcode wallTime} answers at first
   */
  constructor(nowMs: number = 0, wallTimeMs: number = Date.UTC(2026, 0, 1)) {
    this.#nowMs = nowMs;
    this.#wallOffsetMs = wallTimeMs - nowMs;
  }

  now(): number {
    return this.#nowMs;
  }

  wallTime(): number {
    return this.#nowMs + this.#wallOffsetMs;
  }

  /** Sets the wall clock, as an operator or NTP does; the monotonic time and timers do not notice. */
  setWallTime(wallTimeMs: number): void {
    this.#wallOffsetMs = wallTimeMs - this.#nowMs;
  }

  setTimeout(callback: () => void, delayMs: number): TimerHandle {
    const timer = { dueMs: this.#nowMs + Math.max(0, delayMs), callback };
    // Behind all timers due at the same time, so that equal timers fire in the order they were set.
    let index = this.#timers.length;
    while (index > 0 && this.#timers[index - 1].dueMs > timer.dueMs) index--;
    this.#timers.splice(index, 0, timer);
    return timer;
  }

  clearTimeout(handle: TimerHandle): void {
    const index = this.#timers.indexOf(handle as ManualTimer);
    if (index >= 0) this.#timers.splice(index, 1);
  }

  /** Number of timers that have not fired. */
  get pendingTimers(): number {
    return this.#timers.length;
  }

  /**
   * Moves time forward by `ms` and fires what falls due, letting promise reactions run after each
   * timer so that stream pipelines make progress.
   */
  async advance(ms: number): Promise<void> {
    const untilMs = this.#nowMs + ms;
    while (this.#timers.length > 0 && this.#timers[0].dueMs <= untilMs) {
      const timer = this.#timers.shift()!;
      this.#nowMs = Math.max(this.#nowMs, timer.dueMs);
      timer.callback();
      await settle();
    }
    this.#nowMs = untilMs;
    await settle();
  }

  /**
   * Moves time forward without firing anything, as a stalled event loop does. Overdue timers fire at
   * the next {@linkcode advance}.
   */
  stall(ms: number): void {
    this.#nowMs += ms;
  }
}

/** Lets queued promise reactions run; a Web Streams tee needs about a dozen turns for one chunk. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 24; turn++) await null;
}
