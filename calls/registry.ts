import type { RecordingRef } from "../recordings/store.ts";
import { Call, type IngestOwner } from "./call.ts";
import type { CallIndex } from "../archive/call_index.ts";
import { CallIndexSync } from "../archive/call_index_sync.ts";
import type { CallEnvironment, CallMedia } from "./call_options.ts";
import {
  CallRefusedError,
  type CallRequest,
  checkFormats,
  detailsOf,
  exists,
} from "./call_request.ts";
import type { EndedCall } from "../archive/ended_call.ts";

export { CallRefusedError, type CallRequest } from "./call_request.ts";

/** Limits and defaults of a {@linkcode CallRegistry}. */
export interface RegistryOptions {
  environment: CallEnvironment;
  mediaDefaults: CallMedia;
  /** Calls at the same time, announced ones included. */
  maxCalls: number;
  maxCallsPerOrganisation: number;
  /** Of the calls that have ended. The registry does not close it. */
  index: CallIndex;
  /** Is told how the index is made to agree with the store. Must not throw. */
  onProgress?: (message: string) => void;
  onWarning?: (message: string) => void;
}

/** Most recordings that are asked about again at a time. */
const MAX_SETTLED = 1000;
/** An ingest socket that has said nothing for so long may be replaced, ms. */
const QUIET_MS = 1000;

/** All calls of this process, by id. */
export class CallRegistry {
  readonly #options: RegistryOptions;
  readonly #calls = new Map<string, Call>();
  /** The calls that have ended. */
  readonly index: CallIndex;
  readonly #sync: CallIndexSync;
  /** By id: what settles once a call's recording is complete, or the store has been given up on. */
  readonly #ending = new Map<string, Promise<void>>();
  /** Ids of calls whose recording is being completed, or asked about. */
  readonly #settling = new Set<string>();
  readonly #closing = new AbortController();
  #restoring: Promise<void> | undefined;

  constructor(options: RegistryOptions) {
    const { environment: { store, clock }, index } = options;
    this.#options = options;
    this.index = index;
    const isRunning = (id: string) => this.#calls.has(id);
    this.#sync = new CallIndexSync({ ...options, store, clock, index, isRunning });
  }

  /**
   * Takes up the recordings of earlier processes, and what the index has missed. To be called before
   * the first call; that it settles need not be waited for.
   */
  restore(): Promise<void> {
    this.#restoring = this.#sync.run(this.#closing.signal).catch((error) => {
      this.index.isStale = true;
      this.#options.onWarning?.(`Cannot compare the list of calls with the recordings: ${error}`);
    });
    return this.#restoring;
  }

  /** The calls that have not ended, oldest first. */
  get active(): Iterable<Call> {
    return this.#calls.values();
  }

  /** Number of calls that have not ended. */
  get size(): number {
    return this.#calls.size;
  }

  /**
   * Makes up for what the index has missed: asks again about recordings that the store had not let go
   * of or could not tell of, and compares with it where something could not be written. Never rejects.
   */
  async catchUp(): Promise<void> {
    try {
      for (const ref of this.index.unsettled(MAX_SETTLED)) {
        if (!this.#settling.has(ref.callId)) await this.#settle(ref);
      }
      if (this.index.isStale) await this.restore();
    } catch (error) {
      this.#options.onWarning?.(`Cannot catch up with the recordings: ${error}`);
    }
  }

  /** The call with this id, if it has not ended. */
  get(id: string): Call | undefined {
    return this.#calls.get(id);
  }

  /** What is known of an ended call. */
  async findEnded(id: string): Promise<EndedCall | undefined> {
    await this.#sync.resolve(id);
    return this.index.get(id);
  }

  /**
   * Settles once the recording of a call that has ended is complete; never rejects. `undefined` when
   * there is nothing to wait for.
   */
  completing(id: string): Promise<void> | undefined {
    const call = this.#calls.get(id);
    return call?.state === "ended" ? call.end(call.reason) : this.#ending.get(id);
  }

  /** Whether the recording of an ended call is kept: its id is not given again. */
  isRecorded(id: string): boolean {
    return this.#sync.isPending(id) || this.index.isKept(id);
  }

  /**
   * Deletes a recording for good. Answers whether there was one.
   *
   * @throws {RecordingBusyError} when it is still being written
   */
  async deleteRecording(ref: RecordingRef): Promise<boolean> {
    const { store, observer } = this.#options.environment;
    const isDeleted = await store.delete(ref);
    this.#sync.forget(ref.callId);
    if (isDeleted) {
      this.index.setRecording(ref.callId, "deleted");
      observer.onRecording?.(ref, "deleted");
    } else {
      this.index.reconcile(ref, await store.describe(ref));
    }
    return isDeleted;
  }

  /** The store has let go of a recording by itself: the call's id is free again. */
  forgetRecording(ref: RecordingRef): void {
    this.#sync.forget(ref.callId);
    this.index.setRecording(ref.callId, undefined);
    this.#options.environment.observer.onRecording?.(ref, "deleted");
  }

  /**
   * Announces a call before its audio.
   *
   * @throws {CallRefusedError} when the id is taken or a limit is reached
   */
  announce(request: CallRequest): Call {
    const call = this.#create(request);
    this.#options.environment.observer.onAnnounce?.(call);
    return call;
  }

  #create(request: CallRequest): Call {
    const id = request.id ?? crypto.randomUUID();
    if (this.#calls.has(id) || this.isRecorded(id)) throw exists(id);
    this.#checkLimits(request.organisation);
    const call = new Call(
      detailsOf(id, request, this.#options.mediaDefaults),
      this.#options.environment,
      this.#onEnd,
    );
    this.index.delete(id);
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
    const call = announced ?? this.#create(request);
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
    // Asked first: what waits to be taken in may end the call.
    const isQuiet = call.quietMs >= QUIET_MS;
    if (call.state !== "live" || !(call.ingestLost || isQuiet)) return undefined;
    checkFormats(call.details, formats);
    call.takeOver(owner);
    return call;
  }

  /** Ends all calls and waits for their recordings. */
  async close(reason: string): Promise<void> {
    this.#closing.abort();
    const ending = Array.from(this.#calls.values(), (call) => call.end(reason));
    await Promise.allSettled([...ending, ...this.#ending.values(), this.#restoring]);
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
    const { announcedAt, startedAt, reason, recorder, position: samples } = call;
    this.index.put({
      id,
      organisation,
      sampleRate,
      announcedAt,
      startedAt,
      endedAt: startedAt + (samples * 1000) / sampleRate,
      samples,
      reason,
      metadata,
      media,
      ...(recorder !== undefined && { recording: "recording" }),
    });
    // The same promise that end() answers: it settles once the recording is complete.
    const ending =
      (recorder === undefined
        ? call.end(reason)
        : this.#settle({ organisation, callId: id }, call.end(reason)))
        .finally(() => this.#ending.get(id) === ending && this.#ending.delete(id));
    this.#ending.set(id, ending);
  };

  /** Finds out what has become of a recording, once it should be complete. */
  async #settle(ref: RecordingRef, complete?: Promise<void>): Promise<void> {
    const { callId } = ref;
    const { store, observer } = this.#options.environment;
    this.#settling.add(callId);
    try {
      await complete;
      const kept = await store.describe(ref) ?? undefined;
      if (kept?.state === "recording") return;
      this.index.setRecording(callId, kept);
      observer.onRecording?.(ref, kept?.state ?? "failed", kept);
    } catch {
      // The store is away: the recording is as good as kept until it can be asked again.
    } finally {
      this.#settling.delete(callId);
    }
  }
}
