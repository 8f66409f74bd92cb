import { parseFileName, type RecordingPaths, recordingPaths } from "./file_paths.ts";
import { buryRecording } from "./file_seal.ts";
import { lockIfPossible } from "./file_writer.ts";
import { isThere, readManifest, removeIfThere, writeAll, writeManifest } from "./manifest.ts";
import { isOrganisation } from "./names.ts";
import { RECORDING_BLOCK_BYTES, type RecordingInfo, type RecordingRef } from "./store.ts";
import { WAV_HEADER_BYTES, wavHeader } from "./wav.ts";

/** A recording that the names of its files tell of. */
export interface FoundRecording extends RecordingRef {
  role: "kept" | "unfinished" | "doomed";
}

/**
 * The recordings under `root`, by the names of their files alone.
 *
 * @param onForeign is told of what is not part of a recording
 * @throws {Error} when a folder cannot be read
 */
export async function* findRecordings(
  root: string,
  onForeign: (path: string) => void = () => {},
): AsyncGenerator<FoundRecording> {
  for await (const { name: organisation, isDirectory } of entriesOf(root)) {
    const folder = `${root}/${organisation}`;
    if (!isDirectory || !isOrganisation(organisation)) {
      onForeign(folder);
      continue;
    }
    for await (const entry of entriesOf(folder)) {
      const file = entry.isFile ? parseFileName(entry.name) : null;
      if (file === null) onForeign(`${folder}/${entry.name}`);
      else if (file.role !== "part") {
        yield { organisation, callId: file.callId, role: file.role };
      }
    }
  }
}

async function* entriesOf(folder: string): AsyncGenerator<Deno.DirEntry> {
  try {
    yield* Deno.readDir(folder);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

/** A recording whose samples are in place, and that lacks its hash and its final name. */
export interface UnsealedRecording {
  paths: RecordingPaths;
  info: RecordingInfo;
}

/**
 * Puts in order what a dead process left: completes deletions, and repairs recordings that were being
 * written; these are answered, to be sealed. What is corrupt, or written by another process, is left
 * alone, with a warning.
 */
export async function recoverRecordings(
  root: string,
  onWarning: (message: string) => void,
): Promise<UnsealedRecording[]> {
  const foreign = (path: string) => onWarning(`Skipped ${path}: not part of a recording`);
  const found: FoundRecording[] = [];
  for await (const recording of findRecordings(root, foreign)) {
    if (recording.role !== "kept") found.push(recording);
  }
  const unsealed: UnsealedRecording[] = [];
  for (const recording of found) {
    const paths = recordingPaths(root, recording);
    try {
      if (recording.role === "doomed") await buryRecording(paths);
      else {
        const info = await repairRecording(paths, recording);
        if (info !== null) unsealed.push({ paths, info });
      }
    } catch (error) {
      const path = recording.role === "doomed" ? paths.doomed : paths.unfinished;
      onWarning(`Skipped ${path}: ${error instanceof Error ? error.message : error}`);
    }
  }
  return unsealed;
}

/**
 * Makes the samples of an unfinished recording a whole WAV and answers its description, or `null` when
 * its beginning was not even written.
 */
export async function repairRecording(
  paths: RecordingPaths,
  ref: RecordingRef,
): Promise<RecordingInfo | null> {
  const info = await readUnfinished(paths, ref);
  return info && await repair(paths, info);
}

/** The description of an unfinished recording, or `null` when its beginning was not even written. */
async function readUnfinished(
  paths: RecordingPaths,
  ref: RecordingRef,
): Promise<RecordingInfo | null> {
  try {
    const info = await readManifest(paths.unfinished);
    if (info.callId === ref.callId && info.organisation === ref.organisation) return info;
    throw new TypeError(`it describes call ${info.callId} of ${info.organisation}`);
  } catch (error) {
    if (await isThere(paths.wav)) throw error;
    await removeIfThere(paths.unfinished);
    return null;
  }
}

/** Takes the length from the file, floored to a whole block, and tells it in header and manifest. */
async function repair(paths: RecordingPaths, info: RecordingInfo): Promise<RecordingInfo> {
  const hasWav = await isThere(paths.wav);
  using file = await Deno.open(paths.wav, { read: true, write: true, createNew: !hasWav });
  if (!await lockIfPossible(file)) throw new Error("another process is writing it");
  const { size } = await file.stat();
  if (info.state !== "recording" && size === wavBytes(info.samples)) return info;
  const samples = Math.max(0, Math.floor((size - WAV_HEADER_BYTES) / RECORDING_BLOCK_BYTES));
  const dataBytes = samples * RECORDING_BLOCK_BYTES;
  await file.truncate(WAV_HEADER_BYTES + dataBytes);
  await writeAll(file, wavHeader({ sampleRate: info.sampleRate, channels: 2, dataBytes }));
  await file.sync();
  const markers = [...info.markers, { type: "repaired", position: samples }];
  const repaired: RecordingInfo = { ...info, state: "recovered", samples, markers };
  await writeManifest(paths.unfinished, paths.temporary, repaired);
  return repaired;
}

/** How long a WAV of so many samples is. */
export function wavBytes(samples: number): number {
  return WAV_HEADER_BYTES + samples * RECORDING_BLOCK_BYTES;
}
