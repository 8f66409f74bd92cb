/** Makes whole frames of a stream of bytes, whatever its chunks are. */
export class FrameStream {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array<ArrayBuffer>>;
  readonly #frameBytes: number;
  /** The beginning of a frame whose rest has not come. */
  #rest = new Uint8Array(0);

  /** @param frameBytes all channels counted */
  constructor(stream: ReadableStream<Uint8Array<ArrayBuffer>>, frameBytes: number) {
    this.#reader = stream.getReader();
    this.#frameBytes = frameBytes;
  }

  /** The next frames, at least one, or `undefined` at the end; a broken last one is left out. */
  async next(): Promise<Int16Array<ArrayBuffer> | undefined> {
    for (;;) {
      const { done, value } = await this.#reader.read();
      if (done) return undefined;
      const bytes = new Uint8Array(this.#rest.length + value.length);
      bytes.set(this.#rest);
      bytes.set(value, this.#rest.length);
      const whole = bytes.length - bytes.length % this.#frameBytes;
      this.#rest = bytes.slice(whole);
      // Every platform that Deno runs on is little-endian, as the stored samples are.
      if (whole > 0) return new Int16Array(bytes.buffer, 0, whole / 2);
    }
  }

  /** Lets go of the stream. */
  close(): void {
    this.#reader.cancel().catch(() => {});
  }
}
