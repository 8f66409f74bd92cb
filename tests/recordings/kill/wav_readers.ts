/**
 * How long other programs find many WAV files, each program one process for all of them.
 *
 * @module
 */
import assert from "node:assert/strict";
import { run } from "../../support/programs.ts";

const BYTES_PER_FRAME = 4;
/** What ffmpeg reads of a file to see what it is; it would take most of its time for more. */
const PROBED_BYTES = "4096";

/** Samples per channel that sox reports for each of `paths`. @throws when it cannot open one */
export async function soxLengths(paths: readonly string[]): Promise<number[]> {
  const printed = await run("soxi", ["-s", ...paths]);
  return new TextDecoder().decode(printed).trim().split("\n").map(Number);
}

/**
 * Samples per channel that ffmpeg decodes of each of `paths`, 16-bit stereo all of them.
 *
 * @throws when it reports any error
 */
export async function ffmpegLengths(paths: readonly string[]): Promise<number[]> {
  const printed = await run("ffmpeg", [
    ...["-v", "error", "-xerror", "-nostdin"],
    ...paths.flatMap((path) => ["-probesize", PROBED_BYTES, "-i", path]),
    ...paths.flatMap((_, index) => ["-map", `${index}:a`]),
    ...["-c", "pcm_s16le", "-f", "framecrc", "-"],
  ]);
  const lengths = paths.map(() => 0);
  for (const line of new TextDecoder().decode(printed).split("\n")) {
    // Stream, decoding time, presentation time, duration, bytes, checksum.
    const packet = /^(\d+),(?:\s*-?\d+,){2}\s*\d+,\s*(\d+),\s*0x/.exec(line);
    if (packet) lengths[Number(packet[1])] += Number(packet[2]) / BYTES_PER_FRAME;
    else assert.ok(line === "" || line.startsWith("#"), `ffmpeg printed ${line}`);
  }
  return lengths;
}
