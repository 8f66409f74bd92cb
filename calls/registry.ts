import type { RecordingSummary } from "../recordings/store.ts";
import { Call, type IngestOwner } from "./call.ts";
import type { CallEnvironment, CallMedia } from "./call_options.ts";
import {
  CallRefusedError,
  type CallRequest,
  checkFormats,
  detailsOf,
  exists,
} from "./call_request.ts";
import { describeRecording, type EndedCall, EndedCalls } from "./ended_calls.ts";

export { CallRefusedError, type CallRequest } from "./call_request.ts";

/** Limits and defaults of a {@linkcode CallRegistry}. */
export interface RegistryOptions {
  environment: CallEnvironment;
  mediaDefaults: CallMedia;
  /** Calls at the same time, announced ones included. */
  maxCalls: number;
  maxCallsPerOrganisation: number;
  endedCallsKept: number;
}

/** An ingest socket that has said nothing for so long may be replaced, ms. */
const QUIET_MS = 1000;

/** All calls of this process, by id. */
export class CallRegistry {
  readonly #options: RegistryOptions;
  readonly #calls = new Map<string, Call>();
  readonly #ended: EndedCalls;
  /** The calls whose recording is kept, and whose they are: their ids are never given again. */
  readonly #recorded = new Map<string, string>();
  readonly #ending = new Set<Promise<void>>();

  constructor(options: RegistryOptions) {
    this.#options = options;
    this.#ended = new EndedCalls(options.endedCallsKept);
  }

  /** Takes up the recordings of earlier processes. To be called once, before the first call. */
  async restore(): Promise<void> {
    const { store } = this.#options.environment;
    const recordings: RecordingSummary[] = [];
    for await (const ref of store.names()) {
      const recording = await store.describe(ref);
      if (recording === null || recording.state === "deleted") continue;
      this.#recorded.set(ref.callId, ref.organisation);
      recordings.push(recording);
    }
    this.#ended.restore(recordings);
  }

  /** The calls that have not ended, oldest first. */
  get active(): Iterable<Call> {
    return this.#calls.values();
  }

  /** Number of calls that have not ended. */
  get size(): number {
    return this.#calls.size;
  }

  /** The call with this id, if it has not ended. */
  get(id: string): Call | undefined {
    return this.#calls.get(id);
  }

  /** What is known of an ended call; its recording may outlive what is remembered here. */
  async findEnded(id: string): Promise<EndedCall | undefined> {
    const remembered = this.#ended.get(id);
    const organisation = this.#recorded.get(id);
    if (remembered !== undefined || organisation === undefined) return remembered;
    const recording = await this.#options.environment.store.describe({ organisation, callId: id });
    return recording === null ? undefined : describeRecording(recording);
  }

  /** The remembered ended calls of an organisation, in the order in which they ended. */
  endedOf(organisation: string): EndedCall[] {
    return this.#ended.of(organisation);
  }

  /** Whether the recording of an ended call is kept. */
  isRecorded(id: string): boolean {
    return this.#recorded.has(id);
  }

  /** The recording of a call is gone: its id is free again. */
  forgetRecording(id: string): void {
    const organisation = this.#ended.get(id)?.organisation;
    if (!this.#recorded.has(id)) return;
    this.#forget(id);
    if (organisation === undefined) return;
    this.#options.environment.observer.onRecording?.({ organisation, callId: id }, "deleted");
  }

  /**
   * Announces a call before its audio.
   *
   * @throws {CallRefusedError} when the id is taken or a limit is reached
   */
  announce(request: CallRequest): Call {
    const id = request.id ?? crypto.randomUUID();
    if (this.#calls.has(id) || this.#recorded.has(id)) throw exists(id);
    this.#checkLimits(request.organisation);
    const call = new Call(
      detailsOf(id, request, this.#options.mediaDefaults),
      this.#options.environment,
      this.#onEnd,
    );
    this.#ended.delete(id);
    this.#calls.set(id, call);
    return call;
  }

  /**
   * Begins a call, or the one that was announced under this id.
   *
   * @throws {CallRefusedError} when the id is taken or a limit is reached
   * @throws {RangeError} when a track's format is not supported
   */
  start(request: CallRequest, owner: IngestOwner): Call {
    const announced = request.id === undefined ? undefined : this.#announced(request);
    const call = announced ?? this.announce(request);
    try {
      call.start(owner);
    } catch (error) {
      void call.end("refused");
      throw error;
    }
    return call;
  }

  /**
   * The call whose ingest socket was lost, now `owner`'s; `undefined` if there is none to take over. A
   * socket that has been quiet for a second counts as lost: a dead one may not have been noticed.
   *
   * @throws {RangeError} when the request names another format than the call began with
   */
  resume({ id, organisation, formats }: CallRequest, owner: IngestOwner): Call | undefined {
    const call = id === undefined ? undefined : this.#calls.get(id);
    if (call === undefined || call.details.organisation !== organisation) return undefined;
    if (call.state !== "live" || (!call.ingestLost && call.quietMs < QUIET_MS)) return undefined;
    checkFormats(call.details, formats);
    call.takeOver(owner);
    return call;
  }

  /** Ends all calls and waits for their recordings. */
  async close(reason: string): Promise<void> {
    const ending = Array.from(this.#calls.values(), (call) => call.end(reason));
    await Promise.allSettled([...ending, ...this.#ending]);
  }

  #forget(id: string): void {
    this.#recorded.delete(id);
    this.#ended.setRecording(id, undefined);
  }

  #announced(request: CallRequest): Call | undefined {
    const call = this.#calls.get(request.id!);
    if (call?.state !== "announced") return undefined;
    if (call.details.organisation !== request.organisation) throw exists(request.id!);
    call.details = detailsOf(request.id!, request, call.details.media, call.details);
    return call;
  }

  #checkLimits(organisation: string): void {
    const { maxCalls, maxCallsPerOrganisation } = this.#options;
    let own = 0;
    for (const call of this.#calls.values()) {
      if (call.details.organisation === organisation) own++;
    }
    if (this.#calls.size < maxCalls && own < maxCallsPerOrganisation) return;
    throw new CallRefusedError(
      "limit_reached",
      `Cannot start call: ${own < maxCallsPerOrganisation ? maxCalls : maxCallsPerOrganisation} ` +
        "calls are running; end one, or raise EARSHOT_MAX_CALLS or EARSHOT_MAX_CALLS_PER_ORG",
    );
  }

  readonly #onEnd = (call: Call): void => {
    const { id, organisation, sampleRate, metadata, media } = call.details;
    this.#calls.delete(id);
    const { startedAt, reason, recorder } = call;
    const endedAt = startedAt + (call.position * 1000) / sampleRate;
    const ended = { id, organisation, sampleRate, startedAt, endedAt, reason, metadata, media };
    this.#ended.add(recorder === undefined ? ended : { ...ended, recording: "recording" });
    if (recorder !== undefined) this.#recorded.set(id, organisation);
    // The same promise that end() answers: it settles once the recording is complete.
    const ending = call.end(reason)
      .then(() => this.#settleRecording(call))
      .finally(() => this.#ending.delete(ending));
    this.#ending.add(ending);
  };

  /** Finds out what has become of the recording of a call that has ended. */
  async #settleRecording({ recorder, details: { id, organisation } }: Call): Promise<void> {
    if (recorder === undefined) return;
    const { store, observer } = this.#options.environment;
    const ref = { organisation, callId: id };
    const kept = await store.describe(ref).catch(() => null);
    if (kept === null || kept.state === "deleted") {
      this.#forget(id);
      observer.onRecording?.(ref, "failed");
    } else {
      this.#ended.setRecording(id, kept.state);
      observer.onRecording?.(ref, kept.state, kept);
    }
  }
}
