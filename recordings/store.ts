/**
 * Where recordings are kept: the seam every storage backend implements.
 *
 * @module
 */

/** Life of a recording. `recovered`: the process died while it was being written. */
export type RecordingState = "recording" | "complete" | "recovered" | "failed";

/** What is known of a recording beside its samples; stored with them. */
export interface RecordingInfo {
  readonly version: 1;
  readonly callId: string;
  readonly organisation: string;
  /** Samples per second of each channel. */
  readonly sampleRate: number;
  /** Always 2: left the user, right the bot. The mix is their saturating sum. */
  readonly channels: 2;
  /** Wall time of sample 0, ms since the Unix epoch. */
  readonly startedAt: number;
  state: RecordingState;
  /** Length in samples per channel. */
  samples: number;
  readonly metadata: Readonly<Record<string, string>>;
  /** Things that happened, each at its sample position. Bounded by the recorder. */
  events: RecordedEvent[];
}

/** A recording as listings show it: events, which may be megabytes, come with `open` alone. */
export type RecordingSummary = Omit<RecordingInfo, "events">;

/** Something that happened during a call: a barge-in, a pause, a transcript line, DTMF. */
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

/** Receives one recording's samples. Calls are never concurrent: each is awaited before the next. */
export interface RecordingWriter {
  /**
   * Adds interleaved 16-bit little-endian stereo samples. The bytes are the caller's again once the
   * promise settles. Rejects when the store cannot take them; what was added before stays readable
   * and `finish` must still be called.
   *
   * @throws {RangeError} when the length is not a multiple of {@linkcode RECORDING_BLOCK_BYTES}
   */
  append(pcm: Uint8Array): Promise<void>;
  /**
   * Ends the recording with its final description; it is then listed in the state that `info` says.
   * `info.samples` is replaced by what the store itself counted. A second call answers as the first.
   */
  finish(info: RecordingInfo): Promise<void>;
}

/** A recording as it is now; for one still being written, a snapshot of what has been written. */
export interface StoredRecording {
  /** The caller's own copy. While the recording is written, `events` are those it began with. */
  readonly info: RecordingInfo;
  /**
   * The interleaved stereo samples as bytes, without header, from `startByte` up to `endByte`
   * (exclusive; default: the end as of the snapshot). What lies beyond the end is left out. Nothing
   * is opened or held before the first read; the chunks are the reader's own.
   *
   * @throws {RangeError} when a bound is negative or not an integer
   */
  read(startByte?: number, endByte?: number): ReadableStream<Uint8Array<ArrayBuffer>>;
}

/** A place for recordings. Call ids are unique across organisations. */
export interface RecordingStore {
  /**
   * Begins a recording.
   *
   * @throws {RecordingExistsError} when one with this call id is kept
   * @throws {RangeError} when the call id or the organisation cannot name a recording
   */
  create(info: RecordingInfo): Promise<RecordingWriter>;
  /** The recording of a call, or `null`. */
  open(callId: string): Promise<StoredRecording | null>;
  /** All recordings, those of earlier processes included, in no particular order. */
  list(): Promise<RecordingSummary[]>;
  /**
   * Removes a recording for good. Answers whether there was one.
   *
   * @throws {RecordingBusyError} when it is still being written
   */
  delete(callId: string): Promise<boolean>;
}

/** A recording with this call id is already kept. */
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
