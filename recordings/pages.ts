import type { ByteRange } from "./byte_range.ts";

/** Bytes of a page: also the largest chunk a reader is given. */
export const PAGE_BYTES = 65_536;

/**
 * A growing run of bytes in pages of 64 KiB, so that appending never copies what is there already
 * and any byte is found by division.
 */
export class Pages {
  readonly #pages: Uint8Array<ArrayBuffer>[] = [];
  #length = 0;

  /** Bytes appended so far. */
  get length(): number {
    return this.#length;
  }

  /** How many bytes of new pages an append of `bytes` takes. */
  growthFor(bytes: number): number {
    const pages = Math.ceil((this.#length + bytes) / PAGE_BYTES);
    return (pages - this.#pages.length) * PAGE_BYTES;
  }

  /** Copies `bytes` behind those that are there. */
  append(bytes: Uint8Array): void {
    let taken = 0;
    while (taken < bytes.length) {
      const offset = this.#length % PAGE_BYTES;
      if (offset === 0) this.#pages.push(new Uint8Array(PAGE_BYTES));
      const part = bytes.subarray(taken, taken + PAGE_BYTES - offset);
      this.#pages[this.#pages.length - 1].set(part, offset);
      this.#length += part.length;
      taken += part.length;
    }
  }

  /** Gives back the unused end of the last page and answers its bytes. Nothing is appended after. */
  trim(): number {
    const used = this.#length % PAGE_BYTES;
    if (used === 0) return 0;
    const last = this.#pages.length - 1;
    this.#pages[last] = this.#pages[last].slice(0, used);
    return PAGE_BYTES - used;
  }

  /** The bytes of `range`, which must lie within {@linkcode length}, in copies of up to one page. */
  stream(range: ByteRange): ReadableStream<Uint8Array<ArrayBuffer>> {
    let { start } = range;
    const { end } = range;
    return new ReadableStream({
      pull: (controller) => {
        if (start >= end) return controller.close();
        const offset = start % PAGE_BYTES;
        const page = this.#pages[Math.floor(start / PAGE_BYTES)];
        const chunk = page.slice(offset, Math.min(PAGE_BYTES, offset + end - start));
        start += chunk.length;
        controller.enqueue(chunk);
      },
    }, { highWaterMark: 0 });
  }
}
