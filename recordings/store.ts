/**
 * Where recordings are kept: the seam every storage backend implements.
 *
 * @module
 */

/**
 * Life of a recording. `recovered`: the process died while it was being written. `failed`: the store
 * was given up before it had all. `deleted`: a tombstone; nothing of the call is left but that it was.
 */
export type RecordingState = "recording" | "complete" | "recovered" | "failed" | "deleted";

/** What names a recording. */
export interface RecordingRef {
  readonly organisation: string;
  readonly callId: string;
}

/** What is known of a recording beside its samples; stored with them. */
export interface RecordingInfo extends RecordingRef {
  readonly version: 2;
  /** Samples per second of each channel. */
  readonly sampleRate: number;
  /** Always 2: left the user, right the bot. The mix is their saturating sum. */
  readonly channels: 2;
  /** Wall time of sample 0, ms since the Unix epoch. */
  readonly startedAt: number;
  state: RecordingState;
  /** Length in samples per channel. */
  samples: number;
  /** Why the call ended; left out as long as it has not, and when nobody lived to tell. */
  reason?: string;
  /** What was done with the call's audio. */
  readonly media?: RecordedMedia;
  readonly metadata: Readonly<Record<string, string>>;
  /** What happened to the sound: barge-in, paused, resumed, gap, repaired, dtmf. By position. */
  markers: RecordedEvent[];
  /** What else the agent told: transcript lines, tool calls. In the order it was told. */
  events: RecordedEvent[];
  /** SHA-256 of the whole WAV file as it lies in the store, hex; once nothing is written any more. */
  sha256?: string;
  /** Length of the WAV file, header included; once nothing is written any more. */
  bytes?: number;
}

/** A recording as listings show it: markers and events, which may be megabytes, come with `open`. */
export type RecordingSummary = Omit<RecordingInfo, "markers" | "events">;

/** What is done with a call's audio. */
export interface RecordedMedia {
  readonly live: boolean;
  readonly recording: boolean;
  readonly maxDurationSeconds: number;
}

/** Something that happened during a call. Bounded by the recorder. */
export interface RecordedEvent {
  readonly type: string;
  /** Samples since the call began. */
  readonly position: number;
  readonly name?: string;
  /** Anything JSON can carry. */
  readonly data?: unknown;
}

/** Bytes of one sample of every channel: the unit in which recordings are appended. */
export const RECORDING_BLOCK_BYTES = 4;

/**
 * Receives one recording. Calls are never concurrent: each is awaited before the next. One that
 * rejects has changed nothing and may be tried again; `finish` must be called in any case.
 */
export interface RecordingWriter {
  /**
   * Adds interleaved 16-bit little-endian stereo samples and their peaks (see `peaks.ts`). The arrays
   * are the caller's again once the promise settles. Every append but the last is whole pixels.
   *
   * @throws {RangeError} when `pcm` is not whole blocks of {@linkcode RECORDING_BLOCK_BYTES}, or
   *   `peaks` not as many pixels as that takes
   */
  append(pcm: Uint8Array, peaks: Int8Array): Promise<void>;
  /**
   * Adds silence in place of what was lost, so that the time behind it is right: whole pixels. Takes
   * no room where the store can help it.
   */
  skip(samples: number): Promise<void>;
  /**
   * Keeps what is known so far, markers and events included, for a reader and for after a crash. What
   * names the recording and its length stay as they are.
   */
  update(info: RecordingInfo): Promise<void>;
  /**
   * Ends the recording with its final description; it is then described in the state that `info` says.
   * `samples`, `bytes` and `sha256` are what the store itself counted. A second call answers as the
   * first.
   */
  finish(info: RecordingInfo): Promise<void>;
}

/** A recording as it is now; for one still being written, a snapshot of what has been written. */
export interface StoredRecording {
  /** The caller's own copy. */
  readonly info: RecordingInfo;
  /**
   * The interleaved stereo samples as bytes, without header, from `startByte` up to `endByte`
   * (exclusive; default: the end as of the snapshot). What lies beyond the end is left out. Nothing
   * is opened or held before the first read; the chunks are the reader's own.
   *
   * @throws {RangeError} when a bound is negative or not an integer
   */
  read(startByte?: number, endByte?: number): ReadableStream<Uint8Array<ArrayBuffer>>;
  /**
   * The peaks of base resolution (see `peaks.ts`) from `startPixel` up to `endPixel` (exclusive;
   * default: all of the snapshot's samples), four values a pixel. What lies beyond the end is left
   * out. The array is the caller's.
   *
   * @throws {RangeError} when a bound is negative or not an integer
   */
  peaks(startPixel?: number, endPixel?: number): Promise<Int8Array<ArrayBuffer>>;
  /** A short-lived URL of the whole stereo WAV, where the store can be asked directly. */
  downloadUrl?(options: { fileName: string }): Promise<string>;
}

/**
 * A place for recordings. It holds nothing in memory for those that are finished: 100,000 cost no more
 * than one. Who gives out call ids keeps them unique across organisations.
 */
export interface RecordingStore {
  /**
   * Begins a recording. A tombstone of this name is replaced.
   *
   * @throws {RecordingExistsError} when one of this name is kept
   * @throws {RangeError} when the call id or the organisation cannot name a recording
   */
  create(info: RecordingInfo): Promise<RecordingWriter>;
  /** The recording of a call, or `null`: for an unknown one, and for a deleted one. */
  open(ref: RecordingRef): Promise<StoredRecording | null>;
  /** What is known of a recording or of a tombstone, or `null`. Cheap. */
  describe(ref: RecordingRef): Promise<RecordingSummary | null>;
  /**
   * All names, in no particular order: recordings of earlier processes, unfinished ones and tombstones
   * included. Opens none of them. One that comes or goes meanwhile may be there or not.
   */
  names(): AsyncIterable<RecordingRef>;
  /**
   * Removes sound, peaks and all that was kept beside them, and leaves a tombstone: state `deleted`,
   * no metadata, markers or events. Final. Answers whether there was a recording.
   *
   * @throws {RecordingBusyError} when it is still being written
   */
  delete(ref: RecordingRef): Promise<boolean>;
  /** Lets go of what the store itself holds. Recordings being written must have been finished. */
  close?(): Promise<void>;
}

/** A recording of this name is already kept. */
export class RecordingExistsError extends Error {
  override readonly name = "RecordingExistsError";

  constructor(callId: string) {
    super(`Cannot create recording: one of call ${callId} is already kept`);
  }
}

/** The recording is still being written. */
export class RecordingBusyError extends Error {
  override readonly name = "RecordingBusyError";

  constructor(callId: string) {
    super(`Cannot delete recording: call ${callId} is still being recorded, end it first`);
  }
}

/** The store has no room for more of a recording. */
export class RecordingStoreFullError extends Error {
  override readonly name = "RecordingStoreFullError";
}
