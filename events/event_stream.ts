/** What an {@linkcode EventStream} is made of. */
export interface EventStreamOptions {
  /** Most bytes that wait for the other end. */
  maxQueuedBytes: number;
  /** Called once when the stream ends because the other end does not keep up. */
  onSlow: () => void;
}

/** One message of a stream of server-sent events. */
export interface ServerSentEvent {
  readonly event: string;
  /** Sent as JSON. */
  readonly data: unknown;
  /** What a client that comes back may resume from. */
  readonly id?: string;
}

const encoder = new TextEncoder();

/**
 * The body of one response of server-sent events. One who does not read is let go when more waits than
 * may: it costs nobody else anything, and can come back.
 */
export class EventStream {
  /** The body. Cancelling it, as a server does when the client goes, ends the stream. */
  readonly body: ReadableStream<Uint8Array<ArrayBuffer>>;
  readonly #options: EventStreamOptions;
  /** What the other end has not asked for yet. */
  readonly #queue: Uint8Array<ArrayBuffer>[] = [];
  #queuedBytes = 0;
  #controller!: ReadableStreamDefaultController<Uint8Array<ArrayBuffer>>;
  /** Whether the other end waits for something to come. */
  #isWanted = false;
  #hasEnded = false;
  /** Whether the body ends when all that is queued has been taken. */
  #isClosing = false;
  #leaving: (() => void)[] = [];
  /** Resolved when somebody waits for room and there may be some. */
  #change: PromiseWithResolvers<void> | undefined;

  constructor(options: EventStreamOptions) {
    this.#options = options;
    this.body = new ReadableStream({
      start: (controller) => {
        this.#controller = controller;
      },
      pull: () => this.#give(),
      cancel: () => {
        this.#discard();
        this.#leave();
      },
      // The queue is our own, so that it can be thrown away.
    }, { highWaterMark: 0 });
  }

  /** Whether it has ended. */
  get ended(): boolean {
    return this.#hasEnded;
  }

  /** What to do when it ends, whoever ends it; at once if it has. */
  onEnd(leave: () => void): void {
    if (this.ended) leave();
    else this.#leaving.push(leave);
  }

  /** Sends a message; when there is no room for it the stream ends instead. */
  send({ event, data, id }: ServerSentEvent): void {
    const resumable = id === undefined ? "" : `id: ${id}\n`;
    this.#write(`${resumable}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
  }

  /** A sign of life that no client shows. */
  ping(): void {
    this.#write(": ping\n\n");
  }

  /**
   * For one who has much to send and can wait: resolves when at most half of the queue is taken, with
   * false when the stream has ended.
   */
  async hasRoom(): Promise<boolean> {
    const { maxQueuedBytes } = this.#options;
    while (!this.#hasEnded) {
      if (this.#queuedBytes <= maxQueuedBytes / 2) return true;
      this.#change ??= Promise.withResolvers();
      await this.#change.promise;
    }
    return false;
  }

  /** Ends the stream behind what has been sent. Idempotent. */
  close(): void {
    if (this.#hasEnded) return;
    this.#isClosing = true;
    if (this.#queue.length === 0) this.#controller.close();
    this.#leave();
  }

  #write(text: string): void {
    if (this.#hasEnded) return;
    const bytes = encoder.encode(text);
    if (this.#queuedBytes + bytes.length > this.#options.maxQueuedBytes) {
      this.#options.onSlow();
      this.#discard();
      return this.close();
    }
    this.#queue.push(bytes);
    this.#queuedBytes += bytes.length;
    if (this.#isWanted) this.#give();
  }

  /** Hands on the next piece, if there is one. */
  #give(): void {
    const bytes = this.#queue.shift();
    this.#isWanted = bytes === undefined;
    if (bytes === undefined) return;
    this.#queuedBytes -= bytes.length;
    this.#controller.enqueue(bytes);
    if (this.#isClosing && this.#queue.length === 0) this.#controller.close();
    this.#changed();
  }

  #discard(): void {
    this.#queue.length = 0;
    this.#queuedBytes = 0;
  }

  #leave(): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#changed();
    for (const leave of this.#leaving.splice(0)) leave();
  }

  #changed(): void {
    this.#change?.resolve();
    this.#change = undefined;
  }
}
