/** Samples that are kept for reuse between calls; what is longer is allocated for its one call. */
const RETAINED_SAMPLES = 16384;

/**
 * An array that a hot path writes its result into again and again, so that the same work done twice
 * allocates nothing. It keeps at most 32 KiB, however much was once asked for.
 */
export class Int16Scratch {
  #kept = new Int16Array(0);
  #keptBytes = new Uint8Array(0);
  #view = this.#kept;

  /**
   * An array of exactly `length` samples with arbitrary content, valid until the next call. Asked
   * for the same length again, up to 16384, it answers the same array.
   */
  take(length: number): Int16Array<ArrayBuffer> {
    if (this.#view.length === length) return this.#view;
    if (length > RETAINED_SAMPLES) return new Int16Array(length);
    if (length > this.#kept.length) {
      // Powers of two: a slowly growing length replaces the array only a few times.
      this.#kept = new Int16Array(2 ** Math.ceil(Math.log2(length)));
      this.#keptBytes = new Uint8Array(this.#kept.buffer);
    }
    this.#view = this.#kept.subarray(0, length);
    return this.#view;
  }

  /**
   * {@linkcode take}s an array and fills it from `bytes`, an even number of them, as little-endian
   * samples. They may begin at any byte of their buffer, where no Int16Array could.
   */
  takeFromBytes(bytes: Uint8Array): Int16Array<ArrayBuffer> {
    const samples = this.take(bytes.length / 2);
    // The bytes are copied as they are: every platform Deno runs on is little-endian.
    if (samples === this.#view) this.#keptBytes.set(bytes);
    else new Uint8Array(samples.buffer).set(bytes);
    return samples;
  }
}
