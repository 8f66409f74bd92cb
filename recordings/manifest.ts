import { z } from "zod";
import { isMarker } from "./event_log.ts";
import { isCallId, isOrganisation } from "./names.ts";
import type { RecordingInfo } from "./store.ts";

/** Most bytes of a manifest; what the recorder keeps of a call stays well below. */
const MAX_MANIFEST_BYTES = 8 * 1024 * 1024;

const count = z.number().int().nonnegative();

const events = z.array(z.object({
  type: z.string(),
  position: z.number(),
  name: z.string().exactOptional(),
  data: z.unknown().optional(),
}));

const common = {
  callId: z.string().refine(isCallId),
  organisation: z.string().refine(isOrganisation),
  sampleRate: count.min(1).max(0xffffffff),
  channels: z.literal(2),
  startedAt: z.number(),
  samples: count,
  metadata: z.record(z.string(), z.string()),
  events,
};

/** What was written before there were markers, peaks and tombstones. */
const first = z.object({
  ...common,
  version: z.literal(1),
  state: z.enum(["recording", "complete", "recovered", "failed"]),
});

const second = z.object({
  ...common,
  version: z.literal(2),
  state: z.enum(["recording", "complete", "recovered", "failed", "deleted"]),
  reason: z.string().exactOptional(),
  media: z.object({
    live: z.boolean(),
    recording: z.boolean(),
    maxDurationSeconds: z.number(),
  }).exactOptional(),
  markers: events,
  sha256: z.string().regex(/^[0-9a-f]{64}$/).exactOptional(),
  bytes: count.exactOptional(),
});

const manifest = z.discriminatedUnion("version", [first, second]);

/**
 * Reads the description that lies beside a recording's samples.
 *
 * @throws {Error} when it cannot be read, is too large, or does not describe a recording
 */
export async function readManifest(path: string): Promise<RecordingInfo> {
  const { size } = await Deno.stat(path);
  if (size > MAX_MANIFEST_BYTES) {
    throw new RangeError(
      `Cannot read manifest: must be at most ${MAX_MANIFEST_BYTES} bytes, received ${size}`,
    );
  }
  return parseManifest(await Deno.readTextFile(path));
}

/**
 * What a manifest says.
 *
 * @throws {Error} when it is no JSON or does not describe a recording
 */
export function parseManifest(text: string): RecordingInfo {
  const result = manifest.safeParse(JSON.parse(text));
  if (result.success) return upToDate(result.data);
  const { path: place, message } = result.error.issues[0];
  throw new TypeError(`Cannot read manifest: ${place.join(".") || "it"} is wrong: ${message}`);
}

function upToDate(read: z.infer<typeof manifest>): RecordingInfo {
  if (read.version === 2) return read;
  const { events, ...rest } = read;
  return {
    ...rest,
    version: 2,
    markers: events.filter(isMarker),
    events: events.filter((event) => !isMarker(event)),
  };
}

/**
 * Puts a description at `path` so that after a crash either the old or the new one is there, whole.
 *
 * @param temporary where it is written first, in the same folder
 * @throws {Error} when it is larger than {@linkcode MAX_MANIFEST_BYTES} or cannot be written
 */
export async function writeManifest(
  path: string,
  temporary: string,
  info: RecordingInfo,
): Promise<void> {
  const bytes = encodeManifest(info);
  try {
    await Deno.remove(temporary).catch(() => {});
    await writeNewFile(temporary, bytes);
    await Deno.rename(temporary, path);
  } catch (error) {
    await removeIfThere(temporary);
    throw error;
  }
}

/**
 * Writes a description where there must be none.
 *
 * @throws {Deno.errors.AlreadyExists} when there is one
 * @throws {Error} when it is larger than {@linkcode MAX_MANIFEST_BYTES} or cannot be written
 */
export async function createManifest(path: string, info: RecordingInfo): Promise<void> {
  await writeNewFile(path, encodeManifest(info));
}

/**
 * A description as it is kept.
 *
 * @throws {RangeError} when it is larger than {@linkcode MAX_MANIFEST_BYTES}
 */
export function encodeManifest(info: RecordingInfo): Uint8Array<ArrayBuffer> {
  const bytes = new TextEncoder().encode(JSON.stringify(info));
  if (bytes.length <= MAX_MANIFEST_BYTES) return bytes;
  throw new RangeError(
    `Cannot write manifest: must be at most ${MAX_MANIFEST_BYTES} bytes, received ` +
      `${bytes.length}. Keep fewer or smaller events`,
  );
}

/** Leaves nothing behind where the disk has room for the name and not for the bytes. */
async function writeNewFile(path: string, bytes: Uint8Array): Promise<void> {
  using file = await Deno.open(path, { write: true, createNew: true });
  try {
    await writeAll(file, bytes);
    await file.sync();
  } catch (error) {
    await Deno.remove(path).catch(() => {});
    throw error;
  }
}

/** Removes a file; that there is none is fine. */
export async function removeIfThere(path: string): Promise<void> {
  try {
    await Deno.remove(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

/** Whether there is anything at `path`. */
export async function isThere(path: string): Promise<boolean> {
  try {
    await Deno.lstat(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/** Writes all of `bytes` at the file's position. */
export async function writeAll(file: Deno.FsFile, bytes: Uint8Array): Promise<void> {
  let written = 0;
  while (written < bytes.length) written += await file.write(bytes.subarray(written));
}

/** Brings what was made, renamed or removed in a folder to the disk, where folders can be synced. */
export async function syncFolder(path: string): Promise<void> {
  try {
    using folder = await Deno.open(path);
    await folder.sync();
  } catch {
    // Some systems open no folders; the names then come to the disk a little later.
  }
}
