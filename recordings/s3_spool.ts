import { FileStore } from "./file.ts";
import { recordingPaths } from "./file_paths.ts";
import { removeIfThere } from "./manifest.ts";
import { MemoryStore } from "./memory.ts";
import type { RecordingRef, RecordingStore } from "./store.ts";

/** Where recordings are until they are in S3. */
export interface Spool {
  readonly store: RecordingStore;
  /** Whether it is still there after the process has ended. */
  readonly lasts: boolean;
  /** Removes a finished recording without a trace. */
  forget(ref: RecordingRef): Promise<void>;
}

/** A spool in a folder of this process alone. @throws {Error} when the folder cannot be used */
export async function openFileSpool(
  folder: string,
  onWarning: (message: string) => void,
): Promise<Spool> {
  const store = await FileStore.open(folder, { onWarning });
  return {
    store,
    lasts: true,
    async forget(ref) {
      await store.delete(ref);
      await removeIfThere(recordingPaths(folder, ref).manifest);
    },
  };
}

/** A spool in memory, for where there is no disk. */
export function openMemorySpool(): Spool {
  // Who fills it sees to the limit: nothing may be pushed out that is not in S3.
  const store = new MemoryStore({ limitBytes: Number.MAX_SAFE_INTEGER });
  return {
    store,
    lasts: false,
    async forget(ref) {
      await store.delete(ref);
      store.forget(ref);
    },
  };
}
