import type { RecordingPaths } from "./file_paths.ts";
import { WavFileWriter } from "./file_writer.ts";
import { removeIfThere, writeManifest } from "./manifest.ts";
import { RecordingExistsError, type RecordingInfo } from "./store.ts";

/**
 * Makes the files of a new recording, and the folders above them where they are missing.
 *
 * @throws {RecordingExistsError} when there are samples already
 * @throws {Error} when the organisation's folder is a symbolic link or the disk refuses
 */
export async function createFiles(
  paths: RecordingPaths,
  info: RecordingInfo,
): Promise<WavFileWriter> {
  await Deno.mkdir(paths.folder, { recursive: true });
  if ((await Deno.lstat(paths.folder)).isSymlink) {
    throw new Error(`Cannot create recording: ${paths.folder} must not be a symbolic link`);
  }
  const writer = await createWav(paths.wav, info);
  try {
    await writeManifest(paths.manifest, info);
    return writer;
  } catch (error) {
    await writer.close();
    await removeIfThere(paths.wav);
    throw error;
  }
}

async function createWav(path: string, info: RecordingInfo): Promise<WavFileWriter> {
  try {
    return await WavFileWriter.create(path, info.sampleRate);
  } catch (error) {
    if (error instanceof Deno.errors.AlreadyExists) throw new RecordingExistsError(info.callId);
    throw error;
  }
}
