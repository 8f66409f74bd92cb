import type { RecordedMedia, RecordingState, RecordingSummary } from "../recordings/store.ts";
import { WAV_HEADER_BYTES } from "../recordings/wav.ts";

/** What is left of a call that has ended. All times are wall times, ms since the Unix epoch. */
export interface EndedCall {
  readonly id: string;
  readonly organisation: string;
  readonly sampleRate: number;
  /**
   * Its announcement, or its beginning if nobody announced it; of a call of which only the recording
   * is known, `startedAt`. Its place in lists: it does not change when the audio begins.
   */
  readonly announcedAt: number;
  readonly startedAt: number;
  readonly endedAt: number;
  /** Length per channel: of its recording once that is settled, else of the call. */
  readonly samples: number;
  /** Why it ended; `unknown` where nobody lived to tell. */
  readonly reason: string;
  readonly metadata: Readonly<Record<string, string>>;
  /** What was done with its audio, if that is known. */
  readonly media?: RecordedMedia;
  /** What has become of its recording; left out when there was none, or a store let it go. */
  readonly recording?: RecordingState;
  /** Length of the recording's WAV file. */
  readonly bytes?: number;
  /** SHA-256 of the recording's WAV file, hex. */
  readonly sha256?: string;
}

/** Whether there is a recording in a store under the call's id, so that the id is taken. */
export function isKept({ recording }: Pick<EndedCall, "recording">): boolean {
  return recording !== undefined && recording !== "deleted";
}

/** An ended call of which only the recording, or its tombstone, is known. */
export function describeRecording(recording: RecordingSummary): EndedCall {
  const { callId: id, organisation, sampleRate, startedAt, samples, reason, media } = recording;
  return withRecording({
    id,
    organisation,
    sampleRate,
    announcedAt: startedAt,
    startedAt,
    endedAt: startedAt + (samples * 1000) / sampleRate,
    samples,
    reason: reason ?? "unknown",
    metadata: recording.metadata,
    ...(media && { media }),
  }, recording);
}

/** The call with what has become of its recording; of a deleted one all that is personal is gone. */
export function withRecording(call: EndedCall, recording: RecordingSummary): EndedCall {
  const { state, samples, sha256 } = recording;
  const { bytes: _bytes, sha256: _sha256, ...rest } = call;
  if (state === "deleted") return { ...rest, metadata: {}, recording: state };
  const bytes = recording.bytes ?? WAV_HEADER_BYTES + samples * 2 * recording.channels;
  return { ...rest, samples, recording: state, bytes, ...(sha256 !== undefined && { sha256 }) };
}

/** The call without its recording, of which the store has kept nothing. */
export function withoutRecording(call: EndedCall): EndedCall {
  const { recording: _recording, bytes: _bytes, sha256: _sha256, ...rest } = call;
  return rest;
}
