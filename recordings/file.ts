import { clampByteRange, clampPixelRange } from "./byte_range.ts";
import { type RecordingPaths, recordingPaths } from "./file_paths.ts";
import { readSamples } from "./file_reader.ts";
import {
  findRecordings,
  recoverRecordings,
  repairRecording,
  type UnsealedRecording,
  wavBytes,
} from "./file_recover.ts";
import { FileRecording } from "./file_recording.ts";
import { buryRecording, sealRecording } from "./file_seal.ts";
import { FileSealer } from "./file_sealer.ts";
import { isThere, readManifest } from "./manifest.ts";
import { checkNames, isCallId, isOrganisation } from "./names.ts";
import { pixelsOf } from "./peaks.ts";
import { readPeaks } from "./peaks_file.ts";
import {
  RECORDING_BLOCK_BYTES,
  RecordingBusyError,
  RecordingExistsError,
  type RecordingInfo,
  type RecordingRef,
  type RecordingStore,
  type RecordingSummary,
  type RecordingWriter,
  type StoredRecording,
} from "./store.ts";
import { summaryOf } from "./writing.ts";

/** What a {@linkcode FileStore} tells of the folder it keeps. */
export interface FileStoreOptions {
  /** Is told of each file that was skipped. Must not throw. */
  onWarning?: (message: string) => void;
}

/**
 * Keeps recordings as `<root>/<organisation>/<callId>.wav` (stereo) with `<callId>.json` and
 * `<callId>.peaks` beside it; docs/recordings.md describes the files.
 *
 * Nothing is held in memory but what is being written or deleted. Give each process its own folder.
 */
export class FileStore implements RecordingStore {
  readonly #root: string;
  readonly #onWarning: (message: string) => void;
  /** Those being written, by path of their manifest; `null` while the files are being made. */
  readonly #writing = new Map<string, FileRecording | null>();
  readonly #deleting = new Set<string>();
  readonly #recovering = new Map<string, Promise<void>>();
  readonly #sealer: FileSealer;

  private constructor(
    root: string,
    onWarning: (message: string) => void,
    unsealed: readonly UnsealedRecording[],
  ) {
    this.#root = root;
    this.#onWarning = onWarning;
    this.#sealer = new FileSealer(unsealed, onWarning);
  }

  /**
   * Looks at the names in `root`, which need not exist yet, and repairs what a crash left unfinished.
   * The hashes and peaks of those recordings are made anew thereafter, see {@linkcode FileStore.sealed}.
   *
   * @throws {RangeError} when `root` is empty
   * @throws {Error} when a folder cannot be read; never because of a file in it
   */
  static async open(root: string, options: FileStoreOptions = {}): Promise<FileStore> {
    const { onWarning = () => {} } = options;
    if (root === "") throw new RangeError("Cannot open recordings: root must name a folder");
    return new FileStore(root, onWarning, await recoverRecordings(root, onWarning));
  }

  /** Settles when all that {@linkcode FileStore.open} repaired has its hash. Never rejects. */
  get sealed(): Promise<void> {
    return this.#sealer.done;
  }

  /** Stops sealing; what is left of it is done at the next start. */
  async close(): Promise<void> {
    await this.#sealer.close();
  }

  async create(info: RecordingInfo): Promise<RecordingWriter> {
    checkNames(info);
    const paths = recordingPaths(this.#root, info);
    const key = paths.manifest;
    if (this.#writing.has(key) || this.#deleting.has(key)) {
      throw new RecordingExistsError(info.callId);
    }
    // Before anything is awaited: of two that begin at once, one is refused.
    this.#writing.set(key, null);
    try {
      const recording = await FileRecording.create(paths, info, () => this.#writing.delete(key));
      this.#writing.set(key, recording);
      return recording;
    } catch (error) {
      this.#writing.delete(key);
      throw error;
    }
  }

  async open(ref: RecordingRef): Promise<StoredRecording | null> {
    const found = await this.#find(ref);
    if (found === null || found.info.state === "deleted") return null;
    const { info, paths, writing } = found;
    const length = info.samples * RECORDING_BLOCK_BYTES;
    const pixels = pixelsOf(info.samples, info.sampleRate);
    return {
      info,
      read: (startByte, endByte) =>
        readSamples(paths.wav, clampByteRange(length, startByte, endByte)),
      peaks: (startPixel, endPixel) =>
        Promise.try(() => {
          const range = clampPixelRange(pixels, startPixel, endPixel);
          return readPeaks(paths, info, range, writing?.peaks);
        }),
    };
  }

  async describe(ref: RecordingRef): Promise<RecordingSummary | null> {
    const found = await this.#find(ref);
    return found && summaryOf(found.info);
  }

  async *names(): AsyncGenerator<RecordingRef> {
    for await (const { organisation, callId } of findRecordings(this.#root)) {
      yield { organisation, callId };
    }
  }

  async delete(ref: RecordingRef): Promise<boolean> {
    if (!isCallId(ref.callId) || !isOrganisation(ref.organisation)) return false;
    const paths = recordingPaths(this.#root, ref);
    const key = paths.manifest;
    if (this.#writing.has(key)) throw new RecordingBusyError(ref.callId);
    if (this.#deleting.has(key)) return false;
    this.#deleting.add(key);
    try {
      if (await isThere(paths.doomed)) {
        await buryRecording(paths);
        return true;
      }
      const found = await this.#readManifest(ref, paths);
      if (found === null || found.state === "deleted") return false;
      await this.#sealer.leaveOut(paths);
      // Takes no room, of which there may be none, and is final: the rest may be done at the next start.
      await Deno.rename(await nameOfManifest(paths), paths.doomed);
      await buryRecording(paths);
      return true;
    } finally {
      this.#deleting.delete(key);
    }
  }

  /** What is known of a recording now; the caller's own copy. */
  async #find(ref: RecordingRef): Promise<FoundRecording | null> {
    if (!isCallId(ref.callId) || !isOrganisation(ref.organisation)) return null;
    const paths = recordingPaths(this.#root, ref);
    const writing = this.#writing.get(paths.manifest);
    if (writing === null || this.#deleting.has(paths.manifest)) return null;
    if (writing !== undefined) return { paths, info: writing.snapshot(), writing };
    const info = await this.#read(ref, paths);
    return info && { paths, info };
  }

  /** Version 1 gave unfinished recordings the names of finished ones. */
  async #recover(ref: RecordingRef, paths: RecordingPaths): Promise<RecordingInfo> {
    const key = paths.manifest;
    let recovering = this.#recovering.get(key);
    if (recovering === undefined) {
      recovering = Deno.rename(paths.manifest, paths.unfinished)
        .then(() => recover(paths, ref))
        .finally(() => this.#recovering.delete(key));
      this.#recovering.set(key, recovering);
    }
    await recovering;
    return await readManifest(paths.manifest);
  }

  /** The description of a finished recording whose samples are there, or a tombstone. */
  async #read(ref: RecordingRef, paths: RecordingPaths): Promise<RecordingInfo | null> {
    const info = await this.#readManifest(ref, paths);
    if (info === null || info.state === "deleted") return info;
    try {
      const { size, isFile } = await Deno.lstat(paths.wav);
      if (!isFile) throw new TypeError("it is not a file");
      if (size >= wavBytes(info.samples)) return info;
      this.#onWarning(`${paths.wav} is shorter than its manifest says`);
      const samples = Math.floor((size - wavBytes(0)) / RECORDING_BLOCK_BYTES);
      return { ...info, samples: Math.max(0, samples) };
    } catch (error) {
      this.#warn(paths.wav, error);
      return null;
    }
  }

  /** What describes a recording that is not being written, whatever has become of its samples. */
  async #readManifest(ref: RecordingRef, paths: RecordingPaths): Promise<RecordingInfo | null> {
    try {
      const info = await this.#readEither(paths);
      if (info === null) return null;
      if (info.callId !== ref.callId || info.organisation !== ref.organisation) {
        throw new TypeError(`it describes call ${info.callId} of ${info.organisation}`);
      }
      return info.state === "recording" ? await this.#recover(ref, paths) : info;
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) this.#warn(paths.manifest, error);
      return null;
    }
  }

  #warn(path: string, error: unknown): void {
    this.#onWarning(`Cannot read ${path}: ${error instanceof Error ? error.message : error}`);
  }

  /** The manifest under its final name, or that of a recording that is yet to be sealed. */
  async #readEither(paths: RecordingPaths): Promise<RecordingInfo | null> {
    try {
      return await readManifest(paths.manifest);
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
    if (!this.#sealer.has(paths)) return null;
    return await readManifest(paths.unfinished).catch(() => readManifest(paths.manifest));
  }
}

async function recover(paths: RecordingPaths, ref: RecordingRef): Promise<void> {
  const info = await repairRecording(paths, ref);
  if (info !== null) await sealRecording(paths, info, false);
}

/** Which of its two names a manifest has. */
async function nameOfManifest({ manifest, unfinished }: RecordingPaths): Promise<string> {
  return await isThere(manifest) ? manifest : unfinished;
}

interface FoundRecording {
  paths: RecordingPaths;
  info: RecordingInfo;
  writing?: FileRecording;
}
