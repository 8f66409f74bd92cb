import { type ClientClose, openSocket } from "./socket.ts";
import { PATIENCE_MS } from "./until.ts";

/** The first message of a live stream. */
export interface ListenMetadata {
  type: "metadata";
  sampleRate: number;
  channels: number;
  bitDepth: number;
  sessionId: string;
}

/** 50 ms of sound, interleaved if there are two channels. */
export interface ReceivedFrame {
  /** `performance.now()` of its arrival. */
  readonly atMs: number;
  readonly pcm: Int16Array;
}

/** A text message after the first; only with `events=1`. */
export interface ReceivedEvent {
  readonly atMs: number;
  readonly message: Record<string, unknown> & { type: string };
}

/** Where a {@linkcode ListenerClient} connects and who it is. */
export interface ListenerOptions {
  /** Such as `ws://127.0.0.1:8000/live/CA1/ws?silence=pcm`; may carry `token`. */
  url: string;
  /** Sent as `Authorization: Bearer`; left out, no header is sent. */
  key?: string;
}

/** Half an hour at 16 kHz, mono. What comes after is counted as a violation and not kept. */
const MAX_FRAMES = 36_000;
const MAX_OTHER = 10_000;

/** A program on `/live/{id}/ws` that keeps all it receives and checks the form of the stream. */
export class ListenerClient {
  readonly frames: ReceivedFrame[] = [];
  readonly events: ReceivedEvent[] = [];
  /** `performance.now()` of every two-byte keepalive. */
  readonly keepalivesMs: number[] = [];
  /** What the server sent against part 1 of the protocol; empty when all is well. */
  readonly violations: string[] = [];
  /** Settles, never rejects, when the socket has closed. */
  readonly closed: Promise<ClientClose>;
  readonly #socket: WebSocket;
  readonly #opened: Promise<void>;
  readonly #waiting = new Set<() => void>();
  #metadata: ListenMetadata | undefined;
  #ended = false;

  private constructor(url: string, headers: Record<string, string>) {
    const connection = openSocket(url, headers, (data) => {
      this.#receive(data);
      this.#wake();
    });
    this.#socket = connection.socket;
    this.#opened = connection.opened;
    this.closed = connection.closed;
    this.closed.then(() => this.#wake());
  }

  /** Opens the socket and waits for the metadata. @throws when the upgrade is refused */
  static async open({ url, key }: ListenerOptions): Promise<ListenerClient> {
    const headers: Record<string, string> = key === undefined
      ? {}
      : { authorization: `Bearer ${key}` };
    const client = new ListenerClient(url, headers);
    await client.#opened;
    try {
      await client.until(() => client.#metadata !== undefined, "metadata");
    } catch (error) {
      await client.close();
      throw error;
    }
    return client;
  }

  /** The first message. */
  get metadata(): ListenMetadata {
    return this.#metadata!;
  }

  /** Whether the empty message that ends a call has come. */
  get ended(): boolean {
    return this.#ended;
  }

  /** All sound received, joined; interleaved if there are two channels. */
  samples(): Int16Array {
    const all = new Int16Array(this.frames.reduce((sum, { pcm }) => sum + pcm.length, 0));
    let at = 0;
    for (const { pcm } of this.frames) {
      all.set(pcm, at);
      at += pcm.length;
    }
    return all;
  }

  /**
   * Waits until `done()`, which is asked after every message.
   *
   * @throws after `timeoutMs`, or when the socket closes first
   */
  async until(done: () => boolean, what: string, timeoutMs = PATIENCE_MS): Promise<void> {
    const deadline = setTimeout(() => this.#wake(), timeoutMs);
    const untilMs = performance.now() + timeoutMs;
    try {
      while (!done()) {
        if (this.#socket.readyState === WebSocket.CLOSED) {
          const { code, reason } = await this.closed;
          throw new Error(`No ${what}: closed with ${code} ${reason}`);
        }
        if (performance.now() >= untilMs) throw new Error(`No ${what} within ${timeoutMs} ms`);
        await new Promise<void>((resolve) => this.#waiting.add(resolve));
      }
    } finally {
      clearTimeout(deadline);
    }
  }

  /** Sends anything, which a server is to ignore. */
  send(message: string | Uint8Array<ArrayBuffer>): void {
    this.#socket.send(message);
  }

  /** Leaves and waits for the close. */
  async close(): Promise<ClientClose> {
    this.#socket.close(1000);
    return await this.closed;
  }

  #receive(data: string | ArrayBuffer): void {
    const atMs = performance.now();
    if (this.#ended) this.#violation("message after the empty one that ends a call");
    if (typeof data === "string") return this.#receiveText(data, atMs);
    if (this.#metadata === undefined) return this.#violation("binary message before the metadata");
    if (data.byteLength === 0) this.#ended = true;
    else if (data.byteLength === 2) this.#keepalive(data, atMs);
    else this.#frame(data, atMs);
  }

  #receiveText(text: string, atMs: number): void {
    const message = JSON.parse(text);
    if (this.#metadata === undefined) {
      if (message.type !== "metadata") this.#violation(`first message is ${text}`);
      this.#metadata = message;
    } else if (this.events.length < MAX_OTHER) {
      if (message.type === "metadata") this.#violation("metadata twice");
      this.events.push({ atMs, message });
    }
  }

  #keepalive(data: ArrayBuffer, atMs: number): void {
    if (new Uint16Array(data)[0] !== 0) this.#violation("keepalive is not 00 00");
    if (this.keepalivesMs.length < MAX_OTHER) this.keepalivesMs.push(atMs);
  }

  #frame(data: ArrayBuffer, atMs: number): void {
    const { sampleRate, channels } = this.metadata;
    const frameBytes = sampleRate / 20 * 2 * channels;
    if (data.byteLength !== frameBytes) {
      this.#violation(`frame of ${data.byteLength} bytes instead of ${frameBytes}`);
    }
    if (this.frames.length >= MAX_FRAMES) this.#violation(`more than ${MAX_FRAMES} frames`);
    else if (data.byteLength % 2 === 0) this.frames.push({ atMs, pcm: new Int16Array(data) });
  }

  #violation(what: string): void {
    if (this.violations.length < MAX_OTHER) this.violations.push(what);
  }

  #wake(): void {
    for (const resolve of this.#waiting) resolve();
    this.#waiting.clear();
  }
}
