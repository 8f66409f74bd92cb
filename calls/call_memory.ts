import type { Clock } from "../mixer/clock.ts";
import type { MixedFrame } from "../mixer/mixer.ts";
import { FRAME_MS } from "../mixer/timeline.ts";
import type { Recorder } from "../recordings/recorder.ts";
import type { RecordedEvent, RecordingStore } from "../recordings/store.ts";
import type { Broadcast } from "./broadcast.ts";
import type { CallDetails } from "./call_options.ts";
import type { CallSink } from "./call_sinks.ts";
import { fromPosition } from "./from_position.ts";
import type { Listener } from "./listener.ts";
import type { Past } from "./past.ts";
import type { Pipeline } from "../mixer/pipeline.ts";
import { RecordedPast } from "./recorded_past.ts";
import { Rewind } from "./rewind.ts";
import type { ViewOptions } from "./view.ts";

/** What a {@linkcode CallMemory} is made of. */
export interface CallMemoryOptions {
  clock: Clock;
  details: CallDetails;
  pipeline: Pipeline;
  broadcast: Broadcast;
  store: RecordingStore;
  /** Left out for a call that is not recorded. */
  recorder: Recorder | undefined;
  /** How far back can be heard what is not recorded, ms; 0 for not at all. */
  rewindMs: number;
}

/** What is held of a call that runs: its recording, and the last minute of what is not recorded. */
export class CallMemory implements CallSink {
  readonly #options: CallMemoryOptions;
  readonly #rewind: Rewind | undefined;
  /** Where the recording ends whatever happens. */
  readonly #capSamples: number;

  constructor(options: CallMemoryOptions) {
    const { details: { media, sampleRate }, pipeline, rewindMs } = options;
    this.#options = options;
    this.#capSamples = media.maxDurationSeconds * sampleRate;
    if (!media.live || rewindMs === 0) return;
    const { frameSamples } = pipeline.timeline;
    this.#rewind = new Rewind({ frameSamples, frames: rewindMs / FRAME_MS });
  }

  write(frame: MixedFrame): void {
    if (this.#rewind !== undefined && !this.#isRecorded(frame)) this.#rewind.write(frame);
  }

  /** What happened so far, as far as it is held, by position. */
  get events(): readonly RecordedEvent[] {
    const noted = this.#options.recorder?.noted();
    if (noted === undefined) return this.#rewind?.events ?? [];
    return [...noted.markers, ...noted.events].sort((a, b) => a.position - b.position);
  }

  /** Keeps an event. */
  note(event: RecordedEvent): void {
    const { recorder } = this.#options;
    if (recorder === undefined) this.#rewind?.note(event);
    else recorder.note(event);
  }

  /** The sound so far, for one who comes late; `undefined` if nothing is held of it. */
  past(): Past | undefined {
    const { details: { id: callId, organisation }, broadcast, recorder, ...rest } = this.#options;
    const rewind = this.#rewind?.past();
    if (recorder === undefined) return rewind;
    const edge = () => broadcast.position;
    return new RecordedPast({ ...rest, ref: { organisation, callId }, recorder, edge, rewind });
  }

  /**
   * Lets a listener hear what is held from an earlier moment on, and then what is live. Settles when it is
   * live, or gone.
   *
   * @param fromSeconds since the call began; negative: back from the live edge
   */
  async catchUp(listener: Listener, view: ViewOptions, fromSeconds: number): Promise<void> {
    const { broadcast, clock, details: { sampleRate }, pipeline } = this.#options;
    const past = this.past();
    if (past === undefined) return broadcast.add(listener, view);
    const { frameSamples } = pipeline.timeline;
    const extent = { sampleRate, frameSamples, begin: past.begin, edge: broadcast.position };
    const position = fromPosition(fromSeconds, extent);
    await broadcast.catchUp(listener, view, position, { clock, past, events: this.events });
  }

  #isRecorded({ position }: MixedFrame): boolean {
    return this.#options.recorder?.state === "recording" && position < this.#capSamples;
  }
}
