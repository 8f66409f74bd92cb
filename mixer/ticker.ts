import type { Clock, TimerHandle } from "./clock.ts";

/** Options of a {@linkcode Ticker}. */
export interface TickerOptions {
  /**
   * Time between two ticks of one subscriber, ms.
   * @default {50}
   */
  periodMs?: number;
  /**
   * Phases a period is divided into. Subscribers of different phases are woken at different times,
   * which spreads the work of many calls over the period.
   * @default {10}
   */
  phases?: number;
  /**
   * From so many subscribers on, they are woken in two groups a period: the code and the sockets of many
   * calls in a row cost a fifth less than of a few at a time, and no tick comes more than half a period
   * late for it.
   * @default {50}
   */
  crowd?: number;
  /**
   * A wake-up later than this first yields to I/O, ms: after a stall the timer may run before the
   * messages that wait in the sockets, and what they bring belongs into the frames that are due.
   * @default {20}
   */
  lateMs?: number;
  /**
   * How long a late wake-up yields, ms.
   * @default {15}
   */
  yieldMs?: number;
  /** Is told how late each wake-up was, ms; a late one counts once. */
  onWake?: (lateMs: number) => void;
}

/** How long a measured stall excuses audio that was held up by it, ms. */
const LAG_MEMORY_MS = 200;

/** Called once a period with the monotonic time in ms; derives from it what is due. */
export type TickCallback = (nowMs: number) => void;

/** An object of its own, so that one callback may be subscribed twice. */
interface Subscription {
  readonly callback: TickCallback;
}

/**
 * One timer for all calls of a process. It corrects itself against the monotonic clock, so it never
 * drifts, and it sleeps while nobody subscribes.
 */
export class Ticker {
  readonly #clock: Clock;
  readonly #phaseMs: number;
  readonly #crowd: number;
  readonly #lateMs: number;
  readonly #yieldMs: number;
  readonly #onWake: ((lateMs: number) => void) | undefined;
  readonly #originMs: number;
  readonly #phases: Set<Subscription>[];
  #subscribers = 0;
  /** Number of the next phase to run, counted since the origin. */
  #next = 0;
  /** Number of the phase at which it and those up to there are run: the same, or the last of a group. */
  #wakeAt = 0;
  #timer: TimerHandle;
  #armed = false;
  #stallMs = 0;
  #stallEndMs = -Infinity;
  #yielded = false;

  constructor(clock: Clock, options: TickerOptions = {}) {
    const { periodMs = 50, phases = 10, crowd = 50, lateMs = 20, yieldMs = 15 } = options;
    this.#clock = clock;
    this.#phaseMs = periodMs / phases;
    this.#crowd = crowd;
    this.#lateMs = lateMs;
    this.#yieldMs = yieldMs;
    this.#onWake = options.onWake;
    this.#originMs = clock.now();
    this.#phases = Array.from({ length: phases }, () => new Set<Subscription>());
  }

  /**
   * Calls `callback` once a period, in the first phase that is not before `phaseMs`.
   *
   * @param phaseMs any instant on the clock; the ticks fall on it or up to one phase after it, in a crowd
   *   up to half a period
   * @returns ends the subscription; idempotent
   */
  subscribe(phaseMs: number, callback: TickCallback): () => void {
    const number = Math.ceil((phaseMs - this.#originMs) / this.#phaseMs - 1e-6);
    const phase = this.#phases[modulo(number, this.#phases.length)];
    const subscription = { callback };
    phase.add(subscription);
    this.#subscribers++;
    if (this.#subscribers === 1) {
      this.#next = Math.ceil((this.#clock.now() - this.#originMs) / this.#phaseMs);
    }
    // While a late wake-up yields, its timer is armed already and must not be hastened.
    if (!this.#yielded) this.#arm();
    return () => {
      if (!phase.delete(subscription)) return;
      this.#subscribers--;
      if (this.#subscribers === 0) this.#disarm();
    };
  }

  /**
   * How far the event loop lags behind, in ms: by how much the next wake-up is overdue at `nowMs`, or
   * the lateness of a wake-up a moment ago. Audio that arrives with such a delay was not late.
   */
  lagMs(nowMs: number): number {
    const overdueMs = this.#armed ? nowMs - this.#dueMs() : 0;
    const stallMs = nowMs - this.#stallEndMs <= LAG_MEMORY_MS ? this.#stallMs : 0;
    return Math.max(0, overdueMs, stallMs);
  }

  #dueMs(): number {
    return this.#originMs + this.#wakeAt * this.#phaseMs;
  }

  /** Phases that are run together. */
  get #stride(): number {
    return this.#subscribers < this.#crowd ? 1 : Math.ceil(this.#phases.length / 2);
  }

  /** Sets the timer for the next phase that has subscribers, or for the end of its group. */
  #arm(): void {
    if (this.#subscribers === 0) return;
    this.#disarm();
    for (let step = 0; step < this.#phases.length; step++) {
      if (this.#phases[modulo(this.#next, this.#phases.length)].size > 0) break;
      this.#next++;
    }
    const nowMs = this.#clock.now();
    const stride = this.#stride;
    const wakeAt = Math.ceil((this.#next + 1) / stride) * stride - 1;
    // A crowd that has just become one no more was not late: its group is waited for as before.
    const isPast = this.#originMs + wakeAt * this.#phaseMs < nowMs;
    if (!isPast || wakeAt > this.#wakeAt) this.#wakeAt = wakeAt;
    this.#armed = true;
    const delayMs = Math.max(0, this.#dueMs() - nowMs);
    this.#timer = this.#clock.setTimeout(this.#wake, delayMs);
  }

  #disarm(): void {
    if (!this.#armed) return;
    this.#armed = this.#yielded = false;
    this.#clock.clearTimeout(this.#timer);
  }

  readonly #wake = (): void => {
    const nowMs = this.#clock.now();
    const lateMs = nowMs - this.#dueMs();
    if (!this.#yielded) this.#onWake?.(lateMs);
    if (lateMs > this.#lateMs) {
      this.#stallMs = lateMs;
      this.#stallEndMs = nowMs;
      if (!this.#yielded) {
        this.#yielded = true;
        this.#timer = this.#clock.setTimeout(this.#wake, this.#yieldMs);
        return;
      }
    }
    this.#armed = this.#yielded = false;
    // A platform timer may fire a fraction early; its phase is due all the same.
    const current = Math.max(this.#wakeAt, Math.floor((nowMs - this.#originMs) / this.#phaseMs));
    const first = Math.max(this.#next, current - this.#phases.length + 1);
    try {
      for (let number = first; number <= current; number++) {
        const phase = this.#phases[modulo(number, this.#phases.length)];
        for (const { callback } of phase) callback(nowMs);
      }
    } finally {
      // Whatever a callback throws, the other calls go on.
      this.#next = current + 1;
      this.#arm();
    }
  };
}

function modulo(value: number, divisor: number): number {
  return ((value % divisor) + divisor) % divisor;
}
