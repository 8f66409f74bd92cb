import type { Clock, TimerHandle } from "../mixer/clock.ts";
import type { TrackFormat } from "../mixer/decode.ts";
import { Pipeline } from "../mixer/pipeline.ts";
import type { Ticker } from "../mixer/ticker.ts";
import { FRAME_MS } from "../mixer/timeline.ts";
import type { Recorder } from "../recordings/recorder.ts";
import type {
  RecordedEvent,
  RecordingRef,
  RecordingState,
  RecordingStore,
} from "../recordings/store.ts";
import { ActiveWarnings } from "./active_warnings.ts";
import { Broadcast } from "./broadcast.ts";
import { CallMemory } from "./call_memory.ts";
import { type CallSink, CallSinks } from "./call_sinks.ts";
import type { CallDetails, CallWarning } from "./call_options.ts";
import { finishRecording, recordCall } from "./call_recording.ts";
import { BOTH_SIDES, type IngestOwner, IngestOwners } from "./ingest_owners.ts";
import type { Listener } from "./listener.ts";
import type { ViewOptions } from "./view.ts";

/** `announced`: no audio yet. `ended` calls are described by what they were, see the registry. */
export type CallState = "announced" | "live" | "ended";

/** What happens to calls. */
export type CallEvent =
  /** Its audio is to come. */
  | { readonly type: "announced"; readonly call: Call }
  /** It is over, and its audio never began. */
  | { readonly type: "withdrawn"; readonly call: Call }
  /** Its audio begins. */
  | { readonly type: "started"; readonly call: Call }
  /** It is over after its audio had begun; its recording may not be complete yet. */
  | { readonly type: "ended"; readonly call: Call }
  | { readonly type: "warning"; readonly call: Call; readonly warning: CallWarning }
  /** Something happened at a position: a barge-in, a pause, a transcript line. */
  | { readonly type: "noted"; readonly call: Call; readonly event: RecordedEvent }
  /** It is paused or goes on, or an ingest socket was lost or found again. */
  | { readonly type: "updated"; readonly call: Call }
  /** The store did not take so many samples per channel in time; they are lost to the recording. */
  | { readonly type: "gap"; readonly call: Call; readonly samples: number }
  /** Somebody began or ceased to listen. */
  | { readonly type: "listeners"; readonly call: Call; readonly joined: boolean }
  /** The store has let go of a recording, or it was deleted. */
  | {
    readonly type: "recording";
    readonly recording: RecordingRef;
    readonly state: RecordingState;
  };

/** Is told what happens to calls. Must not throw, and not wait. */
export type CallObserver = (event: CallEvent) => void;

/** Makes a consumer of the live audio of a call whose audio begins; `undefined` if it needs none. */
export type CallSinkFactory = (call: Call) => CallSink | undefined;

/** What every call of a process shares. */
export interface CallEnvironment {
  readonly clock: Clock;
  readonly ticker: Ticker;
  readonly store: RecordingStore;
  readonly observer: CallObserver;
  /** Who else consumes the live audio of every call. @default none */
  readonly sinks?: readonly CallSinkFactory[];
  readonly holdbackMs: number;
  readonly botQueueMs: number;
  /** How long a call outlives its ingest socket, ms. */
  readonly graceMs: number;
  /** How far back a call that is not recorded can be heard, ms; 0 for not at all. @default {0} */
  readonly rewindMs?: number;
  /** How long an announced call waits for its audio, ms. */
  readonly announceMs: number;
}

/** One call from its announcement to its end. */
export class Call {
  /** Changed by the registry alone, when the audio of an announced call begins. */
  details: CallDetails;
  readonly broadcast: Broadcast;
  /** All who consume its live audio, the broadcast first. */
  readonly sinks: CallSinks = new CallSinks((error) => this.#warnOfSink(error));
  /** Wall time of its announcement, or of its beginning if nobody announced it, ms. */
  readonly announcedAt: number;
  /** Wall time of position 0, ms since the Unix epoch; of the announcement as long as there is none. */
  startedAt: number;
  /** Messages that broke the protocol, and the last of them. */
  readonly problems = { count: 0, last: undefined as string | undefined };
  /** What is wrong with it at present. */
  readonly warnings = new ActiveWarnings(
    (warning) => this.#environment.observer({ type: "warning", call: this, warning }),
  );
  readonly #environment: CallEnvironment;
  readonly #onEnd: (call: Call) => void;
  #state: CallState = "announced";
  #pipeline: Pipeline | undefined;
  #recorder: Recorder | undefined;
  #memory: CallMemory | undefined;
  readonly #owners = new IngestOwners();
  #timer: TimerHandle;
  #paused = false;
  #reason = "";
  #endPosition = 0;
  #finished: Promise<void> | undefined;
  #running: Promise<void> = Promise.resolve();

  /** @param onEnd called once, when the call has ended and before its recording is complete */
  constructor(details: CallDetails, environment: CallEnvironment, onEnd: (call: Call) => void) {
    this.details = details;
    this.#environment = environment;
    this.#onEnd = onEnd;
    this.announcedAt = this.startedAt = environment.clock.wallTime();
    this.broadcast = new Broadcast((details.sampleRate * FRAME_MS) / 1000);
    this.sinks.add(this.broadcast);
    this.#timer = environment.clock.setTimeout(
      () => void this.end("never_started"),
      environment.announceMs,
    );
  }

  get state(): CallState {
    return this.#state;
  }

  /** Whether sound is kept out at present. */
  get paused(): boolean {
    return this.#paused;
  }

  /** Whether the call lives on without any ingest socket, through the grace time. */
  get ingestLost(): boolean {
    return this.#state === "live" && this.#owners.isEmpty;
  }

  /** How long the sockets that bring these sides have said nothing, ms; `Infinity` without one. */
  quietMs(sides = BOTH_SIDES): number {
    return this.#environment.clock.now() - this.#owners.heardAtMs(sides);
  }

  /** Why it ended; empty before. */
  get reason(): string {
    return this.#reason;
  }

  /** Samples since the call began; its length once it has ended. */
  get position(): number {
    if (this.#state === "ended") return this.#endPosition;
    return this.#pipeline?.position ?? 0;
  }

  /** The audio's way through the call, once it has begun. */
  get pipeline(): Pipeline | undefined {
    return this.#pipeline;
  }

  /** The recorder of a call that is recorded, once it has begun. */
  get recorder(): Recorder | undefined {
    return this.#recorder;
  }

  /**
   * The audio begins, at position 0, now.
   *
   * @param sides those that this socket brings; the other may be another's
   * @throws {RangeError} when a track's format is not supported; the call is as it was before
   */
  start(owner: IngestOwner, sides = BOTH_SIDES): void {
    const { clock, observer } = this.#environment;
    this.#pipeline = new Pipeline({ ...this.#environment, ...this.details });
    clock.clearTimeout(this.#timer);
    this.#state = "live";
    this.#owners.assign(owner, sides);
    this.startedAt = clock.wallTime();
    if (this.details.media.recording) {
      this.#recorder = recordCall(this.details, this.#pipeline, {
        store: this.#environment.store,
        clock,
        onGap: (samples) => observer({ type: "gap", call: this, samples }),
        startedAt: this.startedAt,
        onWarning: ({ code, message, active = true }) => {
          const { position } = this;
          if (active) this.warnings.raise({ code, message, position });
          else this.warnings.clear({ code, message, position });
        },
      });
    }
    const recorder = this.#recorder;
    this.#memory = new CallMemory({
      clock,
      details: this.details,
      pipeline: this.#pipeline,
      broadcast: this.broadcast,
      store: this.#environment.store,
      recorder,
      rewindMs: this.#environment.rewindMs ?? 0,
    });
    this.sinks.add(this.#memory);
    for (const sinkFor of this.#environment.sinks ?? []) this.#addSink(sinkFor);
    this.#running = this.#pipeline.run(
      (frame) => this.sinks.write(frame),
      // It reads the sound from the tracks, when it is 5 s old and late audio has come: of the frame it
      // takes the position alone.
      recorder && ((frame) => recorder.write(frame.position)),
    ).catch((error) => this.#fail(error));
    observer({ type: "started", call: this });
  }

  /**
   * Another socket brings these sides from now on, in the place of a lost one or beside another. Its clock
   * is another, and so may be its format, as long as nothing was heard of its side.
   *
   * @throws {RangeError} when the format is not supported; the call is as it was before
   */
  takeOver(owner: IngestOwner, sides = BOTH_SIDES, format?: TrackFormat): void {
    for (const side of sides) this.#pipeline?.restart(side, format);
    this.#environment.clock.clearTimeout(this.#timer);
    for (const previous of this.#owners.assign(owner, sides)) {
      previous.released("another socket took the call over");
    }
    const told = {
      code: "ingest_lost",
      message: "Another ingest socket came",
      position: this.position,
    };
    this.warnings.clear(told);
    for (const track of sides) this.warnings.clear({ ...told, track });
    this.#environment.observer({ type: "updated", call: this });
  }

  /**
   * An ingest socket is gone. The call goes on with the one of the other side, if there is one; else it
   * ends, unless another comes within the grace time.
   */
  lose(owner: IngestOwner): void {
    const sides = this.#state === "live" ? this.#owners.delete(owner) : [];
    if (sides.length === 0) return;
    const { clock, graceMs, observer } = this.#environment;
    const told = { code: "ingest_lost", position: this.position };
    if (this.#owners.isEmpty) {
      const message = "The ingest socket was lost; the call waits for another";
      this.warnings.raise({ ...told, message });
      this.#timer = clock.setTimeout(() => void this.end("ingest_lost"), graceMs);
    } else {
      for (const track of sides) {
        const message = `The ${track}'s ingest socket was lost; the call goes on without it`;
        this.warnings.raise({ ...told, message, track });
      }
    }
    observer({ type: "updated", call: this });
  }

  /** Lets a listener hear the call from now on; one that comes too late hears its end. */
  addListener(listener: Listener, view: ViewOptions): void {
    this.broadcast.add(listener, view);
  }

  /**
   * Lets a listener hear the call from an earlier moment on, as far as it is held, as fast as its
   * socket takes it, and then live. Settles when it is live, or gone; never rejects.
   *
   * @param fromSeconds since the call began; negative: back from the live edge
   */
  async catchUp(listener: Listener, view: ViewOptions, fromSeconds: number): Promise<void> {
    if (this.#memory === undefined) return this.addListener(listener, view);
    try {
      await this.#memory.catchUp(listener, view, fromSeconds);
    } catch (error) {
      this.warn("catch_up_failed", `Cannot send what the call was before: ${error}`);
      listener.close(1011, "internal error");
    }
  }

  /** Barge-in: what the bot has not spoken is discarded. */
  clear(): void {
    const pipeline = this.#pipeline;
    if (this.#state !== "live" || pipeline === undefined) return;
    const discarded = pipeline.clear();
    this.note({ type: "barge-in", position: pipeline.position, data: { discarded } });
  }

  /** Nothing that comes from now on is heard or kept, until {@linkcode resume}; time goes on. */
  pause(): void {
    if (this.#paused || this.#state !== "live") return;
    this.#paused = true;
    this.#pipeline?.pause();
    this.note({ type: "paused", position: this.position });
    this.#environment.observer({ type: "updated", call: this });
  }

  /** Ends a {@linkcode pause}. */
  resume(): void {
    if (!this.#paused || this.#state !== "live") return;
    this.#paused = false;
    this.#pipeline?.resume();
    this.note({ type: "resumed", position: this.position });
    this.#environment.observer({ type: "updated", call: this });
  }

  /** What is held of the call as long as it runs. */
  get memory(): CallMemory | undefined {
    return this.#memory;
  }

  /**
   * Hands an event on and keeps it with the recording. During a {@linkcode pause} what the agent or the
   * provider tells is dropped: a transcript and keys that were pressed say what nobody may hear.
   */
  note(event: RecordedEvent): void {
    if (this.#state !== "live") return;
    if (this.#paused && event.type === "event") return;
    this.#memory?.note(event);
    this.broadcast.note(event);
    this.#environment.observer({ type: "noted", call: this, event });
  }

  /** Tells those who follow the call of something that happened once. */
  warn(code: string, message: string): void {
    const { position } = this;
    const warning = { code, message, position };
    this.#environment.observer({ type: "warning", call: this, warning });
  }

  /**
   * Ends the call: flushes what is in the mixer, ends the listeners, completes the recording. Settles
   * when all of it is done. Idempotent; only the first reason counts.
   */
  end(reason: string): Promise<void> {
    return this.#finished ??= this.#finish(reason);
  }

  #addSink(sinkFor: CallSinkFactory): void {
    try {
      const sink = sinkFor(this);
      if (sink !== undefined) this.sinks.add(sink);
    } catch (error) {
      this.#warnOfSink(error);
    }
  }

  #warnOfSink(error: unknown): void {
    this.warn("sink_failed", `A consumer of the audio failed and gets no more of it: ${error}`);
  }

  /** What nobody foresaw ends this call, and not the process with all the others. */
  #fail(error: unknown): void {
    this.warn("call_failed", `Cannot go on with the call: ${error}`);
    void this.end("failed");
  }

  async #finish(reason: string): Promise<void> {
    const { clock, observer } = this.#environment;
    // First, because a message that still waits may be what loses the socket.
    this.#endPosition = this.#pipeline?.end() ?? 0;
    clock.clearTimeout(this.#timer);
    this.#state = "ended";
    this.#reason = reason;
    for (const owner of this.#owners.clear()) owner.released("call ended");
    await this.#running;
    this.sinks.end();
    this.#onEnd(this);
    if (this.#pipeline === undefined) {
      // Whoever ended it otherwise knows.
      if (reason === "never_started") this.warn(reason, "The call ended before its audio began");
      observer({ type: "withdrawn", call: this });
    } else observer({ type: "ended", call: this });
    if (this.#recorder !== undefined) {
      await finishRecording(this.#recorder, this.#endPosition, reason, clock);
    }
    this.#pipeline = undefined;
    this.#memory = undefined;
  }
}
