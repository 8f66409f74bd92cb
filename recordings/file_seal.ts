import type { RecordingPaths } from "./file_paths.ts";
import { readManifest, removeIfThere, syncFolder, writeManifest } from "./manifest.ts";
import { PeakScanner } from "./peak_scanner.ts";
import { peakBytesOf } from "./peaks.ts";
import { replacePeaks } from "./peaks_file.ts";
import type { RecordingInfo } from "./store.ts";
import { Turnstile } from "./turnstile.ts";
import { WAV_HEADER_BYTES } from "./wav.ts";
import { type WavFingerprint, WavHash } from "./wav_hash.ts";
import { tombstoneOf } from "./writing.ts";

/** Read and hashed at a time: a fifth of a millisecond. */
const PIECE_BYTES = 256 * 1024;

/** Files that are read at a time: when many calls end at once, their pieces must not add up. */
const inspections = new Turnstile(2);

/**
 * Takes the fingerprint of a WAV that is written to its end, and makes its peaks anew unless they are
 * whole, in one reading. Others get their turn between the pieces.
 */
async function inspectWav(
  paths: RecordingPaths,
  info: RecordingInfo,
  hasPeaks: boolean,
): Promise<WavFingerprint> {
  const hash = new WavHash();
  const peaks = new Int8Array(hasPeaks ? 0 : peakBytesOf(info.samples, info.sampleRate));
  const scanner = new PeakScanner(info.sampleRate, peaks);
  const piece = new Uint8Array(PIECE_BYTES);
  using file = await Deno.open(paths.wav);
  for (let at = 0;;) {
    const count = await file.read(piece);
    if (count === null) break;
    const part = piece.subarray(0, count);
    hash.update(part);
    if (!hasPeaks) scanner.update(part.subarray(Math.max(0, WAV_HEADER_BYTES - at)));
    at += count;
  }
  scanner.end();
  // What cannot be kept can be worked out when somebody asks.
  if (!hasPeaks) await replacePeaks(paths.peaks, peaks).catch(() => {});
  return hash.digest();
}

/**
 * Makes a recording whose samples are all in place a finished one. After a crash anywhere in here it is
 * done again at the next start.
 */
export async function sealRecording(
  paths: RecordingPaths,
  info: RecordingInfo,
  hasPeaks: boolean,
): Promise<RecordingInfo> {
  const fingerprint = await inspections.run(() => inspectWav(paths, info, hasPeaks));
  const sealed = { ...info, ...fingerprint };
  await writeManifest(paths.unfinished, paths.temporary, sealed);
  await Deno.rename(paths.unfinished, paths.manifest);
  await syncFolder(paths.folder);
  return sealed;
}

/** Puts a tombstone in place of a recording, from its doomed manifest on: the sound goes first. */
export async function buryRecording(paths: RecordingPaths): Promise<void> {
  await removeIfThere(paths.wav);
  await removeIfThere(paths.peaks);
  await removeIfThere(paths.temporary);
  await removeIfThere(paths.unfinished);
  await syncFolder(paths.folder);
  const tombstone = tombstoneOf(await readManifest(paths.doomed));
  await writeManifest(paths.manifest, paths.temporary, tombstone);
  await removeIfThere(paths.doomed);
  await syncFolder(paths.folder);
}
