// @ts-check

/** Bytes of a pixel: user minimum and maximum, bot minimum and maximum. */
const PIXEL_BYTES = 4;
/** A day of 50 ms pixels, 7 MB: what lies beyond is not drawn. */
const MOST_PIXELS = 24 * 3600 * 20;
const FIRST_PIXELS = 4096;

/** @typedef {"user" | "bot"} Side */

/** The waveform of a call, a pixel for each 50 ms frame, filled in any order. */
export class PeakStore {
  #bytes = new Int8Array(FIRST_PIXELS * PIXEL_BYTES);
  #length = 0;

  /** Pixels from the call's beginning to the last that is known. */
  get length() {
    return this.#length;
  }

  /**
   * @param {number} fromPixel
   * @param {Int8Array} bytes four a pixel; copied. What does not fit into a day is left out.
   */
  write(fromPixel, bytes) {
    if (!Number.isSafeInteger(fromPixel) || fromPixel < 0) return;
    const room = Math.max(0, MOST_PIXELS - fromPixel);
    const pixels = Math.min(room, Math.floor(bytes.length / PIXEL_BYTES));
    if (pixels === 0) return;
    this.#grow(fromPixel + pixels);
    this.#bytes.set(bytes.subarray(0, pixels * PIXEL_BYTES), fromPixel * PIXEL_BYTES);
    this.#length = Math.max(this.#length, fromPixel + pixels);
  }

  /** @param {number} pixels */
  #grow(pixels) {
    let capacity = this.#bytes.length / PIXEL_BYTES;
    if (pixels <= capacity) return;
    while (capacity < pixels) capacity *= 2;
    const grown = new Int8Array(Math.min(capacity, MOST_PIXELS) * PIXEL_BYTES);
    grown.set(this.#bytes);
    this.#bytes = grown;
  }

  /**
   * How loud a side is at most from one pixel up to another, 0 to 127. The noise of a quiet line is 0.
   *
   * @param {Side} side
   * @param {number} from
   * @param {number} to exclusive; what is not known is silent
   */
  loudest(side, from, to) {
    const offset = side === "user" ? 0 : 2;
    const end = Math.min(to, this.#length);
    let loudest = 0;
    for (let pixel = Math.max(0, from); pixel < end; pixel++) {
      const at = pixel * PIXEL_BYTES + offset;
      // A minimum of -1 is any sample below zero, the quietest included.
      const peak = Math.max(-1 - this.#bytes[at], this.#bytes[at + 1]);
      if (peak > loudest) loudest = peak;
    }
    return loudest;
  }
}

/** @param {string} base64 @returns {Int8Array} empty when it is none */
export function decodePeaks(base64) {
  try {
    const text = atob(base64);
    const bytes = new Int8Array(text.length);
    for (let index = 0; index < text.length; index++) bytes[index] = text.charCodeAt(index);
    return bytes;
  } catch {
    return new Int8Array(0);
  }
}
