import { computePeaks, samplesPerPixel } from "./peaks.ts";
import { RECORDING_BLOCK_BYTES } from "./store.ts";

/** Works out peaks of samples that come as bytes, in pieces of any size. */
export class PeakScanner {
  readonly #output: Int8Array;
  readonly #perPixel: number;
  /** The samples of the pixel that is not full yet. */
  readonly #pixel: Int16Array<ArrayBuffer>;
  readonly #pixelBytes: Uint8Array;
  #filled = 0;
  #at = 0;

  /** @param output as long as all samples that will come take; see `pixelsOf` */
  constructor(sampleRate: number, output: Int8Array) {
    this.#output = output;
    this.#perPixel = samplesPerPixel(sampleRate);
    this.#pixel = new Int16Array(2 * this.#perPixel);
    this.#pixelBytes = new Uint8Array(this.#pixel.buffer);
  }

  update(bytes: Uint8Array): void {
    let from = 0;
    while (from < bytes.length) {
      const part = bytes.subarray(from, from + this.#pixelBytes.length - this.#filled);
      this.#pixelBytes.set(part, this.#filled);
      this.#filled += part.length;
      from += part.length;
      if (this.#filled === this.#pixelBytes.length) this.end();
    }
  }

  /** Completes the last pixel, which may be of fewer samples. */
  end(): void {
    const count = Math.floor(this.#filled / RECORDING_BLOCK_BYTES);
    this.#at = computePeaks(this.#pixel, 0, count, this.#perPixel, this.#output, this.#at);
    this.#filled = 0;
  }
}
