import { openSocket } from "./open_socket.ts";
import type { Socket } from "./socket.ts";

/** How a side's audio is encoded; 8000 to 48000 Hz, one channel. */
export interface TrackFormat {
  encoding: "pcm_s16le" | "mulaw" | "alaw";
  sampleRate: number;
}

/** What begins a call; all of it may be left out. */
export interface CallOptions {
  /** 1 to 128 of `A-Z a-z 0-9 _ . -`. Left out, one is made. */
  id?: string;
  /** The call's rate in Hz. @default {8000} */
  sampleRate?: 8000 | 16000;
  /** Each side, 16-bit PCM at the call's rate if left out. */
  tracks?: { user?: TrackFormat; bot?: TrackFormat };
  media?: { live?: boolean; recording?: boolean; maxDurationSeconds?: number };
  metadata?: Record<string, string>;
}

/** Where a started call can be heard; without credential. */
export interface StartedCall {
  callId: string;
  listenUrl: string;
  playerUrl: string;
}

/** How a call ended: `"ended"`, or the server's code, or `"connection_lost"`. */
export interface CallEnd {
  code: string;
  message: string;
}

/** The server refused the call, or could not be reached. */
export class CallRefused extends Error {
  override readonly name = "CallRefused";
  /** The server's code, such as `call_exists`, or `connection_lost`. */
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

type Message = string | Uint8Array<ArrayBuffer>;

/** One side of a published call; bytes in the track's encoding. */
export class PublishedTrack {
  /** The same as {@linkcode write}, for `pipeTo`. Closing it does not end the call. */
  readonly writable: WritableStream<Uint8Array | Int16Array>;
  readonly #send: (payload: Uint8Array) => void;

  constructor(send: (payload: Uint8Array) => void, hasRoom: () => Promise<void>) {
    this.#send = send;
    this.writable = new WritableStream({
      write: (chunk) => {
        this.write(chunk);
        return hasRoom();
      },
    });
  }

  /**
   * Sends audio of any length; the bytes are copied. User: as it is spoken. Bot: as fast as it is
   * there; it is heard in order from its arrival. Samples are taken as 16-bit PCM.
   */
  write(audio: Uint8Array | Int16Array): void {
    const bytes = new Uint8Array(audio.buffer, audio.byteOffset, audio.byteLength);
    for (let at = 0; at < bytes.length; at += PIECE_BYTES) {
      this.#send(bytes.subarray(at, at + PIECE_BYTES));
    }
  }
}

/** A message of the server's takes 1 MiB at most. */
const PIECE_BYTES = 1 << 16;
/** What waits while there is no socket; beyond it the oldest audio goes, and is counted. */
const MAX_WAITING_BYTES = 8 << 20;
/** Streams wait while so much has not left. */
const ROOM_BYTES = 1 << 18;
/** The server discards a user's audio that is further ahead of time than 1 s. */
const MAX_USER_AGE_MS = 1000;
const RETRY_MS = [100, 250, 500, 1000, 1000, 2000, 2000, 2000];
const START_MS = 5000;
/** Long enough to replace a lost socket first: the grace time and a little. */
const END_MS = 12_000;
const USER = 0, BOT = 1;

/**
 * A call that this program brings to the server. A lost socket is replaced within the server's
 * grace time of 10 s; what had not left by then is sent again.
 */
export class PublishedCall {
  readonly id: string;
  readonly user: PublishedTrack;
  readonly bot: PublishedTrack;
  /** The server's answer. @throws {CallRefused} */
  readonly started: Promise<StartedCall>;
  /** Settles, never rejects, when the call is over for this program. */
  readonly closed: Promise<CallEnd>;
  readonly #url: URL;
  readonly #key: string;
  readonly #start: Record<string, unknown>;
  readonly #started = deferred<StartedCall>();
  readonly #closed = deferred<CallEnd>();
  /** Not sent yet, or sent and perhaps still in the socket's buffer. */
  #waiting: { message: Message; atMs: number }[] = [];
  #waitingBytes = 0;
  #unsent: Message[] = [];
  #unsentBytes = 0;
  #socket: Socket | undefined;
  #isReady = false;
  #isStarted = false;
  #isOver = false;
  #lastError: CallEnd | undefined;
  #failures = 0;
  #droppedBytes = 0;

  constructor(url: URL, key: string, { id, ...options }: CallOptions) {
    this.id = id ?? crypto.randomUUID();
    this.#url = url;
    this.#key = key;
    this.#start = { type: "start", callId: this.id, ...options };
    this.started = this.#started.promise;
    this.closed = this.#closed.promise;
    this.started.catch(() => {}); // who does not wait for it reads `closed`
    const hasRoom = () => this.#hasRoom();
    this.user = new PublishedTrack((payload) => this.#audio(USER, payload), hasRoom);
    this.bot = new PublishedTrack((payload) => this.#audio(BOT, payload), hasRoom);
    this.#connect();
  }

  /** Bytes of audio that were given up while there was no socket. */
  get droppedBytes(): number {
    return this.#droppedBytes;
  }

  /** Barge-in: what the bot has not yet spoken is never heard. */
  clear(): void {
    this.#forget(({ message }) => typeof message !== "string" && message[0] === BOT);
    this.#unsent = this.#unsent.filter((message) => typeof message === "string");
    this.#json({ type: "clear" });
  }

  /** Keeps something with the call, at the present position, such as a line of the transcript. */
  event(name: string, data: unknown = null): void {
    this.#json({ type: "event", name, data });
  }

  /** A line of the transcript, as the player shows it. */
  transcript(track: "user" | "bot", text: string): void {
    this.event("transcript", { track, text });
  }

  /** Redaction: time goes on, nothing is heard or kept. */
  pause(): void {
    this.#json({ type: "pause" });
  }

  /** Redaction is over. */
  resume(): void {
    this.#json({ type: "resume" });
  }

  /** Ends the call and waits until the server has closed it. May be called again. */
  async end(reason = "hangup"): Promise<CallEnd> {
    this.#json({ type: "end", reason });
    await this.started.catch(() => {});
    const timer = setTimeout(() => {
      this.#over({ code: "connection_lost", message: "The server did not answer the end" });
    }, END_MS);
    const end = await this.closed;
    clearTimeout(timer);
    return end;
  }

  [Symbol.asyncDispose](): Promise<unknown> {
    return this.end();
  }

  #json(message: Record<string, unknown>): void {
    this.#send(JSON.stringify(message));
  }

  #audio(track: number, payload: Uint8Array): void {
    const message = new Uint8Array(1 + payload.length);
    message[0] = track;
    message.set(payload, 1);
    this.#send(message);
  }

  #send(message: Message): void {
    if (this.#isOver) return;
    if (this.#isReady) return this.#hand(message);
    this.#waiting.push({ message, atMs: Date.now() });
    this.#waitingBytes += message.length;
    while (this.#waitingBytes > MAX_WAITING_BYTES) {
      const oldest = this.#waiting.findIndex(({ message }) => typeof message !== "string");
      const [gone] = this.#waiting.splice(Math.max(0, oldest), 1);
      this.#waitingBytes -= gone.message.length;
      this.#droppedBytes += gone.message.length;
    }
  }

  /** Gives a message to the socket, and remembers it until it has left. */
  #hand(message: Message): void {
    const socket = this.#socket!;
    this.#unsent.push(message);
    this.#unsentBytes += message.length;
    socket.send(message as string);
    while (this.#unsent.length > 0 && this.#unsentBytes > socket.bufferedAmount) {
      this.#unsentBytes -= this.#unsent.shift()!.length;
    }
  }

  /** Discards what waits and is as `isGone` says. */
  #forget(isGone: (waiting: { message: Message; atMs: number }) => boolean): void {
    this.#waiting = this.#waiting.filter((waiting) => {
      if (!isGone(waiting)) return true;
      this.#waitingBytes -= waiting.message.length;
      return false;
    });
  }

  async #hasRoom(): Promise<void> {
    while (!this.#isOver && (this.#socket?.bufferedAmount ?? 0) > ROOM_BYTES) {
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }

  async #connect(): Promise<void> {
    let socket: Socket;
    try {
      socket = await openSocket(this.#url, this.#key);
    } catch (error) {
      return this.#over({ code: "connection_lost", message: String(error) });
    }
    if (this.#isOver) return socket.close(1000);
    this.#socket = socket;
    this.#lastError = undefined;
    const timer = setTimeout(() => socket.close(), START_MS);
    socket.onerror = () => {}; // a close event follows and says all there is to know
    socket.onopen = () =>
      socket.send(JSON.stringify({ ...this.#start, ...(this.#isStarted && { resume: true }) }));
    socket.onmessage = ({ data }) => {
      const message = JSON.parse(String(data));
      if (message.type === "error") this.#lastError = message;
      if (message.type !== "started") return;
      clearTimeout(timer);
      this.#takeStarted(message);
    };
    socket.onclose = ({ code, reason }) => {
      clearTimeout(timer);
      this.#lose(code, reason);
    };
  }

  #takeStarted(message: StartedCall): void {
    this.#isStarted = this.#isReady = true;
    this.#failures = 0;
    const nowMs = Date.now();
    this.#forget(({ message, atMs }) => {
      const isOld = typeof message !== "string" && message[0] === USER &&
        nowMs - atMs > MAX_USER_AGE_MS;
      if (isOld) this.#droppedBytes += message.length;
      return isOld;
    });
    const waiting = this.#waiting;
    this.#waiting = [];
    this.#waitingBytes = 0;
    for (const { message } of waiting) this.#hand(message);
    const { callId, listenUrl, playerUrl } = message;
    this.#started.resolve({ callId, listenUrl, playerUrl });
  }

  #lose(code: number, reason: string): void {
    const wasReady = this.#isReady;
    this.#isReady = false;
    if (this.#isOver) return;
    const error = this.#lastError;
    if (code === 1000 && wasReady) return this.#over({ code: "ended", message: reason });
    const mayRetry = this.#isStarted && this.#failures < RETRY_MS.length &&
      (error === undefined || error.code === "call_exists");
    if (!mayRetry) {
      return this.#over({
        code: error?.code ?? "connection_lost",
        message: error?.message ?? `Socket closed with ${code} ${reason}`.trim(),
      });
    }
    const atMs = Date.now();
    const again = this.#unsent.map((message) => ({ message, atMs }));
    this.#waiting.unshift(...again);
    this.#waitingBytes += again.reduce((sum, { message }) => sum + message.length, 0);
    this.#unsent = [];
    this.#unsentBytes = 0;
    setTimeout(() => this.#connect(), RETRY_MS[this.#failures++]);
  }

  #over(end: CallEnd): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#isReady = false;
    this.#waiting = [];
    this.#unsent = [];
    this.#socket?.close(1000);
    this.#started.reject(new CallRefused(end.code, `Cannot start call: ${end.message}`));
    this.#closed.resolve(end);
  }
}

/** `Promise.withResolvers()`, which Node 20 does not have. */
function deferred<T>(): {
  promise: Promise<T>;
  resolve: (value: T) => void;
  reject: (reason: unknown) => void;
} {
  let resolve!: (value: T) => void;
  let reject!: (reason: unknown) => void;
  const promise = new Promise<T>((onValue, onError) => {
    resolve = onValue;
    reject = onError;
  });
  return { promise, resolve, reject };
}
