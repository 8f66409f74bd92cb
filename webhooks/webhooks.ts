import type { Clock, TimerHandle } from "../mixer/clock.ts";
import type { Delivery, DeliveryOutcome } from "./delivery.ts";
import type { QueuedMessage, WebhookQueue } from "./queue.ts";
import { LIFETIME_MS, retryDelayMs } from "./retry.ts";

/** How a message ended: `expired` after a day of failures, `dropped` because the queue was full. */
export type WebhookFate = "delivered" | "expired" | "dropped";

/** What {@linkcode Webhooks} works with. */
export interface WebhooksOptions {
  clock: Clock;
  queue: WebhookQueue;
  delivery: Pick<Delivery, "send">;
  /** Is told once when the receiver begins to fail, and of messages given up. Must not throw. */
  onWarning: (message: string) => void;
  /** Is told of every message's end and of every failed attempt. Must not throw. */
  onCount: (what: WebhookFate | "failed", count: number) => void;
  /** 0 to 1, for the spread of the retries. @default {Math.random} */
  random?: () => number;
}

/** What a receiver is told. */
export interface WebhookMessage {
  /** Such as `call.started`. */
  type: string;
  organisation: string;
  callId: string;
  /** Anything JSON can carry. */
  data: Record<string, unknown>;
}

/** Messages on their way at a time, each of another call. */
const CONCURRENCY = 8;
/** When a queue that could not be used is tried again, ms. */
const BROKEN_MS = 5000;
/** That it cannot be used is told at most this often, ms. */
const TELL_BROKEN_MS = 60_000;
/** Looked at least this often, ms: wall clocks jump. */
const LONGEST_SLEEP_MS = 60_000;
/** How long messages on their way may take when the server stops, ms. */
const LAST_MS = 1000;

/**
 * Tells a receiver over HTTP what happens to calls: in order for each call, tried again for a day, kept
 * over restarts. Whatever the receiver does, no call waits for it.
 */
export class Webhooks {
  readonly #options: Required<WebhooksOptions>;
  readonly #sending = new Set<Promise<void>>();
  readonly #stop = new AbortController();
  #timer: TimerHandle;
  #isFailing = false;
  #isFull = false;
  #isClosed = false;
  #toldBrokenMs = -Infinity;

  /** Begins with what an earlier process left in the queue. */
  constructor(options: WebhooksOptions) {
    this.#options = { random: Math.random, ...options };
    this.#pump();
  }

  /** Messages that wait or are on their way. */
  get pending(): number {
    return this.#options.queue.size;
  }

  /** Queues a message. Full, the oldest messages make room; one that cannot be written is dropped. */
  send({ type, organisation, callId, data }: WebhookMessage): void {
    if (this.#isClosed) return;
    const { clock, queue, onCount } = this.#options;
    const nowMs = clock.wallTime();
    const timestamp = new Date(nowMs).toISOString();
    const body = JSON.stringify({ type, timestamp, data: { organisation, ...data } });
    const message = { id: `msg_${crypto.randomUUID()}`, callId, body };
    const dropped = this.#use(() => queue.add(message, nowMs));
    if (dropped === undefined) return onCount("dropped", 1);
    if (dropped > 0) {
      onCount("dropped", dropped);
      if (!this.#isFull) {
        this.#options.onWarning("The webhook queue is full: the oldest messages go");
      }
    }
    this.#isFull = dropped > 0;
    this.#pump();
  }

  /** Lets messages on their way arrive for a second, and leaves the rest to the next process. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    const { clock, queue } = this.#options;
    clock.clearTimeout(this.#timer);
    const timer = clock.setTimeout(() => this.#stop.abort(), LAST_MS);
    await Promise.all(this.#sending);
    clock.clearTimeout(timer);
    queue[Symbol.dispose]();
  }

  /** Sends what is due, and sleeps until the next is. */
  #pump(): void {
    if (this.#isClosed) return;
    const { clock, queue } = this.#options;
    clock.clearTimeout(this.#timer);
    const soonestMs = this.#use(() => {
      this.#sendDue();
      return queue.soonestMs() ?? Infinity;
    }) ?? clock.wallTime() + BROKEN_MS;
    if (soonestMs === Infinity || this.#sending.size === CONCURRENCY) return;
    const sleepMs = Math.max(0, soonestMs - clock.wallTime());
    this.#timer = clock.setTimeout(() => this.#pump(), Math.min(sleepMs, LONGEST_SLEEP_MS));
  }

  #sendDue(): void {
    const { clock, queue } = this.#options;
    while (this.#sending.size < CONCURRENCY) {
      const message = queue.take(clock.wallTime());
      if (message === undefined) return;
      const sending = this.#deliver(message).finally(() => {
        this.#sending.delete(sending);
        this.#pump();
      });
      this.#sending.add(sending);
    }
  }

  /**
   * What `use` answers, or `undefined` when the queue cannot be used: its disk is full, or another
   * process has locked it. A message that was to be settled is then sent once more.
   */
  #use<T>(use: () => T): T | undefined {
    try {
      return use();
    } catch (error) {
      const nowMs = this.#options.clock.now();
      if (nowMs - this.#toldBrokenMs < TELL_BROKEN_MS) return undefined;
      this.#toldBrokenMs = nowMs;
      this.#options.onWarning(`Cannot use the webhook queue, trying again: ${error}`);
      return undefined;
    }
  }

  async #deliver(message: QueuedMessage): Promise<void> {
    const outcome = await this.#options.delivery.send(message, this.#stop.signal);
    const { clock, queue, onCount, onWarning } = this.#options;
    const nowMs = clock.wallTime();
    if (outcome.ok) {
      this.#isFailing = false;
      this.#use(() => queue.remove(message, nowMs));
      return onCount("delivered", 1);
    }
    if (this.#stop.signal.aborted) return this.#use(() => queue.release(message, nowMs));
    onCount("failed", 1);
    if (nowMs - message.createdMs >= LIFETIME_MS) {
      this.#use(() => queue.remove(message, nowMs));
      onCount("expired", 1);
      return onWarning(`Gave up a webhook of call ${message.callId}: ${outcome.reason} for a day`);
    }
    if (!this.#isFailing) onWarning(`The webhook fails, trying again for a day: ${outcome.reason}`);
    this.#isFailing = true;
    this.#use(() => queue.retry(message, nowMs + this.#delayMs(message, outcome)));
  }

  #delayMs({ failures }: QueuedMessage, outcome: DeliveryOutcome & { ok: false }): number {
    return retryDelayMs(failures + 1, this.#options.random(), outcome.retryAfterMs);
  }
}
