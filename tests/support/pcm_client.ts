import { pace } from "./pace.ts";
import { type ClientClose, openSocket } from "./socket.ts";

/** The `start` message without its `type`; see part 2 of the protocol. */
export interface PcmStart {
  callId?: string;
  sampleRate?: 8000 | 16000;
  tracks?: Partial<Record<"user" | "bot", { encoding: string; sampleRate: number }>>;
  timestamps?: boolean;
  media?: { live?: boolean; recording?: boolean; maxDurationSeconds?: number };
  metadata?: Record<string, string>;
  resume?: boolean;
}

/** Where a {@linkcode PcmClient} connects and who it is. */
export interface PcmClientOptions {
  /** Such as `ws://127.0.0.1:8000/ingest/pcm`. */
  url: string;
  /** Sent as `Authorization: Bearer`; left out, no header is sent. */
  key?: string;
  /** The whole upgrade's headers, instead of `key`'s. */
  headers?: Record<string, string>;
}

/** A message of the server's, such as `started` or `error`. */
export type PcmMessage = Record<string, unknown> & { type: string };

/** More than a server ever has to say to an agent. */
const MAX_MESSAGES = 10_000;

/** An agent on `/ingest/pcm`. The messages it receives are kept in {@linkcode messages}. */
export class PcmClient {
  /** All JSON the server sent, in order. */
  readonly messages: PcmMessage[] = [];
  /** Settles, never rejects, when the socket has closed. */
  readonly closed: Promise<ClientClose>;
  readonly #socket: WebSocket;
  readonly #opened: Promise<void>;
  readonly #waiting = new Set<() => void>();
  #timestamps = false;

  private constructor(url: string, headers: Record<string, string>) {
    const connection = openSocket(url, headers, (data) => this.#receive(data));
    this.#socket = connection.socket;
    this.#opened = connection.opened;
    this.closed = connection.closed;
    this.closed.then(() => this.#wake());
  }

  /** Opens the socket. @throws when the upgrade is refused */
  static async open({ url, key, headers }: PcmClientOptions): Promise<PcmClient> {
    const auth: Record<string, string> = key === undefined
      ? {}
      : { authorization: `Bearer ${key}` };
    const client = new PcmClient(url, headers ?? auth);
    await client.#opened;
    return client;
  }

  /**
   * Sends `start` and answers the server's `started`.
   *
   * @throws when it answers `error` or closes
   */
  async start(start: PcmStart = {}): Promise<PcmMessage> {
    this.#timestamps = start.timestamps ?? false;
    this.json({ type: "start", ...start });
    const answer = await this.message("started", "error");
    if (answer.type === "error") throw new Error(`${answer.code}: ${answer.message}`);
    return answer;
  }

  /** Sends a piece of the user's audio; `mediaMs` only after a start with `timestamps`. */
  user(payload: Uint8Array, mediaMs = 0): void {
    this.#audio(0, payload, mediaMs);
  }

  /** Sends a piece of the bot's audio; `mediaMs` only after a start with `timestamps`. */
  bot(payload: Uint8Array, mediaMs = 0): void {
    this.#audio(1, payload, mediaMs);
  }

  clear(): void {
    this.json({ type: "clear" });
  }

  pause(): void {
    this.json({ type: "pause" });
  }

  resume(): void {
    this.json({ type: "resume" });
  }

  event(name: string, data: unknown): void {
    this.json({ type: "event", name, data });
  }

  end(reason?: string): void {
    this.json({ type: "end", ...(reason === undefined ? {} : { reason }) });
  }

  /** Sends any JSON. */
  json(message: unknown): void {
    this.raw(JSON.stringify(message));
  }

  /** Sends anything, broken messages included; the bytes are copied. */
  raw(message: string | Uint8Array<ArrayBuffer>): void {
    this.#socket.send(message);
  }

  /**
   * Sends `audio` in real time, each frame when its last sample is due, on an absolute schedule.
   *
   * @param frameBytes of one frame, such as 160 for 20 ms of mu-law
   * @param frameMs its length; also the step of the media time, which starts at `fromMediaMs`
   */
  stream(
    track: "user" | "bot",
    audio: Uint8Array,
    { frameBytes = 160, frameMs = 20, fromMediaMs = 0, signal }: StreamOptions = {},
  ): Promise<void> {
    const frames = Math.ceil(audio.length / frameBytes);
    const items = Array.from({ length: frames }, (_, index) => ({
      atMs: (index + 1) * frameMs,
      mediaMs: fromMediaMs + index * frameMs,
      payload: audio.subarray(index * frameBytes, (index + 1) * frameBytes),
    }));
    return pace(items, ({ payload, mediaMs }) => this[track](payload, mediaMs), signal);
  }

  /** The first message of one of `types`, already here or still to come. @throws after a close */
  async message(...types: string[]): Promise<PcmMessage> {
    while (true) {
      const found = this.messages.find((message) => types.includes(message.type));
      if (found !== undefined) return found;
      if (this.#socket.readyState === WebSocket.CLOSED) {
        const { code, reason } = await this.closed;
        throw new Error(`No ${types.join(" or ")} message: closed with ${code} ${reason}`);
      }
      await new Promise<void>((resolve) => this.#waiting.add(resolve));
    }
  }

  /** Leaves without an `end` or a close code, and waits for the close. */
  async drop(): Promise<ClientClose> {
    this.#socket.close();
    return await this.closed;
  }

  #audio(track: 0 | 1, payload: Uint8Array, mediaMs: number): void {
    const headerBytes = this.#timestamps ? 5 : 1;
    const message = new Uint8Array(headerBytes + payload.length);
    message[0] = track;
    if (this.#timestamps) new DataView(message.buffer).setUint32(1, mediaMs, true);
    message.set(payload, headerBytes);
    this.raw(message);
  }

  #receive(data: string | ArrayBuffer): void {
    if (this.messages.length >= MAX_MESSAGES) return;
    this.messages.push(typeof data === "string" ? JSON.parse(data) : { type: "binary", data });
    this.#wake();
  }

  #wake(): void {
    for (const resolve of this.#waiting) resolve();
    this.#waiting.clear();
  }
}

/** How {@linkcode PcmClient.stream} cuts and times audio. */
export interface StreamOptions {
  /** @default 160 */
  frameBytes?: number;
  /** @default 20 */
  frameMs?: number;
  /** @default 0 */
  fromMediaMs?: number;
  signal?: AbortSignal;
}
