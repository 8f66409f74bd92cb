/** Samples on their way to the store. */
export interface Block {
  readonly samples: Int16Array<ArrayBuffer>;
  /** How many of `samples` are filled. */
  length: number;
}

/**
 * Blocks between one that fills them and never waits, and one that takes its time to write them. No
 * more than `capacity` exist; they are made when first needed and used again after.
 */
export class BlockQueue {
  readonly #blockLength: number;
  readonly #capacity: number;
  readonly #free: Block[] = [];
  readonly #filled: Block[] = [];
  #made = 0;
  #isClosed = false;
  /** Resolved and replaced whenever something changes that somebody waits for. */
  #change = Promise.withResolvers<void>();
  #isAwaited = false;

  /**
   * @param blockLength values of a block, all channels counted
   * @param capacity most blocks at a time: waiting, being filled and being written
   */
  constructor(blockLength: number, capacity: number) {
    this.#blockLength = blockLength;
    this.#capacity = capacity;
  }

  /** An empty block to fill, or `null` when all are in use. */
  take(): Block | null {
    const block = this.#free.pop();
    if (block !== undefined) return block;
    if (this.#made === this.#capacity) return null;
    this.#made++;
    return { samples: new Int16Array(this.#blockLength), length: 0 };
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
    return this.#filled.shift() ?? null;
  }

  /** Gives a written block back to be filled again. */
  release(block: Block): void {
    block.length = 0;
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
