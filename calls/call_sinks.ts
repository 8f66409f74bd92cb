import type { MixedFrame } from "../mixer/mixer.ts";

/**
 * A consumer of one call's live audio. It must not wait, bounds what it keeps, and copies samples that it
 * needs for more than 200 ms. One that throws gets nothing more, and harms nobody.
 */
export interface CallSink {
  /** Takes the next frame; called in order and without gaps. */
  write(frame: MixedFrame): void;
  /** The call is over: no more frames come. */
  end?(): void;
}

/** All consumers of one call's live audio, each by itself. */
export class CallSinks implements Required<CallSink> {
  readonly #onFailed: (error: unknown) => void;
  /** Replaced when one comes or goes, so that a frame that is being written is not disturbed. */
  #sinks: readonly CallSink[] = [];

  /** @param onFailed is told why a sink gets nothing more; must not throw */
  constructor(onFailed: (error: unknown) => void) {
    this.#onFailed = onFailed;
  }

  /** Adds a sink, which gets all frames from now on. Returns what takes it away again; idempotent. */
  add(sink: CallSink): () => void {
    this.#sinks = [...this.#sinks, sink];
    return () => this.#remove(sink);
  }

  write(frame: MixedFrame): void {
    const sinks = this.#sinks;
    for (let index = 0; index < sinks.length; index++) {
      try {
        sinks[index].write(frame);
      } catch (error) {
        this.#fail(sinks[index], error);
      }
    }
  }

  end(): void {
    for (const sink of this.#sinks) {
      try {
        sink.end?.();
      } catch (error) {
        this.#fail(sink, error);
      }
    }
  }

  #fail(sink: CallSink, error: unknown): void {
    this.#remove(sink);
    this.#onFailed(error);
  }

  #remove(sink: CallSink): void {
    this.#sinks = this.#sinks.filter((other) => other !== sink);
  }
}
