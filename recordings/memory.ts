import { clampByteRange, clampPixelRange } from "./byte_range.ts";
import { checkNames } from "./names.ts";
import { Pages } from "./pages.ts";
import { peakBytesOf, PIXEL_BYTES, pixelsOf } from "./peaks.ts";
import {
  RECORDING_BLOCK_BYTES,
  RecordingBusyError,
  RecordingExistsError,
  type RecordingInfo,
  type RecordingRef,
  type RecordingStore,
  RecordingStoreFullError,
  type RecordingSummary,
  type RecordingWriter,
  type StoredRecording,
} from "./store.ts";
import { wavHeader } from "./wav.ts";
import { WavHash } from "./wav_hash.ts";
import {
  checkAppend,
  checkSkip,
  currentInfo,
  firstInfo,
  summaryOf,
  tombstoneOf,
} from "./writing.ts";

/** How much a {@linkcode MemoryStore} may hold. */
export interface MemoryStoreOptions {
  /**
   * Most bytes of samples and descriptions held at a time, all recordings together.
   *
   * @default {268435456}
   */
  limitBytes?: number;
  /** Is told which recording was pushed out to make room. Must not throw. */
  onEvict?: (ref: RecordingRef) => void;
}

/** Peaks come to 320 bytes a second. */
const PEAK_PAGE_BYTES = 4096;

/** Bytes hashed before others get their turn. */
const HASH_TURN_BYTES = 4 * 1024 * 1024;

interface Entry {
  info: RecordingInfo;
  readonly pages: Pages;
  readonly peaks: Pages;
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
  readonly #onEvict: (ref: RecordingRef) => void;
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
    const key = keyOf(info);
    const before = this.#entries.get(key);
    if (before !== undefined && before.info.state !== "deleted") {
      throw new RecordingExistsError(info.callId);
    }
    if (before !== undefined) this.#remove(before);
    const entry = newEntry(firstInfo(info));
    this.#reserve(entry, JSON.stringify(entry.info).length);
    this.#entries.set(key, entry);
    let finished: Promise<void> | undefined;
    return {
      append: (pcm, peaks) => Promise.try(() => this.#append(entry, pcm, peaks)),
      skip: (samples) => Promise.try(() => this.#skip(entry, samples)),
      update: (told) => Promise.try(() => this.#update(entry, { ...told, state: "recording" })),
      finish: (final) => finished ??= this.#finish(entry, final),
    };
  }

  open(ref: RecordingRef): Promise<StoredRecording | null> {
    const entry = this.#entries.get(keyOf(ref));
    if (entry === undefined || entry.info.state === "deleted") return Promise.resolve(null);
    const { pages, peaks, info } = entry;
    const { length } = pages;
    const samples = length / RECORDING_BLOCK_BYTES;
    const pixels = pixelsOf(samples, info.sampleRate);
    return Promise.resolve({
      info: structuredClone({ ...info, samples }),
      read: (startByte, endByte) => pages.stream(clampByteRange(length, startByte, endByte)),
      peaks: (startPixel, endPixel) =>
        Promise.try(() => {
          const { start, end } = clampPixelRange(pixels, startPixel, endPixel);
          return new Int8Array(
            peaks.slice({ start: PIXEL_BYTES * start, end: PIXEL_BYTES * end }).buffer,
          );
        }),
    });
  }

  describe(ref: RecordingRef): Promise<RecordingSummary | null> {
    const entry = this.#entries.get(keyOf(ref));
    if (entry === undefined) return Promise.resolve(null);
    const { info, pages } = entry;
    const { samples } = info.state === "deleted"
      ? info
      : { samples: pages.length / RECORDING_BLOCK_BYTES };
    return Promise.resolve(structuredClone({ ...summaryOf(info), samples }));
  }

  async *names(): AsyncGenerator<RecordingRef> {
    for (const { info: { organisation, callId } } of [...this.#entries.values()]) {
      yield { organisation, callId };
    }
  }

  // deno-lint-ignore require-await -- what is thrown must reach the caller as a rejection
  async delete(ref: RecordingRef): Promise<boolean> {
    const entry = this.#entries.get(keyOf(ref));
    if (entry === undefined || entry.info.state === "deleted") return false;
    if (!entry.ended) throw new RecordingBusyError(ref.callId);
    this.#remove(entry);
    const tombstone = newEntry(tombstoneOf({
      ...entry.info,
      samples: entry.pages.length / RECORDING_BLOCK_BYTES,
    }));
    tombstone.ended = true;
    tombstone.heldBytes = JSON.stringify(tombstone.info).length;
    this.#heldBytes += tombstone.heldBytes;
    this.#entries.set(keyOf(ref), tombstone);
    return true;
  }

  /** Removes the tombstone of a recording that was deleted, so that nothing is left of it. */
  forget(ref: RecordingRef): void {
    const entry = this.#entries.get(keyOf(ref));
    if (entry?.info.state === "deleted") this.#remove(entry);
  }

  #append(entry: Entry, pcm: Uint8Array, peaks: Int8Array): void {
    checkAppend(entry.info, entry.ended, pcm, peaks);
    const growth = entry.pages.growthFor(pcm.length) + entry.peaks.growthFor(peaks.length);
    this.#reserve(entry, growth);
    entry.pages.append(pcm);
    entry.peaks.append(new Uint8Array(peaks.buffer, peaks.byteOffset, peaks.length));
  }

  #skip(entry: Entry, samples: number): void {
    checkSkip(entry.info, entry.ended, samples);
    const bytes = samples * RECORDING_BLOCK_BYTES;
    const peakBytes = peakBytesOf(samples, entry.info.sampleRate);
    const growth = entry.pages.growthForZeros(bytes) + entry.peaks.growthForZeros(peakBytes);
    this.#reserve(entry, growth);
    entry.pages.appendZeros(bytes);
    entry.peaks.appendZeros(peakBytes);
  }

  /** Takes a description in place of the one before; what it counts for follows. */
  #update(entry: Entry, told: RecordingInfo): void {
    const samples = entry.pages.length / RECORDING_BLOCK_BYTES;
    const info = currentInfo(entry.info, told, samples);
    const more = JSON.stringify(info).length - JSON.stringify(entry.info).length;
    if (more > 0) this.#reserve(entry, more);
    else this.#release(entry, -more);
    entry.info = info;
  }

  async #finish(entry: Entry, final: RecordingInfo): Promise<void> {
    this.#release(entry, entry.pages.trim() + entry.peaks.trim());
    // A description that does not fit must not keep the recording open: it then ends without it.
    try {
      this.#update(entry, final);
    } catch (error) {
      const samples = entry.pages.length / RECORDING_BLOCK_BYTES;
      entry.info = { ...entry.info, state: "failed", samples };
      throw error;
    } finally {
      entry.ended = true;
      this.#writingBytes -= entry.heldBytes;
      const key = keyOf(entry.info);
      this.#entries.delete(key);
      this.#entries.set(key, entry);
    }
    const fingerprint = await fingerprintOf(entry);
    entry.info = { ...entry.info, ...fingerprint };
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
    for (const other of this.#entries.values()) {
      if (this.#heldBytes + bytes <= this.#limitBytes) break;
      if (!other.ended) continue;
      this.#remove(other);
      if (other.info.state !== "deleted") this.#onEvict(other.info);
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

  #remove(entry: Entry): void {
    this.#entries.delete(keyOf(entry.info));
    this.#heldBytes -= entry.heldBytes;
  }
}

function newEntry(info: RecordingInfo): Entry {
  return {
    info,
    pages: new Pages(),
    peaks: new Pages(PEAK_PAGE_BYTES),
    heldBytes: 0,
    ended: false,
  };
}

/** A slash is in neither name. */
function keyOf({ organisation, callId }: RecordingRef): string {
  return `${organisation}/${callId}`;
}

/** The fingerprint of the WAV file that the store would write, were it one of files. */
async function fingerprintOf({ info, pages }: Entry) {
  const { sampleRate } = info;
  const hash = new WavHash();
  hash.update(wavHeader({ sampleRate, channels: 2, dataBytes: pages.length }));
  let turn = 0;
  for (const chunk of pages.chunks()) {
    hash.update(chunk);
    if ((turn += chunk.length) < HASH_TURN_BYTES) continue;
    turn = 0;
    await new Promise<void>((resolve) => setImmediate(resolve));
  }
  return hash.digest();
}
