import { isCallId } from "./names.ts";
import type { RecordingRef } from "./store.ts";

/** Where the parts of one recording lie. */
export interface RecordingPaths {
  folder: string;
  /** The samples: stereo WAV. */
  wav: string;
  /** The peaks of base resolution, without a header. */
  peaks: string;
  /** The description of a finished recording, or a tombstone: JSON. */
  manifest: string;
  /** The description of a recording that is not finished. */
  unfinished: string;
  /** A description while it is being written. */
  temporary: string;
  /** What was the manifest, from the moment on at which the recording is to be deleted. */
  doomed: string;
}

/** No call id has this character: what ends with it is on its way to be something else. */
const PENDING = "~";

/**
 * `<root>/<organisation>/<callId>.wav` and what belongs to it. The names must have been checked with
 * `checkNames`; a call id of dots or a leading dash is harmless, because it is never a whole path part.
 */
export function recordingPaths(root: string, names: RecordingRef): RecordingPaths {
  const folder = `${root}/${names.organisation}`;
  const base = `${folder}/${names.callId}`;
  return {
    folder,
    wav: `${base}.wav`,
    peaks: `${base}.peaks`,
    manifest: `${base}.json`,
    unfinished: `${base}.json${PENDING}`,
    temporary: `${base}.new${PENDING}`,
    doomed: `${base}.deleted${PENDING}`,
  };
}

/** What a file of a recording tells by its name alone. */
export type FileRole = "kept" | "unfinished" | "doomed" | "part";

const ROLES: readonly [suffix: string, role: FileRole][] = [
  [".json", "kept"],
  [`.json${PENDING}`, "unfinished"],
  [`.deleted${PENDING}`, "doomed"],
  [".wav", "part"],
  [".peaks", "part"],
  [`.new${PENDING}`, "part"],
  // What version 1 wrote manifests to.
  [".json.tmp", "part"],
];

/** Which recording a file is part of and as what, or `null` for one that is none's. */
export function parseFileName(name: string): { callId: string; role: FileRole } | null {
  for (const [suffix, role] of ROLES) {
    if (!name.endsWith(suffix)) continue;
    const callId = name.slice(0, -suffix.length);
    return isCallId(callId) ? { callId, role } : null;
  }
  return null;
}
