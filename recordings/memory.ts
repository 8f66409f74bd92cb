import { clampByteRange } from "./byte_range.ts";
import { checkNames } from "./names.ts";
import { Pages } from "./pages.ts";
import {
  RECORDING_BLOCK_BYTES,
  RecordingBusyError,
  RecordingExistsError,
  type RecordingInfo,
  type RecordingStore,
  RecordingStoreFullError,
  type RecordingSummary,
  type RecordingWriter,
  type StoredRecording,
} from "./store.ts";
import { checkAppend, finalInfo, firstInfo } from "./writing.ts";

/** How much a {@linkcode MemoryStore} may hold. */
export interface MemoryStoreOptions {
  /**
   * Most bytes of samples and descriptions held at a time, all recordings together.
   *
   * @default {268435456}
   */
  limitBytes?: number;
  /** Is told which recording was pushed out to make room. Must not throw. */
  onEvict?: (callId: string) => void;
}

interface Entry {
  info: RecordingInfo;
  readonly pages: Pages;
  /** What this recording counts for: its pages and the JSON of its description. */
  heldBytes: number;
  ended: boolean;
}

/**
 * Keeps recordings in the memory of this process. When full, the recording that ended first makes
 * room; one being written is never pushed out, and is refused more samples when nothing else can go.
 * A reader of a recording that was pushed out goes on to its end, so its pages outlive the count.
 */
export class MemoryStore implements RecordingStore {
  readonly #limitBytes: number;
  readonly #onEvict: (callId: string) => void;
  /** Those that ended come in the order in which they ended, behind or between those being written. */
  readonly #entries = new Map<string, Entry>();
  #heldBytes = 0;
  #writingBytes = 0;

  /** @throws {RangeError} when the limit is not a positive integer */
  constructor(options: MemoryStoreOptions = {}) {
    const { limitBytes = 256 * 1024 * 1024, onEvict = () => {} } = options;
    if (!Number.isSafeInteger(limitBytes) || limitBytes < 1) {
      throw new RangeError(
        `Cannot create memory store: limitBytes must be a positive integer, received ${limitBytes}`,
      );
    }
    this.#limitBytes = limitBytes;
    this.#onEvict = onEvict;
  }

  /** Bytes held now, never above the limit. */
  get heldBytes(): number {
    return this.#heldBytes;
  }

  // deno-lint-ignore require-await -- what is thrown must reach the caller as a rejection
  async create(info: RecordingInfo): Promise<RecordingWriter> {
    checkNames(info);
    if (this.#entries.has(info.callId)) throw new RecordingExistsError(info.callId);
    const entry: Entry = {
      info: firstInfo(info),
      pages: new Pages(),
      heldBytes: 0,
      ended: false,
    };
    this.#reserve(entry, JSON.stringify(info).length);
    this.#entries.set(info.callId, entry);
    return {
      append: (pcm) => Promise.try(() => this.#append(entry, pcm)),
      finish: (final) => Promise.try(() => this.#finish(entry, final)),
    };
  }

  open(callId: string): Promise<StoredRecording | null> {
    const entry = this.#entries.get(callId);
    if (entry === undefined) return Promise.resolve(null);
    const { pages } = entry;
    const length = pages.length;
    return Promise.resolve({
      info: { ...structuredClone(entry.info), samples: length / RECORDING_BLOCK_BYTES },
      read: (startByte, endByte) => pages.stream(clampByteRange(length, startByte, endByte)),
    });
  }

  list(): Promise<RecordingSummary[]> {
    const summaries = Array.from(this.#entries.values(), ({ info, pages }) => {
      const { events: _, ...summary } = info;
      return structuredClone({ ...summary, samples: pages.length / RECORDING_BLOCK_BYTES });
    });
    return Promise.resolve(summaries);
  }

  // deno-lint-ignore require-await -- what is thrown must reach the caller as a rejection
  async delete(callId: string): Promise<boolean> {
    const entry = this.#entries.get(callId);
    if (entry === undefined) return false;
    if (!entry.ended) throw new RecordingBusyError(callId);
    this.#remove(callId, entry);
    return true;
  }

  #append(entry: Entry, pcm: Uint8Array): void {
    checkAppend(entry.info.callId, entry.ended, pcm);
    this.#reserve(entry, entry.pages.growthFor(pcm.length));
    entry.pages.append(pcm);
  }

  #finish(entry: Entry, info: RecordingInfo): void {
    if (entry.ended) return;
    const { callId } = entry.info;
    const samples = entry.pages.length / RECORDING_BLOCK_BYTES;
    this.#release(entry, entry.pages.trim());
    // A description that does not fit must not keep the recording open: it then ends without it.
    try {
      this.#reserve(entry, JSON.stringify(info.events).length);
      entry.info = finalInfo(entry.info, info, samples);
    } catch (error) {
      entry.info = { ...entry.info, state: "failed", samples };
      throw error;
    } finally {
      entry.ended = true;
      this.#writingBytes -= entry.heldBytes;
      this.#entries.delete(callId);
      this.#entries.set(callId, entry);
    }
  }

  /** Makes room for `bytes` more of a recording being written, or throws and changes nothing. */
  #reserve(entry: Entry, bytes: number): void {
    if (this.#writingBytes + bytes > this.#limitBytes) {
      throw new RecordingStoreFullError(
        `Cannot keep more of recording ${entry.info.callId} in memory: recordings being written ` +
          `need ${this.#writingBytes + bytes} bytes, limit ${this.#limitBytes}. ` +
          "To record longer, raise the limit or keep recordings in files",
      );
    }
    for (const [callId, other] of this.#entries) {
      if (this.#heldBytes + bytes <= this.#limitBytes) break;
      if (!other.ended) continue;
      this.#remove(callId, other);
      this.#onEvict(callId);
    }
    entry.heldBytes += bytes;
    this.#heldBytes += bytes;
    this.#writingBytes += bytes;
  }

  #release(entry: Entry, bytes: number): void {
    entry.heldBytes -= bytes;
    this.#heldBytes -= bytes;
    this.#writingBytes -= bytes;
  }

  #remove(callId: string, entry: Entry): void {
    this.#entries.delete(callId);
    this.#heldBytes -= entry.heldBytes;
  }
}
