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

/** Something that happened during a call: a barge-in, a pause, a transcript line, DTMF. */
export interface RecordedEvent {
  readonly type: string;
  /** Samples since the call began. */
  readonly position: number;
  readonly name?: string;
  readonly data?: unknown;
}

/** Receives one recording's samples. Calls are never concurrent: each is awaited before the next. */
export interface RecordingWriter {
  /**
   * Adds interleaved 16-bit little-endian stereo samples. The bytes are the caller's again once the
   * promise settles. Rejects when the store cannot take them.
   */
  append(pcm: Uint8Array): Promise<void>;
  /** Ends the recording with its final description; it is then complete and listed as such. */
  finish(info: RecordingInfo): Promise<void>;
}

/** A recording as it is now; for one still being written, a snapshot of what has been written. */
export interface StoredRecording {
  readonly info: RecordingInfo;
  /**
   * The interleaved stereo samples as bytes, without header, from `startByte` up to `endByte`
   * (exclusive; default: the end as of the snapshot).
   */
  read(startByte?: number, endByte?: number): ReadableStream<Uint8Array<ArrayBuffer>>;
}

/** A place for recordings. Call ids are unique across organisations. */
export interface RecordingStore {
  /**
   * Begins a recording.
   *
   * @throws {RecordingExistsError} when one with this call id is kept
   */
  create(info: RecordingInfo): Promise<RecordingWriter>;
  /** The recording of a call, or `null`. */
  open(callId: string): Promise<StoredRecording | null>;
  /** All recordings, those of earlier processes included, in no particular order. */
  list(): Promise<RecordingInfo[]>;
  /** Removes a recording for good. Answers whether there was one. */
  delete(callId: string): Promise<boolean>;
}

/** A recording with this call id is already kept. */
export class RecordingExistsError extends Error {
  override readonly name = "RecordingExistsError";
}
