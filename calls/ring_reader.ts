import type { RepairedSource } from "../recordings/recorder.ts";
import { StereoReader } from "../recordings/stereo_reader.ts";
import type { Pipeline } from "../mixer/pipeline.ts";

/**
 * Reads frames from the rings of both tracks, beginning anywhere. A reader that begins within a sound
 * would fade it in: so it first hears the frame before.
 */
export class RingReader {
  readonly #pipeline: Pipeline;
  readonly #discarded: Int16Array;
  #reader: StereoReader | undefined;
  #next = -1;

  constructor(pipeline: Pipeline) {
    this.#pipeline = pipeline;
    this.#discarded = new Int16Array(2 * pipeline.timeline.frameSamples);
  }

  /** Interleaved stereo from `position` up to `end`, both whole frames. */
  read(position: number, end: number): Int16Array<ArrayBuffer> {
    const { frameSamples } = this.#pipeline.timeline;
    const reader = this.#readerAt(position, frameSamples);
    const pcm = new Int16Array(2 * (end - position));
    for (let at = position; at < end; at += frameSamples) {
      reader.read(at, frameSamples, pcm, 2 * (at - position));
    }
    this.#next = end;
    return pcm;
  }

  #readerAt(position: number, frameSamples: number): StereoReader {
    if (this.#reader !== undefined && this.#next === position) return this.#reader;
    const { user, bot }: { user: RepairedSource; bot: RepairedSource } = this.#pipeline
      .repairedSources();
    this.#reader = new StereoReader(user, bot, frameSamples);
    if (position >= frameSamples) {
      this.#reader.read(position - frameSamples, frameSamples, this.#discarded, 0);
    }
    return this.#reader;
  }
}
