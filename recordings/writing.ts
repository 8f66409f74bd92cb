/**
 * What every backend does the same way while a recording is written.
 *
 * @module
 */
import { peakBytesOf } from "./peaks.ts";
import { RECORDING_BLOCK_BYTES, type RecordingInfo, type RecordingSummary } from "./store.ts";

/**
 * Refuses samples that cannot be appended to the recording that `began` so.
 *
 * @throws {TypeError} when the recording has ended
 * @throws {RangeError} when `pcm` is not whole blocks, or `peaks` not theirs
 */
export function checkAppend(
  began: RecordingInfo,
  hasEnded: boolean,
  pcm: Uint8Array,
  peaks: Int8Array,
): void {
  checkOpen(began, hasEnded);
  if (pcm.length % RECORDING_BLOCK_BYTES !== 0) {
    throw new RangeError(
      `Cannot append samples: bytes must be a multiple of ${RECORDING_BLOCK_BYTES}, ` +
        `received ${pcm.length}`,
    );
  }
  const expected = peakBytesOf(pcm.length / RECORDING_BLOCK_BYTES, began.sampleRate);
  if (peaks.length === expected) return;
  throw new RangeError(
    `Cannot append samples: ${pcm.length} bytes of them have ${expected} bytes of peaks, ` +
      `received ${peaks.length}`,
  );
}

/**
 * Refuses a gap that cannot be.
 *
 * @throws {TypeError} when the recording has ended
 * @throws {RangeError} when `samples` is not a count
 */
export function checkSkip(began: RecordingInfo, hasEnded: boolean, samples: number): void {
  checkOpen(began, hasEnded);
  if (Number.isSafeInteger(samples) && samples >= 0) return;
  throw new RangeError(
    `Cannot skip: samples must be a non-negative integer, received ${samples}`,
  );
}

function checkOpen({ callId }: RecordingInfo, hasEnded: boolean): void {
  if (hasEnded) throw new TypeError(`Cannot append samples: recording ${callId} has ended`);
}

/** A deep copy of the description that a recording begins with. */
export function firstInfo(info: RecordingInfo): RecordingInfo {
  const { sha256: _, bytes: __, ...rest } = info;
  return structuredClone({ ...rest, state: "recording", samples: 0 });
}

/**
 * A deep copy of the description of a recording being written: what may change comes from `told`,
 * what names it stays as it `began`, and its length is the `samples` that the store counted.
 *
 * @throws {DOMException} DataCloneError, when an event carries what JSON cannot
 */
export function currentInfo(
  began: RecordingInfo,
  told: RecordingInfo,
  samples: number,
): RecordingInfo {
  const { state, metadata, markers, events, reason } = told;
  const changes = { state, metadata, markers, events, samples };
  return structuredClone({ ...began, ...changes, ...(reason !== undefined && { reason }) });
}

/** A description without what may be megabytes; not a copy. */
export function summaryOf(info: RecordingInfo): RecordingSummary {
  const { markers: _, events: __, ...summary } = info;
  return summary;
}

/** What is left of a recording that was deleted. */
export function tombstoneOf(info: RecordingSummary): RecordingInfo {
  const { version, organisation, callId, sampleRate, channels, startedAt, samples } = info;
  const { reason, media } = info;
  return structuredClone({
    version,
    organisation,
    callId,
    sampleRate,
    channels,
    startedAt,
    state: "deleted",
    samples,
    ...(reason !== undefined && { reason }),
    ...(media !== undefined && { media }),
    metadata: {},
    markers: [],
    events: [],
  });
}
