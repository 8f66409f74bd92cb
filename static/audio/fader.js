// @ts-check

/** A gain that travels between 0 and 1 along a raised cosine. Starts at 0. */
export class Fader {
  #curve;
  #position = 0;
  #direction = 0;

  /** @param {number} frames a whole fade takes, 1 or more */
  constructor(frames) {
    this.#curve = new Float32Array(frames + 1);
    for (let i = 0; i <= frames; i++) this.#curve[i] = 0.5 - 0.5 * Math.cos(Math.PI * i / frames);
  }

  /** Output frames of a whole fade. */
  get frames() {
    return this.#curve.length - 1;
  }

  /** At 0 and staying there. */
  get isClosed() {
    return this.#position === 0 && this.#direction <= 0;
  }

  /** Output frames until the fade under way is over. */
  get remaining() {
    if (this.#direction === 0) return 0;
    return this.#direction > 0 ? this.frames - this.#position : this.#position;
  }

  /** On its way to 0, or there. */
  get isClosing() {
    return this.#direction < 0 || this.isClosed;
  }

  open() {
    this.#direction = 1;
  }

  close() {
    this.#direction = -1;
  }

  /** Drops to 0 without a fade: for when nothing is being played. */
  reset() {
    this.#position = 0;
    this.#direction = 0;
  }

  /**
   * Applies the gain in place to `samples[from]` up to, not including, `samples[to]`.
   *
   * @param {Float32Array} samples
   * @param {number} from
   * @param {number} to
   */
  apply(samples, from, to) {
    const end = this.frames;
    for (let i = from; i < to; i++) {
      if (this.#direction === 0 && this.#position === end) return;
      this.#position = Math.max(0, Math.min(end, this.#position + this.#direction));
      if (this.#position === (this.#direction > 0 ? end : 0)) this.#direction = 0;
      samples[i] *= this.#curve[this.#position];
    }
  }
}
