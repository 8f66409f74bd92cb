import type { Recorder } from "../recordings/recorder.ts";
import {
  RECORDING_BLOCK_BYTES,
  type RecordingRef,
  type RecordingStore,
} from "../recordings/store.ts";
import { FrameStream } from "./frame_stream.ts";
import type { Past, PastSlice } from "./past.ts";
import type { Pipeline } from "../mixer/pipeline.ts";
import { RingReader } from "./ring_reader.ts";

/** What a {@linkcode RecordedPast} reads from. */
export interface RecordedPastOptions {
  ref: RecordingRef;
  store: RecordingStore;
  recorder: Recorder;
  pipeline: Pipeline;
  /** What is held of the time after the recording has reached its cap, or failed. */
  rewind?: Past | undefined;
  /** Where the next live frame begins. */
  edge: () => number;
}

/** How far behind the live edge the tracks' rings are read, ms; they hold 200 ms more. */
const RINGS_MS = 5200;
/** Frames that are read of the rings, or skipped of a gap, at a time. */
const SLICE_FRAMES = 20;

/**
 * The past of a call that is recorded: from the store what it has taken, from the recorder what waits
 * for the store, from the tracks' rings the last five seconds. Together they have no hole.
 */
export class RecordedPast implements Past {
  readonly #options: RecordedPastOptions;
  readonly #frameSamples: number;
  readonly #rings: RingReader;
  #stream: FrameStream | undefined;
  #streamAt = -1;

  constructor(options: RecordedPastOptions) {
    this.#options = options;
    this.#frameSamples = options.pipeline.timeline.frameSamples;
    this.#rings = new RingReader(options.pipeline);
  }

  get begin(): number {
    return 0;
  }

  async read(position: number): Promise<PastSlice | undefined> {
    const { edge, recorder } = this.#options;
    if (position >= edge()) return undefined;
    if (position < recorder.samplesWritten) {
      const pcm = await this.#fromStore(position);
      if (pcm !== undefined) return { position, pcm };
    }
    return this.#fromRecorder(position) ?? await this.#fromRewind(position) ??
      this.#fromRings(position);
  }

  close(): void {
    this.#stream?.close();
    this.#stream = undefined;
  }

  async #fromStore(position: number): Promise<Int16Array<ArrayBuffer> | undefined> {
    const { store, ref } = this.#options;
    try {
      // What was open may be a snapshot that ends here.
      for (let tries = 0; tries < 2; tries++) {
        if (this.#stream === undefined || this.#streamAt !== position) {
          this.close();
          const stored = await store.open(ref);
          if (stored === null) return undefined;
          const from = position * RECORDING_BLOCK_BYTES;
          const frameBytes = this.#frameSamples * RECORDING_BLOCK_BYTES;
          this.#stream = new FrameStream(stored.read(from), frameBytes);
        }
        const pcm = await this.#stream.next();
        if (pcm !== undefined) {
          this.#streamAt = position + pcm.length / 2;
          return pcm;
        }
        this.close();
      }
    } catch {
      // A store that cannot be read is no reason to keep the rest from anybody.
      this.close();
    }
    return undefined;
  }

  #fromRecorder(position: number): PastSlice | undefined {
    const pending = this.#options.recorder.pending(position);
    if (pending.position > position) {
      // What the store refused: silence, as it will be in the recording.
      const missing = pending.position - position;
      const samples = Math.min(missing, SLICE_FRAMES * this.#frameSamples);
      return { position, pcm: new Int16Array(2 * samples) };
    }
    return pending.pcm.length > 0 ? pending : undefined;
  }

  /** Only what the rings do not hold any more; they may have been repaired since it was heard. */
  async #fromRewind(position: number): Promise<PastSlice | undefined> {
    return position < this.#oldest ? await this.#options.rewind?.read(position) : undefined;
  }

  /** First position that can be read of the rings. */
  get #oldest(): number {
    const { edge, pipeline } = this.#options;
    return edge() - pipeline.timeline.samples(RINGS_MS);
  }

  #fromRings(position: number): PastSlice | undefined {
    const end = this.#options.edge();
    const begin = Math.max(position, this.#oldest);
    if (begin >= end) return undefined;
    const stop = Math.min(end, begin + SLICE_FRAMES * this.#frameSamples);
    return { position: begin, pcm: this.#rings.read(begin, stop) };
  }
}
