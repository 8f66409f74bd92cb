import type { RecordingPaths } from "./file_paths.ts";
import type { UnsealedRecording } from "./file_recover.ts";
import { sealRecording } from "./file_seal.ts";
import type { RecordingInfo } from "./store.ts";

/** Seals repaired recordings one after the other, so that a start need not wait for their hashes. */
export class FileSealer {
  /** Settles when nothing is left. Never rejects. */
  readonly done: Promise<void>;
  #isClosed = false;
  readonly #left = new Map<string, UnsealedRecording>();
  readonly #onWarning: (message: string) => void;
  #current: { manifest: string; sealed: Promise<void> } | undefined;

  constructor(recordings: readonly UnsealedRecording[], onWarning: (message: string) => void) {
    this.#onWarning = onWarning;
    for (const recording of recordings) this.#left.set(recording.paths.manifest, recording);
    this.done = this.#run();
  }

  /** Whether a recording is not sealed yet. */
  has({ manifest }: RecordingPaths): boolean {
    return this.#left.has(manifest);
  }

  /** Does not touch a recording any more, once this has settled. */
  async leaveOut({ manifest }: RecordingPaths): Promise<void> {
    if (this.#current?.manifest === manifest) await this.#current.sealed;
    this.#left.delete(manifest);
  }

  /** Stops behind the current one. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.done;
  }

  async #run(): Promise<void> {
    for (const [manifest, { paths, info }] of this.#left) {
      if (this.#isClosed) break;
      const sealed = this.#seal(paths, info);
      this.#current = { manifest, sealed };
      await sealed;
    }
    this.#current = undefined;
  }

  async #seal(paths: RecordingPaths, info: RecordingInfo): Promise<void> {
    try {
      await sealRecording(paths, info, false);
      this.#left.delete(paths.manifest);
    } catch (error) {
      // It can be read all the same, and is sealed at the next start.
      this.#onWarning(`Cannot finish ${paths.unfinished}: ${error}`);
    }
  }
}
