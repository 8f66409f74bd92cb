import { type RecordingPaths, recordingPaths } from "./file_paths.ts";
import { lockIfPossible } from "./file_writer.ts";
import { readManifest, writeAll, writeManifest } from "./manifest.ts";
import { isCallId, isOrganisation } from "./names.ts";
import { RECORDING_BLOCK_BYTES, type RecordingInfo, type RecordingSummary } from "./store.ts";
import { WAV_HEADER_BYTES, wavHeader } from "./wav.ts";

/**
 * Finds the recordings under `root` and repairs those that a dead process left unfinished. What is
 * corrupt, foreign, a symbolic link, or written by another process is left alone, with a warning.
 */
export async function loadRecordings(
  root: string,
  onWarning: (message: string) => void,
): Promise<Map<string, RecordingSummary>> {
  const found = new Map<string, RecordingSummary>();
  for (const organisation of await entriesOf(root)) {
    const folder = `${root}/${organisation.name}`;
    if (!organisation.isDirectory || !isOrganisation(organisation.name)) {
      onWarning(`Skipped ${folder}: not a folder of an organisation`);
      continue;
    }
    for (const entry of await entriesOf(folder)) {
      const path = `${folder}/${entry.name}`;
      const names = { organisation: organisation.name, callId: entry.name.slice(0, -5) };
      try {
        if (await belongsToManifest(folder, entry)) continue;
        if (!entry.isFile || !entry.name.endsWith(".json") || !isCallId(names.callId)) {
          throw new TypeError("not part of a recording");
        }
        if (found.has(names.callId)) throw new TypeError("another organisation has this call id");
        found.set(names.callId, await loadRecording(recordingPaths(root, names), names));
      } catch (error) {
        onWarning(`Skipped ${path}: ${error instanceof Error ? error.message : error}`);
      }
    }
  }
  return found;
}

/** What is in a folder, in the order of the names so that loading is the same every time. */
async function entriesOf(folder: string): Promise<Deno.DirEntry[]> {
  try {
    const entries = await Array.fromAsync(Deno.readDir(folder));
    return entries.sort((a, b) => a.name < b.name ? -1 : 1);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}

/** Whether an entry is one of those that come with a manifest, hence is judged with it. */
async function belongsToManifest(folder: string, entry: Deno.DirEntry): Promise<boolean> {
  if (entry.name.endsWith(".json.tmp")) return true;
  if (!entry.name.endsWith(".wav") || !entry.isFile) return false;
  try {
    return (await Deno.lstat(`${folder}/${entry.name.slice(0, -4)}.json`)).isFile;
  } catch {
    return false;
  }
}

async function loadRecording(
  paths: RecordingPaths,
  names: { organisation: string; callId: string },
): Promise<RecordingSummary> {
  const info = await readManifest(paths.manifest);
  if (info.callId !== names.callId || info.organisation !== names.organisation) {
    throw new TypeError(`it describes call ${info.callId} of ${info.organisation}`);
  }
  const wav = await Deno.lstat(paths.wav);
  if (!wav.isFile) throw new TypeError("its WAV is not a file");
  const expectedBytes = WAV_HEADER_BYTES + info.samples * RECORDING_BLOCK_BYTES;
  const isWhole = info.state !== "recording" && wav.size === expectedBytes;
  const { events: _, ...summary } = isWhole ? info : await repair(paths, info);
  return summary;
}

/** Takes the length from the file, floored to a whole block, and tells it in header and manifest. */
async function repair(paths: RecordingPaths, info: RecordingInfo): Promise<RecordingInfo> {
  using file = await Deno.open(paths.wav, { read: true, write: true });
  if (!await lockIfPossible(file)) throw new Error("another process is writing it");
  const { size } = await file.stat();
  const blocks = Math.floor((size - WAV_HEADER_BYTES) / RECORDING_BLOCK_BYTES);
  const samples = Math.max(0, blocks);
  const dataBytes = samples * RECORDING_BLOCK_BYTES;
  await file.truncate(WAV_HEADER_BYTES + dataBytes);
  await writeAll(file, wavHeader({ sampleRate: info.sampleRate, channels: 2, dataBytes }));
  await file.sync();
  const repaired: RecordingInfo = { ...info, state: "recovered", samples };
  await writeManifest(paths.manifest, repaired);
  return repaired;
}
