import type { Clock } from "../mixer/clock.ts";
import { FlacEncoder } from "./flac_encoder.ts";

/** How many streams a {@linkcode FlacPool} encodes, and how long others wait. */
export interface FlacPoolOptions {
  clock: Clock;
  /** Streams encoded at the same time, each on a thread of its own. @default {2} */
  maxActive?: number;
  /** Streams that wait for one of these to end. @default {4 * maxActive} */
  maxWaiting?: number;
  /** How long one waits, ms. @default {20_000} */
  maxWaitMs?: number;
  /** Makes an encoder when all others are busy or gone. @default {a `FlacEncoder`} */
  createEncoder?: () => FlacEncoder;
}

/** All encoders are busy, and as many streams wait as may; or it took too long. */
export class FlacPoolBusyError extends Error {
  override readonly name = "FlacPoolBusyError";

  constructor(maxActive: number) {
    super(`Cannot encode FLAC: ${maxActive} recordings are being converted, try again later`);
  }
}

interface Waiter {
  resolve(encoder: FlacEncoder): void;
}

/**
 * The encoders of this process. Threads begin when they are first needed and are used again; one that
 * broke is replaced by the next that is needed.
 */
export class FlacPool {
  readonly #clock: Clock;
  readonly #maxActive: number;
  readonly #maxWaiting: number;
  readonly #maxWaitMs: number;
  readonly #createEncoder: () => FlacEncoder;
  readonly #idle: FlacEncoder[] = [];
  readonly #active = new Set<FlacEncoder>();
  /** Who came first is served first. */
  readonly #waiting = new Set<Waiter>();
  #refused = 0;
  #broken = 0;
  #isClosed = false;

  /** @throws {RangeError} when `maxActive` is not a positive integer */
  constructor(options: FlacPoolOptions) {
    const { clock, maxActive = 2, maxWaitMs = 20_000 } = options;
    if (!Number.isSafeInteger(maxActive) || maxActive < 1) {
      throw new RangeError(
        `Cannot create pool: maxActive must be a positive integer, received ${maxActive}`,
      );
    }
    this.#clock = clock;
    this.#maxActive = maxActive;
    this.#maxWaiting = options.maxWaiting ?? 4 * maxActive;
    this.#maxWaitMs = maxWaitMs;
    this.#createEncoder = options.createEncoder ?? (() => new FlacEncoder({ clock }));
  }

  /** Streams being encoded now. */
  get active(): number {
    return this.#active.size;
  }

  /** Streams that wait for an encoder. */
  get waiting(): number {
    return this.#waiting.size;
  }

  /** Streams refused since the start. */
  get refused(): number {
    return this.#refused;
  }

  /** Encoders that broke since the start. */
  get broken(): number {
    return this.#broken;
  }

  /**
   * An encoder, to be given back with {@linkcode release} whatever becomes of the stream.
   *
   * @throws {FlacPoolBusyError} when too many wait, or it took too long
   */
  async acquire(): Promise<FlacEncoder> {
    if (this.#isClosed) throw this.#refusal();
    if (this.#active.size < this.#maxActive) return this.#take();
    if (this.#waiting.size >= this.#maxWaiting) throw this.#refusal();
    const { promise, resolve, reject } = Promise.withResolvers<FlacEncoder>();
    const waiter = { resolve };
    const timer = this.#clock.setTimeout(() => reject(this.#refusal()), this.#maxWaitMs);
    this.#waiting.add(waiter);
    try {
      return await promise;
    } finally {
      this.#waiting.delete(waiter);
      this.#clock.clearTimeout(timer);
    }
  }

  /** Takes an encoder back, and gives it to who waits longest. To be called once. */
  release(encoder: FlacEncoder): void {
    if (!this.#active.delete(encoder)) return;
    if (encoder.isBroken) this.#broken++;
    else if (this.#isClosed) encoder.close();
    else this.#idle.push(encoder);
    const [waiter] = this.#waiting;
    if (waiter === undefined || this.#isClosed) return;
    this.#waiting.delete(waiter);
    waiter.resolve(this.#take());
  }

  /** Ends all threads; streams that are being encoded fail. Idempotent. */
  close(): void {
    this.#isClosed = true;
    for (const encoder of [...this.#idle, ...this.#active]) encoder.close();
    this.#idle.length = 0;
  }

  #take(): FlacEncoder {
    const encoder = this.#idle.pop() ?? this.#createEncoder();
    this.#active.add(encoder);
    return encoder;
  }

  #refusal(): FlacPoolBusyError {
    this.#refused++;
    return new FlacPoolBusyError(this.#maxActive);
  }
}
