import type { Clock } from "../mixer/clock.ts";
import { convertedStream } from "./converted_stream.ts";
import type { ExportedRecording, ExportView } from "./export_view.ts";
import type { FlacEncoder } from "./flac_encoder.ts";
import type { FlacPool } from "./flac_pool.ts";

/** Options of {@linkcode exportFlac}. */
export interface FlacExportOptions {
  pool: FlacPool;
  clock: Clock;
  /**
   * A reader that takes nothing for so long loses its encoder to those who wait, ms.
   *
   * @default {30_000}
   */
  maxStallMs?: number;
  /**
   * How long a reader may make its encoder wait in all, ms: a slow line may, one who plays for time not.
   *
   * @default {600_000}
   */
  maxIdleMs?: number;
}

/**
 * The samples of `view` as FLAC (RFC 9639), bit-exact, encoded as fast as it is read and no faster.
 * The encoder is given back when the stream ends, fails or is cancelled.
 *
 * @throws {FlacPoolBusyError} when no encoder is free in time
 * @throws {Error} when the encoder cannot begin
 */
export async function exportFlac(
  recording: Pick<ExportedRecording, "read">,
  view: ExportView,
  options: FlacExportOptions,
): Promise<ReadableStream<Uint8Array<ArrayBuffer>>> {
  const { pool } = options;
  const { sampleRate, channels, start, end } = view;
  const encoder = await pool.acquire();
  try {
    const head = await encoder.begin({ sampleRate, channels, samples: end - start });
    const samples = convertedStream(recording, view).getReader();
    return new ReadableStream(new FlacSource(head, samples, encoder, options), {
      highWaterMark: 0,
    });
  } catch (error) {
    pool.release(encoder);
    throw error;
  }
}

type Controller = ReadableStreamDefaultController<Uint8Array<ArrayBuffer>>;

class FlacSource implements UnderlyingDefaultSource<Uint8Array<ArrayBuffer>> {
  /** Goes out first, then nothing is left of it. */
  #head: Uint8Array<ArrayBuffer>;
  readonly #samples: ReadableStreamDefaultReader<Uint8Array<ArrayBuffer>>;
  readonly #encoder: FlacEncoder;
  readonly #options: FlacExportOptions;
  #hasEnded = false;
  #stallTimer: unknown;
  #idleMs = 0;
  #idleSinceMs = 0;

  constructor(
    head: Uint8Array<ArrayBuffer>,
    samples: ReadableStreamDefaultReader<Uint8Array<ArrayBuffer>>,
    encoder: FlacEncoder,
    options: FlacExportOptions,
  ) {
    this.#head = head;
    this.#samples = samples;
    this.#encoder = encoder;
    this.#options = options;
  }

  start(controller: Controller): void {
    this.#watch(controller);
  }

  async pull(controller: Controller): Promise<void> {
    const { clock } = this.#options;
    clock.clearTimeout(this.#stallTimer);
    this.#idleMs += clock.now() - this.#idleSinceMs;
    try {
      const { bytes, isLast } = await this.#encodeNext();
      if (this.#hasEnded) return;
      if (bytes.length > 0) controller.enqueue(bytes);
      if (!isLast) return this.#watch(controller);
      controller.close();
      this.#hasEnded = true;
      this.#options.pool.release(this.#encoder);
    } catch (error) {
      await this.cancel(error);
      throw error;
    }
  }

  async cancel(reason?: unknown): Promise<void> {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#options.clock.clearTimeout(this.#stallTimer);
    const isClosed = this.#samples.cancel(reason).catch(() => {});
    await this.#encoder.abandon();
    this.#options.pool.release(this.#encoder);
    await isClosed;
  }

  /** At least one byte more of the file, unless these are the last. */
  async #encodeNext(): Promise<{ bytes: Uint8Array<ArrayBuffer>; isLast: boolean }> {
    if (this.#head.length > 0) {
      const bytes = this.#head;
      this.#head = new Uint8Array(0);
      return { bytes, isLast: false };
    }
    for (;;) {
      const { done, value } = await this.#samples.read();
      // Cancelled meanwhile: the encoder may already be another stream's.
      if (this.#hasEnded) return { bytes: new Uint8Array(0), isLast: true };
      if (done) return { bytes: await this.#encoder.finish(), isLast: true };
      const bytes = await this.#encoder.encode(new Int16Array(value.buffer));
      if (bytes.length > 0 || this.#hasEnded) return { bytes, isLast: false };
    }
  }

  /** Begins to wait for the reader. */
  #watch(controller: Controller): void {
    const { clock, maxStallMs = 30_000, maxIdleMs = 600_000 } = this.#options;
    this.#idleSinceMs = clock.now();
    const leftMs = Math.max(0, Math.min(maxStallMs, maxIdleMs - this.#idleMs));
    this.#stallTimer = clock.setTimeout(() => {
      controller.error(new Error(`Cannot go on: nothing was read for ${leftMs} ms`));
      void this.cancel();
    }, leftMs);
  }
}
