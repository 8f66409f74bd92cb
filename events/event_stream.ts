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
  #controller: ReadableStreamDefaultController<Uint8Array<ArrayBuffer>> | undefined;
  #leaving: (() => void)[] = [];
  /** Resolved and replaced when somebody waits for room and there may be some. */
  #change: PromiseWithResolvers<void> | undefined;

  constructor(options: EventStreamOptions) {
    this.#options = options;
    this.body = new ReadableStream({
      start: (controller) => {
        this.#controller = controller;
      },
      pull: () => this.#changed(),
      cancel: () => this.#leave(),
    }, { highWaterMark: options.maxQueuedBytes, size: (chunk) => chunk!.length });
  }

  /** Whether it has ended. */
  get ended(): boolean {
    return this.#controller === undefined;
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
    while (this.#controller !== undefined) {
      if (this.#controller.desiredSize! >= maxQueuedBytes / 2) return true;
      this.#change ??= Promise.withResolvers();
      await this.#change.promise;
    }
    return false;
  }

  /** Ends the stream behind what has been sent. Idempotent. */
  close(): void {
    const controller = this.#controller;
    if (controller === undefined) return;
    controller.close();
    this.#leave();
  }

  #write(text: string): void {
    const controller = this.#controller;
    if (controller === undefined) return;
    const bytes = encoder.encode(text);
    if (bytes.length <= controller.desiredSize!) return controller.enqueue(bytes);
    // Not closed: that would keep what waits for as long as the other end does not read.
    controller.error(new Error("Cannot send event: the other end is too slow"));
    this.#options.onSlow();
    this.#leave();
  }

  #leave(): void {
    if (this.#controller === undefined) return;
    this.#controller = undefined;
    this.#changed();
    for (const leave of this.#leaving.splice(0)) leave();
  }

  #changed(): void {
    this.#change?.resolve();
    this.#change = undefined;
  }
}
