import { PATIENCE_MS } from "./until.ts";

/** One server-sent event as it came. */
export interface ReceivedMessage {
  readonly event: string;
  /** Parsed; not checked. */
  // deno-lint-ignore no-explicit-any
  readonly data: any;
  readonly id?: string;
}

/** Where an {@linkcode EventClient} connects and who it is. */
export interface EventClientOptions {
  url: string;
  /** Sent as `X-API-Key`. */
  key?: string;
  lastEventId?: string;
}

/** A program that follows a stream of server-sent events and keeps them all. */
export class EventClient implements AsyncDisposable {
  readonly messages: ReceivedMessage[] = [];
  readonly headers: Headers;
  /** Settles, never rejects, when the stream has ended; with whether the server ended it properly. */
  readonly closed: Promise<boolean>;
  pings = 0;
  readonly #reader: ReadableStreamDefaultReader<string>;
  readonly #waiting = new Set<() => void>();
  #isClosed = false;

  private constructor({ headers, body }: Response) {
    this.headers = headers;
    this.#reader = body!.pipeThrough(new TextDecoderStream()).getReader();
    this.closed = this.#read().then(() => true, () => false).finally(() => {
      this.#isClosed = true;
      this.#wake();
    });
  }

  /** Opens a stream. @throws when the server answers anything but 200 */
  static async open({ url, key, lastEventId }: EventClientOptions): Promise<EventClient> {
    const headers = new Headers();
    if (key !== undefined) headers.set("x-api-key", key);
    if (lastEventId !== undefined) headers.set("last-event-id", lastEventId);
    const response = await fetch(url, { headers });
    if (response.status !== 200) {
      throw new Error(`Cannot open events: ${response.status} ${await response.text()}`);
    }
    return new EventClient(response);
  }

  /** All messages of a type so far. */
  of(event: string): ReceivedMessage[] {
    return this.messages.filter((message) => message.event === event);
  }

  /** Waits until `done()`, which is asked after every piece. @throws after `timeoutMs`, or at the end */
  async until(done: () => boolean, what: string, timeoutMs = PATIENCE_MS): Promise<void> {
    const untilMs = performance.now() + timeoutMs;
    const deadline = setTimeout(() => this.#wake(), timeoutMs);
    try {
      while (!done()) {
        if (this.#isClosed) throw new Error(`No ${what}: the stream has ended`);
        if (performance.now() >= untilMs) throw new Error(`No ${what} within ${timeoutMs} ms`);
        await new Promise<void>((resolve) => this.#waiting.add(resolve));
      }
    } finally {
      clearTimeout(deadline);
    }
  }

  /** Waits for the next message of a type, or the `count`th. */
  async message(event: string, count = 1): Promise<ReceivedMessage> {
    await this.until(() => this.of(event).length >= count, event);
    return this.of(event)[count - 1];
  }

  /** Leaves. */
  async close(): Promise<void> {
    await this.#reader.cancel().catch(() => {});
    await this.closed;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #read(): Promise<void> {
    let rest = "";
    for (;;) {
      const { done, value } = await this.#reader.read();
      if (done) return;
      const blocks = (rest + value).split("\n\n");
      rest = blocks.pop()!;
      for (const block of blocks) this.#take(block);
      this.#wake();
    }
  }

  #take(block: string): void {
    if (block.startsWith(":")) return void this.pings++;
    const fields = new Map(
      block.split("\n").map((line) => {
        const colon = line.indexOf(": ");
        return [line.slice(0, colon), line.slice(colon + 2)];
      }),
    );
    const id = fields.get("id");
    this.messages.push({
      event: fields.get("event") ?? "message",
      data: JSON.parse(fields.get("data") ?? "null"),
      ...(id !== undefined && { id }),
    });
  }

  #wake(): void {
    for (const resolve of this.#waiting) resolve();
    this.#waiting.clear();
  }
}
