import type { Clock } from "../mixer/clock.ts";
import { ApiError } from "./api_error.ts";

/** Limits of {@linkcode Downloads}. */
export interface DownloadsOptions {
  clock: Clock;
  maxPerOrganisation: number;
  /** A client that takes nothing for so long is let go, ms. @default {60_000} */
  maxStallMs?: number;
}

type Bytes = Uint8Array<ArrayBuffer>;

/**
 * The recordings that are being downloaded, counted by organisation: each holds a file open, and the
 * pages of memory it is read into.
 */
export class Downloads {
  readonly #clock: Clock;
  readonly #maxPerOrganisation: number;
  readonly #maxStallMs: number;
  readonly #byOrganisation = new Map<string, number>();
  #size = 0;
  #stalled = 0;

  constructor({ clock, maxPerOrganisation, maxStallMs = 60_000 }: DownloadsOptions) {
    this.#clock = clock;
    this.#maxPerOrganisation = maxPerOrganisation;
    this.#maxStallMs = maxStallMs;
  }

  /** Number of downloads. */
  get size(): number {
    return this.#size;
  }

  /** Downloads that ended because their client took nothing, since the start. */
  get stalled(): number {
    return this.#stalled;
  }

  /**
   * Whether an organisation may begin another.
   *
   * @throws {ApiError} 429 when it may not
   */
  check(organisation: string): void {
    if ((this.#byOrganisation.get(organisation) ?? 0) < this.#maxPerOrganisation) return;
    const message = "Limit reached: as many downloads as allowed are in progress; retry later";
    throw new ApiError(429, "too_many_downloads", message);
  }

  /** The same bytes, counted until the stream ends, fails, is cancelled, or nobody takes from it. */
  track(organisation: string, source: ReadableStream<Bytes>): ReadableStream<Bytes> {
    const clock = this.#clock;
    const reader = source.getReader();
    let takenAtMs = clock.now();
    let isReading = false;
    this.#count(organisation, 1);
    const end = () => {
      clock.clearTimeout(timer);
      this.#count(organisation, -1);
    };
    // Ends a download once, whatever ends it.
    const once = (act: () => void) => () => (act(), act = () => {});
    const leave = once(end);
    let controller: ReadableStreamDefaultController<Bytes>;
    const watch = () => {
      const leftMs = takenAtMs + this.#maxStallMs - clock.now();
      if (isReading || leftMs > 0) {
        timer = clock.setTimeout(watch, isReading ? this.#maxStallMs : leftMs);
        return;
      }
      this.#stalled++;
      leave();
      controller.error(new Error(`Cannot go on: nothing was taken for ${this.#maxStallMs} ms`));
      reader.cancel().catch(() => {});
    };
    let timer = clock.setTimeout(watch, this.#maxStallMs);
    return new ReadableStream<Bytes>({
      start: (given) => void (controller = given),
      pull: async () => {
        isReading = true;
        try {
          const { done, value } = await reader.read();
          if (!done) return controller.enqueue(value);
          leave();
          controller.close();
        } catch (error) {
          leave();
          throw error;
        } finally {
          isReading = false;
          takenAtMs = clock.now();
        }
      },
      cancel: async (reason) => {
        leave();
        await reader.cancel(reason);
      },
    }, { highWaterMark: 0 });
  }

  #count(organisation: string, by: number): void {
    this.#size += by;
    const count = (this.#byOrganisation.get(organisation) ?? 0) + by;
    if (count === 0) this.#byOrganisation.delete(organisation);
    else this.#byOrganisation.set(organisation, count);
  }
}
