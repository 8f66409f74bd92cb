/** Samples on their way to the store, and their peaks. */
export interface Block {
  /** Position of the first sample. */
  position: number;
  readonly samples: Int16Array<ArrayBuffer>;
  /** How many of `samples` are filled. */
  length: number;
  readonly peaks: Int8Array<ArrayBuffer>;
  /** How many of `peaks` are filled. */
  peaksLength: number;
  /** Whether the store is to keep the description, too, once it has these samples. */
  isDescribed: boolean;
}

/**
 * Blocks between one that fills them and never waits, and one that takes its time to write them. No
 * more than `capacity` exist; they are made when first needed and used again after.
 */
export class BlockQueue {
  readonly #blockLength: number;
  readonly #peaksLength: number;
  readonly #capacity: number;
  readonly #free: Block[] = [];
  readonly #filled: Block[] = [];
  /** What {@linkcode shift} gave last, until it is released. */
  #current: Block | undefined;
  #made = 0;
  #isClosed = false;
  #isDiscarded = false;
  /** Resolved and replaced whenever something changes that somebody waits for. */
  #change = Promise.withResolvers<void>();
  #isAwaited = false;

  /**
   * @param blockLength values of a block, all channels counted
   * @param peaksLength values of its peaks
   * @param capacity most blocks at a time: waiting, being filled and being written
   */
  constructor(blockLength: number, peaksLength: number, capacity: number) {
    this.#blockLength = blockLength;
    this.#peaksLength = peaksLength;
    this.#capacity = capacity;
  }

  /** An empty block to fill, or `null` when all are in use. */
  take(): Block | null {
    const block = this.#free.pop();
    if (block !== undefined) return block;
    if (this.#made === this.#capacity) return null;
    this.#made++;
    return {
      position: 0,
      samples: new Int16Array(this.#blockLength),
      length: 0,
      peaks: new Int8Array(this.#peaksLength),
      peaksLength: 0,
      isDescribed: false,
    };
  }

  /** Puts a filled block behind the others. */
  push(block: Block): void {
    this.#filled.push(block);
    this.#notify();
  }

  /** The next filled block once there is one, or `null` when none will come any more. */
  async shift(): Promise<Block | null> {
    while (this.#filled.length === 0) {
      if (this.#isClosed) return null;
      await this.changed();
    }
    this.#current = this.#filled.shift();
    return this.#current ?? null;
  }

  /** Whether the blocks were thrown away. */
  get isDiscarded(): boolean {
    return this.#isDiscarded;
  }

  /** The blocks that were pushed and are not released, in order. */
  *pending(): Generator<Block> {
    if (this.#current !== undefined) yield this.#current;
    yield* this.#filled;
  }

  /** Gives a written block back to be filled again. */
  release(block: Block): void {
    this.#current = undefined;
    block.length = 0;
    block.peaksLength = 0;
    block.isDescribed = false;
    this.#free.push(block);
    this.#notify();
  }

  /** No more blocks will be pushed. */
  close(): void {
    this.#isClosed = true;
    this.#notify();
  }

  /** Closes and lets go of every block that waits. */
  discard(): void {
    this.#isDiscarded = true;
    this.#current = undefined;
    this.#filled.length = 0;
    this.#free.length = 0;
    this.close();
  }

  /** Resolves at the next push, release or close. */
  changed(): Promise<void> {
    this.#isAwaited = true;
    return this.#change.promise;
  }

  #notify(): void {
    if (!this.#isAwaited) return;
    this.#change.resolve();
    this.#change = Promise.withResolvers();
    this.#isAwaited = false;
  }
}
