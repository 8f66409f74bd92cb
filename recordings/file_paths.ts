import { manifestTemporary } from "./manifest.ts";

/** Where the parts of one recording lie. */
export interface RecordingPaths {
  folder: string;
  /** The samples: stereo WAV. */
  wav: string;
  /** The description: JSON. */
  manifest: string;
  /** The description while it is being written. */
  temporary: string;
}

/**
 * `<root>/<organisation>/<callId>.wav` and what belongs to it. The names must have been checked with
 * `checkNames`; a call id of dots or a leading dash is harmless, because it is never a whole path part.
 */
export function recordingPaths(
  root: string,
  names: { organisation: string; callId: string },
): RecordingPaths {
  const folder = `${root}/${names.organisation}`;
  const manifest = `${folder}/${names.callId}.json`;
  return {
    folder,
    wav: `${folder}/${names.callId}.wav`,
    manifest,
    temporary: manifestTemporary(manifest),
  };
}
