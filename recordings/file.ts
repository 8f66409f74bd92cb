import { clampByteRange } from "./byte_range.ts";
import { createFiles } from "./file_create.ts";
import { loadRecordings } from "./file_load.ts";
import { recordingPaths } from "./file_paths.ts";
import { readSamples } from "./file_reader.ts";
import type { WavFileWriter } from "./file_writer.ts";
import { readManifest, removeIfThere, writeManifest } from "./manifest.ts";
import { checkNames } from "./names.ts";
import {
  RECORDING_BLOCK_BYTES,
  RecordingBusyError,
  RecordingExistsError,
  type RecordingInfo,
  type RecordingStore,
  type RecordingSummary,
  type RecordingWriter,
  type StoredRecording,
} from "./store.ts";
import { checkAppend, finalInfo, firstInfo } from "./writing.ts";

/** What a {@linkcode FileStore} tells of the folder it keeps. */
export interface FileStoreOptions {
  /** Is told of each file that was skipped. Must not throw. */
  onWarning?: (message: string) => void;
}

interface Entry {
  /** Without events: they are read from the manifest when asked for. */
  summary: RecordingSummary;
  phase: "writing" | "kept" | "deleting";
  /** While it is being written. */
  writer?: WavFileWriter;
}

/**
 * Keeps recordings as `<root>/<organisation>/<callId>.wav` (stereo) with `<callId>.json` beside it.
 *
 * An index of all recordings is read once, by {@linkcode FileStore.open}, and held in memory: some
 * 300 bytes for each and its metadata, but not its events. Nothing else grows with the folder. Give
 * each process its own folder: a process does not see what others add to it after the start.
 */
export class FileStore implements RecordingStore {
  readonly #root: string;
  readonly #onWarning: (message: string) => void;
  readonly #entries = new Map<string, Entry>();

  private constructor(root: string, onWarning: (message: string) => void) {
    this.#root = root;
    this.#onWarning = onWarning;
  }

  /**
   * Reads what is in `root`, which need not exist yet, and repairs what a crash left there.
   *
   * @throws {RangeError} when `root` is empty
   * @throws {Error} when a folder cannot be read; never because of a file in it
   */
  static async open(root: string, options: FileStoreOptions = {}): Promise<FileStore> {
    const { onWarning = () => {} } = options;
    if (root === "") throw new RangeError("Cannot open recordings: root must name a folder");
    const store = new FileStore(root, onWarning);
    for (const [callId, summary] of await loadRecordings(root, onWarning)) {
      store.#entries.set(callId, { summary, phase: "kept" });
    }
    return store;
  }

  async create(info: RecordingInfo): Promise<RecordingWriter> {
    checkNames(info);
    const { callId } = info;
    if (this.#entries.has(callId)) throw new RecordingExistsError(callId);
    const began = firstInfo(info);
    const entry: Entry = { summary: summaryOf(began), phase: "writing" };
    // Before anything is awaited: of two that begin at once, one is refused.
    this.#entries.set(callId, entry);
    try {
      const writer = await createFiles(recordingPaths(this.#root, began), began);
      entry.writer = writer;
      let finished: Promise<void> | undefined;
      return {
        append: async (pcm) => {
          checkAppend(callId, finished !== undefined, pcm);
          await writer.append(pcm);
        },
        finish: (final) => finished ??= this.#finish(entry, writer, began, final),
      };
    } catch (error) {
      this.#entries.delete(callId);
      throw error;
    }
  }

  async open(callId: string): Promise<StoredRecording | null> {
    const entry = this.#entries.get(callId);
    if (entry === undefined || entry.phase === "deleting") return null;
    const summary = current(entry);
    const paths = recordingPaths(this.#root, summary);
    let events: RecordingInfo["events"] = [];
    if (entry.phase === "kept") {
      try {
        ({ events } = await readManifest(paths.manifest));
      } catch (error) {
        this.#onWarning(`Cannot read events of ${paths.manifest}: ${error}`);
      }
    }
    const length = summary.samples * RECORDING_BLOCK_BYTES;
    return {
      info: { ...summary, events },
      read: (startByte, endByte) =>
        readSamples(paths.wav, clampByteRange(length, startByte, endByte)),
    };
  }

  list(): Promise<RecordingSummary[]> {
    const kept = this.#entries.values().filter((entry) => entry.phase !== "deleting");
    return Promise.resolve(Array.from(kept, current));
  }

  async delete(callId: string): Promise<boolean> {
    const entry = this.#entries.get(callId);
    if (entry === undefined || entry.phase === "deleting") return false;
    if (entry.phase === "writing") throw new RecordingBusyError(callId);
    entry.phase = "deleting";
    const paths = recordingPaths(this.#root, entry.summary);
    try {
      // The sound goes first: should this be cut short, no voice is left behind.
      await removeIfThere(paths.wav);
      await removeIfThere(paths.manifest);
      await removeIfThere(paths.temporary);
    } catch (error) {
      entry.phase = "kept";
      throw error;
    }
    this.#entries.delete(callId);
    return true;
  }

  async #finish(
    entry: Entry,
    writer: WavFileWriter,
    began: RecordingInfo,
    final: RecordingInfo,
  ): Promise<void> {
    const samples = writer.dataBytes / RECORDING_BLOCK_BYTES;
    try {
      await writer.close();
      const info = finalInfo(began, final, samples);
      await writeManifest(recordingPaths(this.#root, info).manifest, info);
      entry.summary = summaryOf(info);
    } catch (error) {
      entry.summary = { ...entry.summary, state: "failed", samples };
      throw error;
    } finally {
      delete entry.writer;
      entry.phase = "kept";
    }
  }
}

function summaryOf({ events: _, ...summary }: RecordingInfo): RecordingSummary {
  return summary;
}

/** The caller's own copy of what is known of a recording now. */
function current({ summary, writer }: Entry): RecordingSummary {
  const samples = writer ? writer.dataBytes / RECORDING_BLOCK_BYTES : summary.samples;
  return { ...summary, metadata: { ...summary.metadata }, samples };
}
