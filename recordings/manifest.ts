import { z } from "zod";
import { isCallId, isOrganisation } from "./names.ts";
import type { RecordingInfo } from "./store.ts";

/** Most bytes of a manifest; what the recorder keeps of a call stays well below. */
export const MAX_MANIFEST_BYTES = 8 * 1024 * 1024;

const count = z.number().int().nonnegative();

const manifest = z.object({
  version: z.literal(1),
  callId: z.string().refine(isCallId),
  organisation: z.string().refine(isOrganisation),
  sampleRate: count.min(1).max(0xffffffff),
  channels: z.literal(2),
  startedAt: z.number(),
  state: z.enum(["recording", "complete", "recovered", "failed"]),
  samples: count,
  metadata: z.record(z.string(), z.string()),
  events: z.array(z.object({
    type: z.string(),
    position: z.number(),
    name: z.string().exactOptional(),
    data: z.unknown().optional(),
  })),
});

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
  const result = manifest.safeParse(JSON.parse(await Deno.readTextFile(path)));
  if (result.success) return result.data;
  const { path: place, message } = result.error.issues[0];
  throw new TypeError(`Cannot read manifest: ${place.join(".") || "it"} is wrong: ${message}`);
}

/**
 * Puts a description at `path` so that after a crash either the old or the new one is there, whole.
 *
 * @throws {Error} when it is larger than {@linkcode MAX_MANIFEST_BYTES} or cannot be written
 */
export async function writeManifest(path: string, info: RecordingInfo): Promise<void> {
  const bytes = new TextEncoder().encode(JSON.stringify(info));
  if (bytes.length > MAX_MANIFEST_BYTES) {
    throw new RangeError(
      `Cannot write manifest: must be at most ${MAX_MANIFEST_BYTES} bytes, received ` +
        `${bytes.length}. Keep fewer or smaller events`,
    );
  }
  const temporary = manifestTemporary(path);
  await removeIfThere(temporary);
  try {
    await writeNewFile(temporary, bytes);
    await Deno.rename(temporary, path);
  } catch (error) {
    await removeIfThere(temporary);
    throw error;
  }
}

async function writeNewFile(path: string, bytes: Uint8Array): Promise<void> {
  using file = await Deno.open(path, { write: true, createNew: true });
  await writeAll(file, bytes);
  await file.sync();
}

/** Where a manifest is written before it takes its place. */
export function manifestTemporary(path: string): string {
  return `${path}.tmp`;
}

/** Removes a file; that there is none is fine. */
export async function removeIfThere(path: string): Promise<void> {
  try {
    await Deno.remove(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

/** Writes all of `bytes` at the file's position. */
export async function writeAll(file: Deno.FsFile, bytes: Uint8Array): Promise<void> {
  let written = 0;
  while (written < bytes.length) written += await file.write(bytes.subarray(written));
}
