import type { Ticker } from "./ticker.ts";

/** What a {@linkcode TickedStream} asks for its chunks. */
export interface TickedSource<T> {
  /** The next chunk if it is due at `nowMs`. */
  next(nowMs: number): T | undefined;
  /** Whether there will be no more chunks. */
  ended(): boolean;
}

/**
 * A ReadableStream that gives what is due on the shared ticker. Its `pull` waits for the tick, so a
 * reader that stops reading stops the source. After a stall each chunk follows as soon as the one
 * before it is taken: the source is never far ahead of its reader.
 */
export class TickedStream<T> {
  readonly readable: ReadableStream<T>;
  readonly #source: TickedSource<T>;
  readonly #unsubscribe: () => void;
  #controller!: ReadableStreamDefaultController<T>;
  #isWanted = false;
  #nowMs = -Infinity;

  /** @param phaseMs an instant on the clock at which, and every period after which, chunks fall due */
  constructor(ticker: Ticker, phaseMs: number, source: TickedSource<T>) {
    this.#source = source;
    this.#unsubscribe = ticker.subscribe(phaseMs, (nowMs) => this.wake(nowMs));
    this.readable = new ReadableStream<T>({
      start: (controller) => {
        this.#controller = controller;
      },
      // Answers at the next tick, if not at once: enqueuing then makes the stream pull again, without a
      // promise for every chunk.
      pull: () => {
        this.#isWanted = !this.#give();
      },
      cancel: () => {
        this.#unsubscribe();
        this.#isWanted = false;
      },
    }, { highWaterMark: 0 });
  }

  /** Hands on what is due at `nowMs`; called by the ticker, or to make an end known at once. */
  wake(nowMs: number): void {
    this.#nowMs = nowMs;
    if (!this.#isWanted) return;
    this.#isWanted = false;
    if (!this.#give()) this.#isWanted = true;
  }

  /** Hands on the next chunk, the end or an error; answers whether there was one of them. */
  #give(): boolean {
    try {
      const chunk = this.#source.next(this.#nowMs);
      if (chunk !== undefined) {
        this.#controller.enqueue(chunk);
        return true;
      }
      if (!this.#source.ended()) return false;
      this.#controller.close();
    } catch (error) {
      // On the ticker it would hit all the other calls.
      this.#controller.error(error);
    }
    this.#unsubscribe();
    return true;
  }
}
