import type { ByteRange } from "./byte_range.ts";

/** Bytes of a page of sound: also the largest chunk a reader is given. */
const PAGE_BYTES = 65_536;

/**
 * A growing run of bytes in pages, so that appending never copies what is there already and any byte
 * is found by division.
 */
export class Pages {
  readonly #pageBytes: number;
  /** Stands for every page of nothing but zeros that came whole. */
  readonly #zeros: Uint8Array<ArrayBuffer>;
  readonly #pages: Uint8Array<ArrayBuffer>[] = [];
  #length = 0;

  constructor(pageBytes = PAGE_BYTES) {
    this.#pageBytes = pageBytes;
    this.#zeros = zeroPage(pageBytes);
  }

  /** Bytes appended so far. */
  get length(): number {
    return this.#length;
  }

  /** How many bytes of new pages an append of `bytes` takes. */
  growthFor(bytes: number): number {
    const pages = Math.ceil((this.#length + bytes) / this.#pageBytes);
    return (pages - this.#pages.length) * this.#pageBytes;
  }

  /** Copies `bytes` behind those that are there. */
  append(bytes: Uint8Array): void {
    let taken = 0;
    while (taken < bytes.length) {
      const offset = this.#length % this.#pageBytes;
      if (offset === 0) this.#pages.push(new Uint8Array(this.#pageBytes));
      const part = bytes.subarray(taken, taken + this.#pageBytes - offset);
      this.#pages[this.#pages.length - 1].set(part, offset);
      this.#length += part.length;
      taken += part.length;
    }
  }

  /** How many bytes of new pages so many zeros take. */
  growthForZeros(count: number): number {
    const room = (this.#pageBytes - this.#length % this.#pageBytes) % this.#pageBytes;
    return count > room && (count - room) % this.#pageBytes > 0 ? this.#pageBytes : 0;
  }

  /** Puts zeros behind what is there; whole pages of them take no room. */
  appendZeros(count: number): void {
    while (count > 0) {
      const offset = this.#length % this.#pageBytes;
      const part = Math.min(count, this.#pageBytes - offset);
      // A page is zeros from its beginning on, and nothing has been written behind the length.
      if (offset === 0) {
        this.#pages.push(part === this.#pageBytes ? this.#zeros : new Uint8Array(this.#pageBytes));
      }
      this.#length += part;
      count -= part;
    }
  }

  /** The pages as they are, the last as far as it is filled. Not copies. */
  *chunks(): Generator<Uint8Array<ArrayBuffer>> {
    for (let start = 0, index = 0; start < this.#length; start += this.#pageBytes) {
      yield this.#pages[index++].subarray(0, this.#length - start);
    }
  }

  /** The bytes of `range` in one copy; what lies beyond {@linkcode length} is 0. */
  slice(range: ByteRange): Uint8Array<ArrayBuffer> {
    const bytes = new Uint8Array(range.end - range.start);
    const end = Math.min(range.end, this.#length);
    for (let start = range.start; start < end;) {
      const offset = start % this.#pageBytes;
      const page = this.#pages[Math.floor(start / this.#pageBytes)];
      const part = page.subarray(offset, Math.min(this.#pageBytes, offset + end - start));
      bytes.set(part, start - range.start);
      start += part.length;
    }
    return bytes;
  }

  /** Gives back the unused end of the last page and answers its bytes. Nothing is appended after. */
  trim(): number {
    const used = this.#length % this.#pageBytes;
    if (used === 0) return 0;
    const last = this.#pages.length - 1;
    this.#pages[last] = this.#pages[last].slice(0, used);
    return this.#pageBytes - used;
  }

  /** The bytes of `range`, which must lie within {@linkcode length}, in copies of up to one page. */
  stream(range: ByteRange): ReadableStream<Uint8Array<ArrayBuffer>> {
    let { start } = range;
    const { end } = range;
    return new ReadableStream({
      pull: (controller) => {
        if (start >= end) return controller.close();
        const offset = start % this.#pageBytes;
        const page = this.#pages[Math.floor(start / this.#pageBytes)];
        const chunk = page.slice(offset, Math.min(this.#pageBytes, offset + end - start));
        start += chunk.length;
        controller.enqueue(chunk);
      },
    }, { highWaterMark: 0 });
  }
}

const zeroPages = new Map<number, Uint8Array<ArrayBuffer>>();

function zeroPage(bytes: number): Uint8Array<ArrayBuffer> {
  let page = zeroPages.get(bytes);
  if (page === undefined) zeroPages.set(bytes, page = new Uint8Array(bytes));
  return page;
}
