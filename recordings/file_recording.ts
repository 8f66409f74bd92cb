import type { RecordingPaths } from "./file_paths.ts";
import { buryRecording, sealRecording } from "./file_seal.ts";
import { WavFileWriter } from "./file_writer.ts";
import { createManifest, isThere, readManifest, removeIfThere, writeManifest } from "./manifest.ts";
import { pixelsOf } from "./peaks.ts";
import { PeaksFileWriter } from "./peaks_file_writer.ts";
import {
  RECORDING_BLOCK_BYTES,
  RecordingExistsError,
  type RecordingInfo,
  type RecordingWriter,
} from "./store.ts";
import { WAV_HEADER_BYTES } from "./wav.ts";
import { checkAppend, checkSkip, currentInfo, firstInfo } from "./writing.ts";

/** One recording while it is written to files. */
export class FileRecording implements RecordingWriter {
  readonly peaks: PeaksFileWriter;
  readonly #paths: RecordingPaths;
  readonly #wav: WavFileWriter;
  readonly #onFinish: () => void;
  #info: RecordingInfo;
  #finished: Promise<void> | undefined;
  #isClosed = false;

  private constructor(
    paths: RecordingPaths,
    info: RecordingInfo,
    wav: WavFileWriter,
    onFinish: () => void,
  ) {
    this.#paths = paths;
    this.#info = info;
    this.#wav = wav;
    this.#onFinish = onFinish;
    this.peaks = new PeaksFileWriter(paths.peaks);
  }

  /**
   * Makes the files of a new recording, and the folders above them where they are missing.
   *
   * @param onFinish called once, when nothing is written any more
   * @throws {RecordingExistsError} when there is one already, or samples without a description
   * @throws {Error} when the organisation's folder is a symbolic link or the disk refuses
   */
  static async create(
    paths: RecordingPaths,
    info: RecordingInfo,
    onFinish: () => void,
  ): Promise<FileRecording> {
    await Deno.mkdir(paths.folder, { recursive: true });
    if ((await Deno.lstat(paths.folder)).isSymlink) {
      throw new Error(`Cannot create recording: ${paths.folder} must not be a symbolic link`);
    }
    // A deletion that was cut short would be completed at the next start, and take this with it.
    if (await isThere(paths.doomed)) await buryRecording(paths);
    if (!await isFree(paths.manifest)) throw new RecordingExistsError(info.callId);
    await removeLeftover(paths);
    const began = firstInfo(info);
    try {
      // The description first: samples that nothing describes would be nobody's after a crash.
      await createManifest(paths.unfinished, began);
    } catch (error) {
      throw refused(error, info);
    }
    try {
      const wav = await WavFileWriter.create(paths.wav, info.sampleRate);
      await removeIfThere(paths.peaks);
      await removeIfThere(paths.manifest);
      return new FileRecording(paths, began, wav, onFinish);
    } catch (error) {
      // The disk's refusal says more than one to clean up; the next attempt cleans up again.
      await removeIfThere(paths.unfinished).catch(() => {});
      throw refused(error, info);
    }
  }

  /** What is known so far; the caller's own copy. */
  snapshot(): RecordingInfo {
    return structuredClone({ ...this.#info, samples: this.#samples });
  }

  async append(pcm: Uint8Array, peaks: Int8Array): Promise<void> {
    checkAppend(this.#info, this.#finished !== undefined, pcm, peaks);
    await this.#wav.append(pcm);
    await this.peaks.append(peaks);
    await this.#keepUp();
  }

  async skip(samples: number): Promise<void> {
    checkSkip(this.#info, this.#finished !== undefined, samples);
    await this.#wav.skip(samples * RECORDING_BLOCK_BYTES);
    await this.peaks.skip(pixelsOf(samples, this.#info.sampleRate));
    await this.#keepUp();
  }

  async update(info: RecordingInfo): Promise<void> {
    const { unfinished, temporary } = this.#paths;
    const told = currentInfo(this.#info, { ...info, state: "recording" }, 0);
    await writeManifest(unfinished, temporary, told);
    this.#info = told;
  }

  finish(info: RecordingInfo): Promise<void> {
    return this.#finished ??= this.#finish(info).catch((error) => {
      if (!this.#isClosed) this.#finished = undefined;
      throw error;
    });
  }

  get #samples(): number {
    return this.#wav.dataBytes / RECORDING_BLOCK_BYTES;
  }

  /** Now and then brings everything to the disk. What it refuses now it may take the next time. */
  async #keepUp(): Promise<void> {
    if (!this.#wav.isPatchDue) return;
    await this.peaks.flush();
    await this.#wav.patch().catch(() => {});
  }

  async #finish(final: RecordingInfo): Promise<void> {
    await this.#wav.seal();
    await this.peaks.flush();
    let refusal: unknown;
    try {
      await this.#conclude(final);
    } catch (error) {
      if (!(error instanceof RangeError || error instanceof DOMException)) throw error;
      // What can never be kept must not keep the recording open: it then ends without it.
      refusal = error;
      await this.#conclude({ ...this.#info, state: "failed" });
    }
    this.#isClosed = true;
    this.#wav.close();
    this.#onFinish();
    if (refusal !== undefined) throw refusal;
  }

  async #conclude(final: RecordingInfo): Promise<void> {
    const { unfinished, temporary } = this.#paths;
    const info = currentInfo(this.#info, final, this.#samples);
    // Should the process end before the hash is known, it is known here that the rest is there.
    await writeManifest(unfinished, temporary, info);
    await sealRecording(this.#paths, info, this.peaks.isWhole);
  }
}

/** Whether there is nothing at `path`, or a tombstone. */
async function isFree(path: string): Promise<boolean> {
  try {
    return (await readManifest(path)).state === "deleted";
  } catch (error) {
    return error instanceof Deno.errors.NotFound;
  }
}

/**
 * Takes away what an attempt left behind that did not come to a first sample, and could not clean up
 * after itself. Samples, and what is being recovered, stay.
 */
async function removeLeftover({ unfinished, wav }: RecordingPaths): Promise<void> {
  if (!await isThere(unfinished)) return;
  const isBegun = await readManifest(unfinished).then(
    ({ state }) => state !== "recording",
    () => false,
  );
  if (isBegun || await sizeOf(wav) > WAV_HEADER_BYTES) return;
  await removeIfThere(wav);
  await removeIfThere(unfinished);
}

async function sizeOf(path: string): Promise<number> {
  try {
    return (await Deno.lstat(path)).size;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return 0;
    throw error;
  }
}

function refused(error: unknown, { callId }: RecordingInfo): unknown {
  return error instanceof Deno.errors.AlreadyExists ? new RecordingExistsError(callId) : error;
}
