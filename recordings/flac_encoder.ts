import type { Clock } from "../mixer/clock.ts";
import type { FlacRequest } from "./flac_worker.ts";

/** The part of a `Worker` that an encoder is driven through. */
export type FlacWorker = Pick<Worker, "postMessage" | "terminate" | "onmessage" | "onerror">;

/** Options of {@linkcode FlacEncoder}. */
export interface FlacEncoderOptions {
  clock: Clock;
  /** Where the encoding is done. @default {a new thread with flac_worker.ts} */
  createWorker?: () => FlacWorker;
  /** A worker that answers nothing for so long is given up, ms. @default {10_000} */
  maxAnswerMs?: number;
}

/** What a FLAC stream is made of. */
export interface FlacFormat {
  sampleRate: number;
  channels: 1 | 2;
  /** Length in samples per channel: players show it, so it stands at the stream's head. */
  samples: number;
}

/**
 * A FLAC encoder on a thread of its own, for one stream at a time. Each method is awaited before the
 * next is called, and answers the bytes that are ready. Once one has rejected, the worker is gone.
 */
export class FlacEncoder {
  readonly #clock: Clock;
  readonly #maxAnswerMs: number;
  readonly #worker: FlacWorker;
  #answer: PromiseWithResolvers<Uint8Array<ArrayBuffer>> | undefined;
  #isBroken = false;

  constructor(options: FlacEncoderOptions) {
    const { clock, createWorker = startWorker, maxAnswerMs = 10_000 } = options;
    this.#clock = clock;
    this.#maxAnswerMs = maxAnswerMs;
    this.#worker = createWorker();
    this.#worker.onmessage = ({ data }) => this.#answer?.resolve(data);
    this.#worker.onerror = (event) => {
      // Else the error of the worker would end the server.
      event.preventDefault();
      this.#break(event.message);
    };
  }

  /** Whether the worker is gone, and another encoder must take its place. */
  get isBroken(): boolean {
    return this.#isBroken;
  }

  /** Begins a stream, and forgets one that was not finished. */
  begin(format: FlacFormat): Promise<Uint8Array<ArrayBuffer>> {
    return this.#ask({ type: "begin", ...format });
  }

  /** Encodes interleaved samples. The buffer is the encoder's from here on. */
  encode(pcm: Int16Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
    return this.#ask({ type: "samples", pcm }, [pcm.buffer]);
  }

  /** Ends the stream. */
  finish(): Promise<Uint8Array<ArrayBuffer>> {
    return this.#ask({ type: "finish" });
  }

  /** Gives up the stream, once the encoder has answered what it was asked before. Never rejects. */
  async abandon(): Promise<void> {
    await this.#answer?.promise.catch(() => {});
    if (!this.#isBroken) this.#worker.postMessage({ type: "abandon" } satisfies FlacRequest);
  }

  /** Ends the worker; what it was asked is rejected. Idempotent. */
  close(): void {
    this.#break("it was closed");
  }

  async #ask(message: FlacRequest, transfer: Transferable[] = []) {
    if (this.#isBroken) throw new Error("Cannot encode FLAC: the encoder is gone");
    if (this.#answer !== undefined) {
      throw new TypeError("Cannot encode FLAC: the encoder has not answered yet");
    }
    this.#answer = Promise.withResolvers();
    const timer = this.#clock.setTimeout(
      () => this.#break(`it did not answer for ${this.#maxAnswerMs} ms`),
      this.#maxAnswerMs,
    );
    try {
      this.#worker.postMessage(message, transfer);
      return await this.#answer.promise;
    } finally {
      this.#answer = undefined;
      this.#clock.clearTimeout(timer);
    }
  }

  #break(reason: string): void {
    if (this.#isBroken) return;
    this.#isBroken = true;
    this.#worker.terminate();
    this.#answer?.reject(new Error(`Cannot encode FLAC: the encoder ended: ${reason}`));
  }
}

function startWorker(): FlacWorker {
  return new Worker(new URL("./flac_worker.ts", import.meta.url), { type: "module" });
}
