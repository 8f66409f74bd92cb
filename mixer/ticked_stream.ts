import type { Ticker } from "./ticker.ts";

/** Most chunks one wake-up hands on; after a stall the rest follows as soon as these are taken. */
const BURST = 8;

/** What a {@linkcode TickedStream} asks for its chunks. */
export interface TickedSource<T> {
  /** The next chunk if it is due at `nowMs`. */
  next(nowMs: number): T | undefined;
  /** Whether there will be no more chunks. */
  ended(): boolean;
}

/**
 * A ReadableStream that gives what is due on the shared ticker. Its `pull` waits for the tick, so a
 * reader that stops reading stops the source.
 */
export class TickedStream<T> {
  readonly readable: ReadableStream<T>;
  readonly #source: TickedSource<T>;
  readonly #unsubscribe: () => void;
  #controller!: ReadableStreamDefaultController<T>;
  #resolvePull: (() => void) | undefined;
  #nowMs = 0;

  /** @param phaseMs an instant on the clock at which, and every period after which, chunks fall due */
  constructor(ticker: Ticker, phaseMs: number, source: TickedSource<T>) {
    this.#source = source;
    this.#unsubscribe = ticker.subscribe(phaseMs, (nowMs) => this.wake(nowMs));
    this.readable = new ReadableStream<T>({
      start: (controller) => {
        this.#controller = controller;
      },
      pull: () => {
        if (this.#give()) return;
        return new Promise<void>((resolve) => {
          this.#resolvePull = resolve;
        });
      },
      cancel: () => {
        this.#unsubscribe();
        this.#resolvePull = undefined;
      },
    }, { highWaterMark: 1 });
  }

  /** Hands on what is due at `nowMs`; called by the ticker, or to make an end known at once. */
  wake(nowMs: number): void {
    this.#nowMs = nowMs;
    const resolve = this.#resolvePull;
    if (resolve === undefined || !this.#give()) return;
    this.#resolvePull = undefined;
    resolve();
  }

  /** Enqueues what is due; answers whether there was anything. */
  #give(): boolean {
    let given = 0;
    while (given < BURST) {
      const chunk = this.#source.next(this.#nowMs);
      if (chunk === undefined) break;
      this.#controller.enqueue(chunk);
      given++;
    }
    if (given < BURST && this.#source.ended()) {
      this.#unsubscribe();
      this.#controller.close();
      return true;
    }
    return given > 0;
  }
}
