// @ts-check

/**
 * @typedef {object} Piece A piece of the call, of any length.
 * @property {ArrayBuffer} pcm 16-bit little-endian, interleaved
 * @property {number} position of its first sample
 * @property {number} samples of each channel
 */

/**
 * What came and has not been played: pieces of the call in their order. Unbounded by itself; whoever
 * fills it asks for its {@linkcode samples}.
 */
export class Backlog {
  /** @type {Piece[]} */
  #pieces = [];
  #first = 0;
  /** Samples waiting, of each channel. */
  samples = 0;
  /** Position after the newest piece that ever came; `undefined` before the first. @type {number | undefined} */
  end;

  /** Position of the oldest sample that waits. */
  get start() {
    return this.#pieces[this.#first]?.position;
  }

  /** @param {Piece} piece is kept, not copied */
  push(piece) {
    this.#pieces.push(piece);
    this.samples += piece.samples;
    this.end = piece.position + piece.samples;
  }

  /** Takes the oldest piece. */
  shift() {
    const piece = this.#pieces[this.#first];
    if (piece === undefined) return undefined;
    this.#first++;
    // Moved down now and then, not with every piece.
    if (this.#first === 256 || this.#first === this.#pieces.length) {
      this.#pieces.splice(0, this.#first);
      this.#first = 0;
    }
    this.samples -= piece.samples;
    return piece;
  }

  /** Forgets what lies before `position`, to the sample. @param {number} position */
  dropBefore(position) {
    let piece = this.#pieces[this.#first];
    while (piece !== undefined && piece.position + piece.samples <= position) {
      this.shift();
      piece = this.#pieces[this.#first];
    }
    const known = piece === undefined ? 0 : position - piece.position;
    if (known <= 0) return;
    const bytesPerSample = piece.pcm.byteLength / piece.samples;
    this.samples -= known;
    this.#pieces[this.#first] = {
      pcm: piece.pcm.slice(known * bytesPerSample),
      position,
      samples: piece.samples - known,
    };
  }

  /** Forgets all. @param {number} [end] position at which the next piece is expected */
  clear(end) {
    this.#pieces.length = this.#first = this.samples = 0;
    this.end = end;
  }
}
