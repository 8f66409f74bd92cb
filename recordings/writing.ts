/**
 * What every backend does the same way while a recording is written.
 *
 * @module
 */
import { RECORDING_BLOCK_BYTES, type RecordingInfo } from "./store.ts";

/**
 * Refuses samples that cannot be appended.
 *
 * @throws {TypeError} when the recording has ended
 * @throws {RangeError} when `pcm` is not whole blocks
 */
export function checkAppend(callId: string, hasEnded: boolean, pcm: Uint8Array): void {
  if (hasEnded) throw new TypeError(`Cannot append samples: recording ${callId} has ended`);
  if (pcm.length % RECORDING_BLOCK_BYTES === 0) return;
  throw new RangeError(
    `Cannot append samples: bytes must be a multiple of ${RECORDING_BLOCK_BYTES}, ` +
      `received ${pcm.length}`,
  );
}

/** A deep copy of the description that a recording begins with. */
export function firstInfo(info: RecordingInfo): RecordingInfo {
  return structuredClone({ ...info, state: "recording", samples: 0 });
}

/**
 * A deep copy of the description that a recording ends with: what may change comes from `final`,
 * what names it stays as it `began`, and its length is the `samples` that the store counted.
 *
 * @throws {DOMException} DataCloneError, when an event carries what JSON cannot
 */
export function finalInfo(
  began: RecordingInfo,
  final: RecordingInfo,
  samples: number,
): RecordingInfo {
  const { state, metadata, events } = final;
  return structuredClone({ ...began, state, metadata, events, samples });
}
