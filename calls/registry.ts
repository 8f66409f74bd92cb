import { CallArchive } from "../archive/call_archive.ts";
import type { CallIndex } from "../archive/call_index.ts";
import { Call, type CallEnvironment } from "./call.ts";
import type { CallMedia } from "./call_options.ts";
import {
  CallRefusedError,
  type CallRequest,
  checkFormats,
  detailsOf,
  exists,
} from "./call_request.ts";

import { BOTH_SIDES, type IngestOwner } from "./ingest_owners.ts";

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

/** An ingest socket that has said nothing for so long may be replaced, ms. */
const QUIET_MS = 1000;

/** All calls of this process, by id. */
export class CallRegistry {
  /** The calls that have ended. */
  readonly archive: CallArchive;
  readonly #options: RegistryOptions;
  readonly #calls = new Map<string, Call>();
  /** By id: what settles once a call's recording is complete, or the store has been given up on. */
  readonly #ending = new Map<string, Promise<void>>();

  constructor(options: RegistryOptions) {
    const { environment: { store, clock, observer } } = options;
    this.#options = options;
    this.archive = new CallArchive({
      ...options,
      store,
      clock,
      isRunning: (id) => this.#calls.has(id),
      onRecording: (recording, state) => observer({ type: "recording", recording, state }),
    });
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

  /**
   * Settles once the recording of a call that has ended is complete; never rejects. `undefined` when
   * there is nothing to wait for.
   */
  completing(id: string): Promise<void> | undefined {
    const call = this.#calls.get(id);
    return call?.state === "ended" ? call.end(call.reason) : this.#ending.get(id);
  }

  /**
   * Announces a call before its audio.
   *
   * @throws {CallRefusedError} when the id is taken or a limit is reached
   * @throws {RangeError} when its metadata is too much in all
   */
  announce(request: CallRequest): Call {
    const call = this.#create(request);
    this.#options.environment.observer({ type: "announced", call });
    return call;
  }

  #create(request: CallRequest): Call {
    const id = request.id ?? crypto.randomUUID();
    if (this.#calls.has(id) || this.archive.isKept(id)) throw exists(id);
    this.#checkLimits(request.organisation);
    const call = new Call(
      detailsOf(id, request, this.#options.mediaDefaults),
      this.#options.environment,
      this.#onEnd,
    );
    this.archive.index.delete(id);
    this.#calls.set(id, call);
    return call;
  }

  /**
   * Begins a call, or the one that was announced under this id.
   *
   * @throws {CallRefusedError} when the id is taken or a limit is reached
   * @throws {RangeError} when a track's format is not supported, or its metadata is too much in all
   */
  start(request: CallRequest, owner: IngestOwner): Call {
    const announced = request.id === undefined ? undefined : this.#announced(request);
    const call = announced ?? this.#create(request);
    try {
      call.start(owner, request.side && [request.side]);
    } catch (error) {
      void call.end("refused");
      throw error;
    }
    return call;
  }

  /**
   * The running call of which `owner` brings audio from now on; `undefined` if there is none that it may
   * join. A socket that resumes takes the place of one that was lost, or has been quiet for a second: a
   * dead one may not have been noticed. One that brings a single side may join if nobody brings that.
   *
   * @throws {RangeError} when the request names another format than the call began with
   */
  join(request: CallRequest, owner: IngestOwner): Call | undefined {
    const { id, organisation, formats, side, resume = false } = request;
    const call = id === undefined ? undefined : this.#calls.get(id);
    if (call?.state !== "live" || call.details.organisation !== organisation) return undefined;
    if (!resume && side === undefined) return undefined;
    const sides = side === undefined ? BOTH_SIDES : [side];
    if (call.quietMs(sides) < (resume ? QUIET_MS : Infinity)) return undefined;
    const format = side && formats?.[side];
    if (side === undefined || format === undefined || call.pipeline!.figures()[side].received > 0) {
      checkFormats(call.details, formats);
      call.takeOver(owner, sides);
    } else {
      call.takeOver(owner, sides, format);
      call.details = { ...call.details, formats: { ...call.details.formats, [side]: format } };
    }
    return call;
  }

  /** Ends all calls and waits for their recordings. */
  async close(reason: string): Promise<void> {
    const archiveClosed = this.archive.close();
    const ending = Array.from(this.#calls.values(), (call) => call.end(reason));
    await Promise.allSettled([...ending, ...this.#ending.values(), archiveClosed]);
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
    this.archive.index.put({
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
        : this.archive.settle({ organisation, callId: id }, call.end(reason)))
        .finally(() => this.#ending.get(id) === ending && this.#ending.delete(id));
    this.#ending.set(id, ending);
  };
}
