import { isCallId, isOrganisation } from "./names.ts";
import type { RecordingRef } from "./store.ts";

/** Where the parts of one recording lie in a bucket. */
export interface RecordingKeys {
  /** The description of a recording in whatever state, or a tombstone: JSON. */
  manifest: string;
  /** The samples, once they are all there: stereo WAV. */
  wav: string;
  /** The peaks of base resolution, without a header. */
  peaks: string;
  /** Says how far the upload of an unfinished recording is; see `s3_journal.ts`. */
  journal: string;
  /** The first part of an unfinished recording: nothing can read the parts of an upload. */
  head: string;
  /** What an unfinished recording has behind its last whole part. */
  tail: string;
}

/**
 * `<prefix>/<organisation>/<callId>.json` and what belongs to it; what goes again lies together, a
 * folder deeper than any recording, so that it can be listed without the others.
 */
export function recordingKeys(
  prefix: string,
  { organisation, callId }: RecordingRef,
): RecordingKeys {
  const base = `${root(prefix)}${organisation}/${callId}`;
  const unfinished = `${unfinishedPrefix(prefix)}${organisation}/${callId}`;
  return {
    manifest: `${base}.json`,
    wav: `${base}.wav`,
    peaks: `${base}.peaks`,
    journal: `${unfinished}.json`,
    head: `${unfinished}.head`,
    tail: `${unfinished}.tail`,
  };
}

/** What the keys of everything that is not finished begin with. */
export function unfinishedPrefix(prefix: string): string {
  return `${root(prefix)}unfinished/`;
}

/** What the keys of everything begin with. */
export function root(prefix: string): string {
  return prefix === "" ? "" : `${prefix}/`;
}

/** The recording that a key below `above` is the JSON of, or `null` when it is something else. */
export function parseJsonKey(above: string, key: string): RecordingRef | null {
  if (!key.startsWith(above) || !key.endsWith(".json")) return null;
  const [organisation, callId, ...more] = key.slice(above.length, -".json".length).split("/");
  if (more.length > 0 || callId === undefined) return null;
  return isOrganisation(organisation) && isCallId(callId) ? { organisation, callId } : null;
}
