/**
 * Folders of recordings as processes leave them that die, for the tests of {@linkcode FileStore}.
 *
 * @module
 */
import { FileStore } from "../../recordings/file.ts";
import type { RecordingInfo } from "../../recordings/store.ts";
import { wavHeader } from "../../recordings/wav.ts";

/**
 * Options for a temporary folder that is in memory, where the machine has one: a disk's syncs take
 * their time, and show nothing that a test of something else is after.
 */
export async function inMemory(): Promise<Deno.MakeTempOptions> {
  const isThere = await Deno.stat("/dev/shm").then(({ isDirectory }) => isDirectory, () => false);
  return isThere ? { dir: "/dev/shm" } : {};
}

/** Runs `test` with the path of a folder that does not exist yet and is removed after. */
export async function withRoot(
  test: (root: string) => Promise<void>,
  options: Deno.MakeTempOptions = {},
): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "recordings-", ...options });
  try {
    await test(`${folder}/deep/recordings`);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Writes the two files of a recording by hand, as a process leaves them that dies there. */
export async function plant(root: string, info: RecordingInfo, wav: Uint8Array): Promise<void> {
  const folder = `${root}/${info.organisation}`;
  await Deno.mkdir(folder, { recursive: true });
  await Deno.writeFile(`${folder}/${info.callId}.wav`, wav);
  const manifest = info.state === "recording" ? "json~" : "json";
  await Deno.writeTextFile(`${folder}/${info.callId}.${manifest}`, JSON.stringify(info));
}

/** A WAV as a process leaves it that dies before the header was patched. */
export function unfinishedWav(data: Uint8Array): Uint8Array {
  const header = wavHeader({ sampleRate: 8000, channels: 2, dataBytes: 0 });
  const wav = new Uint8Array(header.length + data.length);
  wav.set(header);
  wav.set(data, header.length);
  return wav;
}

/** Opens the store, waits until all is sealed and collects what it warns of. */
export async function reopen(root: string): Promise<{ store: FileStore; warnings: string[] }> {
  const warnings: string[] = [];
  const onWarning = (message: string) => void warnings.push(message);
  const store = await FileStore.open(root, { onWarning });
  await store.sealed;
  return { store, warnings };
}

/** The names of the files of `acme`, sorted. */
export function filesOf(root: string): string[] {
  return Array.from(Deno.readDirSync(`${root}/acme`), ({ name }) => name).sort();
}
