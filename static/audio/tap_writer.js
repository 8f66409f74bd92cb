// @ts-check

/** Frames posted at a time: under a tenth of a second. */
const BATCH = 4096;

/** Copies what was played to a port, in batches, for tests to listen to. */
export class TapWriter {
  #port;
  #batch = new Float32Array(BATCH);
  #filled = 0;

  /** @param {MessagePort} port */
  constructor(port) {
    this.#port = port;
  }

  /**
   * @param {Float32Array} samples at the device's rate; copied
   * @param {number} frame the context's number of the first of them
   */
  write(samples, frame) {
    if (this.#filled + samples.length > BATCH) this.#post(frame);
    this.#batch.set(samples, this.#filled);
    this.#filled += samples.length;
  }

  /** @param {number} end the context's frame number after the batch */
  #post(end) {
    const samples = this.#batch.slice(0, this.#filled);
    this.#port.postMessage({ type: "tap", frame: end - this.#filled, samples }, [samples.buffer]);
    this.#filled = 0;
  }
}
