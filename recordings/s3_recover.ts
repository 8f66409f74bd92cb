import { PeakScanner } from "./peak_scanner.ts";
import { peakBytesOf } from "./peaks.ts";
import { S3Error } from "./s3_error.ts";
import type { S3Folder } from "./s3_folder.ts";
import type { UploadJournal } from "./s3_journal.ts";
import { RECORDING_BLOCK_BYTES, type RecordingInfo } from "./store.ts";
import { WAV_HEADER_BYTES, wavHeader } from "./wav.ts";
import { WavHash } from "./wav_hash.ts";

/**
 * Finishes what another process left unfinished: makes a recording of the parts that arrived, and puts
 * its true length into the header. Done twice, also side by side, it comes to the same.
 *
 * @returns what was made of it, or `null` when nothing had to be
 * @throws {S3Error}
 */
export async function recoverRecording(folder: S3Folder): Promise<RecordingInfo | null> {
  const began = await folder.manifest();
  const journal = await folder.journal();
  if (began?.state !== "recording") {
    // It was finished or deleted, and then the end of that was cut off.
    await folder.abort(journal);
    await folder.removeUnfinished();
    return null;
  }
  const bytes = await assemble(folder, began, journal);
  const dataBytes = bytes - WAV_HEADER_BYTES;
  const samples = dataBytes / RECORDING_BLOCK_BYTES;
  const { peaks, hash } = await inspect(folder, { ...began, samples }, bytes);
  await folder.bucket.put(folder.keys.peaks, peaks, "application/octet-stream");
  const state = samples > 0 ? "recovered" : "failed";
  const info: RecordingInfo = { ...began, state, samples, ...hash.digest() };
  await folder.putManifest(info);
  await folder.removeUnfinished();
  return info;
}

/** Puts the WAV together and answers its length in bytes. */
async function assemble(
  folder: S3Folder,
  { sampleRate }: RecordingInfo,
  journal: UploadJournal | null,
): Promise<number> {
  const { bucket, keys } = folder;
  const head = await bucket.get(keys.head) ?? wavHeader({ sampleRate, channels: 2, dataBytes: 0 });
  const tail = journal?.hasTail ? await bucket.get(keys.tail) : null;
  const { uploadId, etags = [], partBytes = 0 } = journal ?? {};
  const bytes = head.length + etags.length * partBytes + (tail?.length ?? 0);
  const hasMore = uploadId !== undefined && bytes > head.length;
  if (hasMore) {
    // Another process may have come so far and no further.
    if ((await bucket.stat(keys.wav))?.bytes === bytes) return bytes;
    try {
      const first = await bucket.putPart(
        keys.wav,
        uploadId,
        1,
        withLength(head, sampleRate, bytes),
      );
      const all = [first, ...etags];
      if (tail !== null) all.push(await bucket.putPart(keys.wav, uploadId, all.length + 1, tail));
      await bucket.completeUpload(keys.wav, uploadId, all);
      return bytes;
    } catch (error) {
      // Parts that S3 has dropped, as after some days it may be told to, are lost: the head is not.
      if (!(error instanceof S3Error) || error.problem !== "invalid") throw error;
    }
  }
  const wav = withLength(head, sampleRate, head.length);
  await bucket.put(keys.wav, wav, "audio/wav");
  if (!hasMore) await folder.abort(journal);
  return wav.length;
}

/** The beginning of a WAV file with a header for so many bytes in all. */
function withLength(
  head: Uint8Array<ArrayBuffer>,
  sampleRate: number,
  bytes: number,
): Uint8Array<ArrayBuffer> {
  const dataBytes = bytes - WAV_HEADER_BYTES;
  head.set(wavHeader({ sampleRate, channels: 2, dataBytes }));
  return head;
}

/** Reads the object again: nobody else has its fingerprint, or all of its peaks. */
async function inspect(
  { bucket, keys }: S3Folder,
  { samples, sampleRate, callId }: RecordingInfo,
  bytes: number,
): Promise<{ peaks: Uint8Array<ArrayBuffer>; hash: WavHash }> {
  const hash = new WavHash();
  const peaks = new Int8Array(peakBytesOf(samples, sampleRate));
  const scanner = new PeakScanner(sampleRate, peaks);
  for (let at = 0; at < bytes; at += PIECE_BYTES) {
    const piece = await bucket.get(keys.wav, at, Math.min(bytes, at + PIECE_BYTES));
    if (piece === null) throw new Error(`Cannot recover recording: S3 lost that of call ${callId}`);
    hash.update(piece);
    scanner.update(piece.subarray(at === 0 ? WAV_HEADER_BYTES : 0));
  }
  scanner.end();
  return { peaks: new Uint8Array(peaks.buffer), hash };
}

const PIECE_BYTES = 1024 * 1024;
