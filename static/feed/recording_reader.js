// @ts-check

/** More than the headers any of our recordings begins with. */
const HEADER_BYTES = 4096;
const RIFF = 0x46464952;
const RF64 = 0x34364652;
const FMT = 0x20746d66;
const DATA = 0x61746164;

/**
 * @typedef {object} Format Where the samples of a WAV file lie.
 * @property {number} sampleRate
 * @property {number} channels
 * @property {number} offset of the first sample in the file
 * @property {number} length samples of each channel
 */

/** Reads a recording by ranges, so that any place of hours of sound is at hand at once. */
export class RecordingReader {
  #url;
  #fetch;
  /** @type {Format | undefined} */
  format;

  /**
   * @param {string} url of the WAV file, 16 bits a sample
   * @param {(url: string, init: RequestInit) => Promise<Response>} fetch
   */
  constructor(url, fetch) {
    this.#url = url;
    this.#fetch = fetch;
  }

  /**
   * Reads the header, again when the recording may have grown.
   *
   * @param {AbortSignal} [signal]
   * @returns {Promise<Format>}
   * @throws {TypeError} when it cannot be read
   */
  async open(signal) {
    const { bytes, total } = await this.#range(0, HEADER_BYTES, signal);
    this.format = formatOf(bytes, total);
    return this.format;
  }

  /**
   * @param {number} position of the first sample
   * @param {number} samples at most so many of each channel
   * @param {AbortSignal} [signal]
   * @returns {Promise<ArrayBuffer>} interleaved; empty at the end
   * @throws {TypeError} when it cannot be read
   */
  async read(position, samples, signal) {
    const { offset, channels, length } = this.format ?? await this.open(signal);
    const count = Math.min(samples, length - position);
    if (count <= 0) return new ArrayBuffer(0);
    const frameBytes = 2 * channels;
    const { bytes } = await this.#range(
      offset + position * frameBytes,
      count * frameBytes,
      signal,
    );
    return bytes.byteLength === count * frameBytes
      ? bytes
      : bytes.slice(0, bytes.byteLength - bytes.byteLength % frameBytes);
  }

  /**
   * @param {number} from
   * @param {number} count
   * @param {AbortSignal} [signal]
   */
  async #range(from, count, signal) {
    const response = await this.#fetch(this.#url, {
      headers: { range: `bytes=${from}-${from + count - 1}` },
      ...(signal && { signal }),
    });
    if (response.status !== 206) {
      await response.body?.cancel();
      throw new TypeError(
        `Cannot read recording: expected status 206, received ${response.status}`,
      );
    }
    const total = Number(response.headers.get("content-range")?.split("/")[1]);
    return { bytes: await response.arrayBuffer(), total };
  }
}

/**
 * Where the samples lie. The size is taken from the file's own, because a header may be of a moment
 * when the recording still ran.
 *
 * @param {ArrayBuffer} bytes the file's beginning
 * @param {number} total bytes of the whole file
 * @returns {Format}
 * @throws {TypeError} when it is no WAV file
 */
function formatOf(bytes, total) {
  const view = new DataView(bytes);
  const kind = view.byteLength >= 12 ? view.getUint32(0, true) : 0;
  if (kind !== RIFF && kind !== RF64) throw new TypeError("Cannot read recording: no WAV file");
  let channels = 0;
  let sampleRate = 0;
  for (let at = 12; at + 8 <= view.byteLength;) {
    const id = view.getUint32(at, true);
    const size = view.getUint32(at + 4, true);
    if (id === FMT) {
      channels = view.getUint16(at + 10, true);
      sampleRate = view.getUint32(at + 12, true);
    }
    if (id === DATA) {
      const offset = at + 8;
      // In an RF64 file, and in one that was never finished, this size says nothing.
      const end = size === 0xffffffff || size === 0 ? total : Math.min(total, offset + size);
      const length = Math.max(0, Math.floor((end - offset) / (2 * channels)));
      return { sampleRate, channels, offset, length };
    }
    at += 8 + size + size % 2;
  }
  throw new TypeError("Cannot read recording: no data in its header");
}
