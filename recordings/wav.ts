/**
 * The header of a PCM 16-bit WAV file, the same length for every size, so that it can be written
 * again in place while the file grows. Sources: Multimedia Programming Interface 1.0 (RIFF/WAVE) and
 * EBU Tech 3306 (RF64).
 *
 * @module
 */

/** Bytes before the first sample: RIFF 12, JUNK or ds64 36, fmt 24, the head of data 8. */
export const WAV_HEADER_BYTES = 80;

/** Says "see ds64" in the 32-bit size fields of an RF64 file. */
const SEE_DS64 = 0xffffffff;
const DS64_PAYLOAD_BYTES = 28;
const BYTES_PER_SAMPLE = 2;

/** What a WAV header tells of the data behind it. */
export interface WavFormat {
  /** Samples per second of each channel, in Hz. */
  sampleRate: number;
  channels: 1 | 2;
  /** Bytes of samples. An odd number must be followed by one zero byte that is not counted here. */
  dataBytes: number;
}

/**
 * The first {@linkcode WAV_HEADER_BYTES} bytes of a WAV file. What fits 32-bit sizes is plain RIFF
 * with a JUNK chunk; for more, that chunk becomes the `ds64` of an RF64 file.
 *
 * @throws {RangeError} when a number cannot stand in a header
 */
export function wavHeader(format: WavFormat): Uint8Array<ArrayBuffer> {
  const { sampleRate, channels, dataBytes } = format;
  checkInteger("sampleRate", sampleRate, 1, 0xffffffff);
  checkInteger("channels", channels, 1, 2);
  checkInteger("dataBytes", dataBytes, 0, Number.MAX_SAFE_INTEGER - WAV_HEADER_BYTES);

  const riffBytes = WAV_HEADER_BYTES - 8 + dataBytes + dataBytes % 2;
  const blockBytes = channels * BYTES_PER_SAMPLE;
  // The size 0xFFFFFFFF itself is RF64's mark; RIFF sizes are even, so none is lost to it.
  const isRf64 = riffBytes >= SEE_DS64;

  const header = new Uint8Array(WAV_HEADER_BYTES);
  const view = new DataView(header.buffer);
  putName(header, 0, isRf64 ? "RF64" : "RIFF");
  view.setUint32(4, isRf64 ? SEE_DS64 : riffBytes, true);
  putName(header, 8, "WAVE");

  putName(header, 12, isRf64 ? "ds64" : "JUNK");
  view.setUint32(16, DS64_PAYLOAD_BYTES, true);
  if (isRf64) {
    view.setBigUint64(20, BigInt(riffBytes), true);
    view.setBigUint64(28, BigInt(dataBytes), true);
    view.setBigUint64(36, BigInt(Math.floor(dataBytes / blockBytes)), true);
    // The count of further chunk sizes stays 0: no other chunk can be that long.
  }

  putName(header, 48, "fmt ");
  view.setUint32(52, 16, true);
  view.setUint16(56, 1, true); // WAVE_FORMAT_PCM
  view.setUint16(58, channels, true);
  view.setUint32(60, sampleRate, true);
  view.setUint32(64, sampleRate * blockBytes, true);
  view.setUint16(68, blockBytes, true);
  view.setUint16(70, BYTES_PER_SAMPLE * 8, true);

  putName(header, 72, "data");
  view.setUint32(76, isRf64 ? SEE_DS64 : dataBytes, true);
  return header;
}

/** Writes a chunk's four-letter name. */
function putName(header: Uint8Array, offset: number, name: string): void {
  for (let i = 0; i < 4; i++) header[offset + i] = name.charCodeAt(i);
}

function checkInteger(name: string, value: number, least: number, most: number): void {
  if (Number.isSafeInteger(value) && value >= least && value <= most) return;
  throw new RangeError(
    `Cannot write WAV header: ${name} must be an integer from ${least} to ${most}, received ${value}`,
  );
}
