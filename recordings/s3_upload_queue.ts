import type { Clock, TimerHandle } from "../mixer/clock.ts";
import { S3Backoff } from "./s3_backoff.ts";
import { S3Error } from "./s3_error.ts";

/** `again`: there is more to do; `wait`: not now, it is pushed when there is; `done`: for good. */
export type StepResult = "again" | "wait" | "done";

/** Something to be done in S3, in steps of a few requests. */
export interface QueuedUpload {
  /** Does the next step. One that rejects is done again. @throws {S3Error} */
  step(): Promise<StepResult>;
  /** Begins anew what S3 found wrong; answers whether that is worth another try. */
  restart(): boolean;
}

/** What a queue tells. None of these may throw. */
export interface UploadQueueHost<U extends QueuedUpload> {
  /** S3 does not do what it is asked to; everything is tried again. Once for each kind of trouble. */
  onTrouble(error: S3Error): void;
  /** S3 does it again, after so long. */
  onRelief(ms: number): void;
  onDone(upload: U): void;
  /** Nothing can be done about an upload any more: what is pushed of it is left alone. */
  onStuck(upload: U, error: unknown): void;
}

/**
 * Does the steps of many uploads, some at a time and all in turn. When S3 fails, they all pause
 * together, longer every time, and then one of them tries.
 */
export class UploadQueue<U extends QueuedUpload> {
  readonly #clock: Clock;
  readonly #concurrency: number;
  readonly #host: UploadQueueHost<U>;
  readonly #backoff: S3Backoff;
  /** Those that have something to do, in their order. */
  readonly #ready = new Set<U>();
  readonly #running = new Map<U, Promise<void>>();
  /** Running ones that have even more to do. */
  readonly #pushed = new Set<U>();
  readonly #removed = new WeakSet<U>();
  #timer: TimerHandle | undefined;
  #isClosed = false;
  #idle = Promise.withResolvers<void>();

  constructor(clock: Clock, concurrency: number, host: UploadQueueHost<U>) {
    this.#clock = clock;
    this.#concurrency = concurrency;
    this.#host = host;
    this.#backoff = new S3Backoff(clock);
  }

  /** Failed steps since the start. */
  get failures(): number {
    return this.#backoff.failures;
  }

  /** Whether S3 failed the last time. */
  get isInTrouble(): boolean {
    return this.#backoff.isInTrouble;
  }

  /** There is something to do for an upload. */
  push(upload: U): void {
    if (this.#isClosed || this.#removed.has(upload)) return;
    if (this.#running.has(upload)) this.#pushed.add(upload);
    else this.#ready.add(upload);
    this.#run();
  }

  /** Does nothing more for an upload; settles when the step that it is at is over. */
  async remove(upload: U): Promise<void> {
    this.#removed.add(upload);
    this.#ready.delete(upload);
    await this.#running.get(upload);
  }

  /** Takes back one that was removed. */
  restore(upload: U): void {
    this.#removed.delete(upload);
    this.push(upload);
  }

  /** Settles when there is nothing to do, or nothing that S3 would take now. */
  async idle(): Promise<void> {
    while (!this.#isIdle) await this.#idle.promise;
  }

  /** Begins nothing more; settles when all steps are over. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#clock.clearTimeout(this.#timer);
    await Promise.all(this.#running.values());
  }

  get #isIdle(): boolean {
    if (this.#running.size > 0) return false;
    return this.#ready.size === 0 || this.#timer !== undefined || this.#isClosed;
  }

  #run(): void {
    const limit = this.#backoff.isInTrouble ? 1 : this.#concurrency;
    while (!this.#isClosed && this.#timer === undefined && this.#running.size < limit) {
      const [upload] = this.#ready;
      if (upload === undefined) break;
      this.#ready.delete(upload);
      this.#running.set(upload, this.#step(upload));
    }
    if (!this.#isIdle) return;
    this.#idle.resolve();
    this.#idle = Promise.withResolvers();
  }

  async #step(upload: U): Promise<void> {
    const attempt = this.#backoff.attempt();
    let hasMore = false;
    try {
      const result = await upload.step();
      if (result !== "wait") this.#succeeded();
      hasMore = result === "again";
      if (result === "done") this.#host.onDone(upload);
    } catch (error) {
      hasMore = this.#failed(upload, error, attempt);
    }
    this.#running.delete(upload);
    const wasPushed = this.#pushed.delete(upload);
    if ((hasMore || wasPushed) && !this.#removed.has(upload)) this.#ready.add(upload);
    this.#run();
  }

  #succeeded(): void {
    const troubleMs = this.#backoff.succeed();
    if (troubleMs !== undefined) this.#host.onRelief(troubleMs);
  }

  /** Answers whether the upload is to be tried again. */
  #failed(upload: U, error: unknown, attempt: number): boolean {
    if (this.#isClosed) return false;
    if (error instanceof S3Error && error.problem !== "invalid") {
      const { isNews, delayMs } = this.#backoff.fail(error.problem, attempt);
      if (isNews) this.#host.onTrouble(error);
      if (delayMs !== undefined) this.#pause(delayMs);
      return true;
    }
    if (error instanceof S3Error && upload.restart()) return true;
    this.#removed.add(upload);
    this.#host.onStuck(upload, error);
    return false;
  }

  #pause(ms: number): void {
    this.#clock.clearTimeout(this.#timer);
    this.#timer = this.#clock.setTimeout(() => {
      this.#timer = undefined;
      this.#run();
    }, ms);
  }
}
