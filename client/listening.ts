import { openSocket } from "./open_socket.ts";
import type { Socket } from "./socket.ts";

/** What to hear of a call. */
export interface ListenOptions {
  /** 2: interleaved, left the user, right the bot. @default {1} */
  channels?: 1 | 2;
  /** One side alone. */
  track?: "user" | "bot";
  /** Seconds into the call, or back from now if negative. Left out: live. */
  from?: number;
  /** `"pcm"`: zeros in place of pauses, for who writes files. */
  silence?: "pcm";
}

/** What a listener receives. Positions are samples since the call began. */
export type Heard =
  | {
    type: "audio";
    position: number;
    /** Owned by who receives it; interleaved if there are two channels. */
    samples: Int16Array;
    sampleRate: number;
    channels: number;
  }
  /** Nothing was sent for `samples` samples: silence, or frames that were dropped. */
  | { type: "gap"; position: number; samples: number }
  /** Such as `barge-in`, `paused`, `resumed`, or an agent's event by its own name. */
  | { type: "event"; name: string; position: number; data: unknown }
  /** The connection was lost with this close code; another is being made. */
  | { type: "reconnect"; code: number; attempt: number }
  /** The last value. `code` 1000: the call has ended. */
  | { type: "end"; code: number; reason: string };

/** Half an hour in stereo at 16 kHz. Who reads slower than it comes loses the oldest, as a gap. */
const MAX_BUFFERED_BYTES = 128 << 20;
const RETRY_MS = [100, 500, 1000, 2000, 4000, 5000];

/** Hears a call: an async iterable, and a stream as {@linkcode readable}. For one reader. */
export class Listening implements AsyncIterable<Heard> {
  readonly #base: URL;
  readonly #key: string;
  readonly #from: number | undefined;
  readonly #queue: Heard[] = [];
  #bufferedBytes = 0;
  #wake: () => void = () => {};
  #socket: Socket | undefined;
  #rate = 0;
  #channels = 1;
  /** Where the next frame begins; undefined before the first position is told. */
  #position: number | undefined;
  #failures = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isOver = false;
  #hasEnded = false;

  constructor(url: URL, key: string, { from, ...options }: ListenOptions) {
    this.#base = new URL(url);
    this.#key = key;
    this.#from = from;
    for (const [name, value] of Object.entries({ ...options, events: 1 })) {
      this.#base.searchParams.set(name, String(value));
    }
  }

  /** The same values as a stream; cancelling it leaves the call. */
  get readable(): ReadableStream<Heard> {
    const values = this[Symbol.asyncIterator]();
    return new ReadableStream({
      async pull(controller) {
        const { done, value } = await values.next();
        if (done) controller.close();
        else controller.enqueue(value);
      },
      cancel: async () => {
        this.close();
        await values.return?.(undefined);
      },
    }, { highWaterMark: 0 });
  }

  /** Leaves the call; the iteration ends. May be called again. */
  close(): void {
    this.#isOver = true;
    clearTimeout(this.#timer);
    this.#socket?.close(1000);
    this.#wake();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Heard, void, undefined> {
    this.#connect();
    let nextPosition: number | undefined;
    try {
      for (;;) {
        while (this.#queue.length === 0) {
          if (this.#isOver) return;
          await new Promise<void>((resolve) => this.#wake = resolve);
        }
        const heard = this.#queue.shift()!;
        if (heard.type === "audio") {
          this.#bufferedBytes -= heard.samples.byteLength;
          const { position, samples, channels } = heard;
          if (nextPosition !== undefined && position > nextPosition) {
            yield { type: "gap", position: nextPosition, samples: position - nextPosition };
          }
          nextPosition = position + samples.length / channels;
        }
        yield heard;
        if (heard.type === "end") return;
      }
    } finally {
      this.close();
    }
  }

  async #connect(): Promise<void> {
    const url = new URL(this.#base);
    const from = this.#position === undefined ? this.#from : this.#position / this.#rate;
    if (from !== undefined) url.searchParams.set("from", String(from));
    let socket: Socket;
    try {
      socket = await openSocket(url, this.#key);
    } catch (error) {
      return this.#put({ type: "end", code: 1006, reason: String(error) });
    }
    if (this.#isOver) return socket.close(1000);
    this.#socket = socket;
    let wasOpen = false;
    socket.onerror = () => {}; // a close event follows
    socket.onopen = () => wasOpen = true;
    socket.onmessage = ({ data }) => this.#receive(data);
    socket.onclose = ({ code, reason }) => this.#lose(code, reason, wasOpen);
  }

  #receive(data: unknown): void {
    if (typeof data === "string") return this.#receiveText(JSON.parse(data));
    const { byteLength } = data as ArrayBuffer;
    if (byteLength === 0) this.#hasEnded = true;
    if (byteLength <= 2) return; // a sign of life
    const samples = new Int16Array(data as ArrayBuffer);
    const position = this.#position ?? 0;
    this.#position = position + samples.length / this.#channels;
    this.#failures = 0;
    this.#bufferedBytes += byteLength;
    while (this.#bufferedBytes > MAX_BUFFERED_BYTES) {
      const oldest = this.#queue.findIndex(({ type }) => type === "audio");
      const [gone] = this.#queue.splice(oldest, 1);
      if (gone?.type === "audio") this.#bufferedBytes -= gone.samples.byteLength;
    }
    const format = { sampleRate: this.#rate, channels: this.#channels };
    this.#put({ type: "audio", position, samples, ...format });
  }

  #receiveText(message: Record<string, unknown>): void {
    const { type, position, name, data } = message;
    if (type === "metadata") {
      this.#rate = message.sampleRate as number;
      this.#channels = message.channels as number;
    } else if (type === "position") {
      // After a reconnect the server begins with the frame that holds the moment asked for.
      this.#position = position as number;
    } else if (type !== "dropped") { // dropped frames are a gap before the next one
      const told = type === "event" ? name as string : type as string;
      this.#put({ type: "event", name: told, position: position as number, data: data ?? null });
    }
  }

  #lose(code: number, reason: string, wasOpen: boolean): void {
    if (this.#isOver) return;
    const isLast = this.#hasEnded || (!wasOpen && this.#position === undefined) ||
      this.#failures >= RETRY_MS.length || (code === 1000 && wasOpen);
    if (isLast) return this.#put({ type: "end", code: this.#hasEnded ? 1000 : code, reason });
    this.#put({ type: "reconnect", code, attempt: this.#failures + 1 });
    this.#timer = setTimeout(() => this.#connect(), RETRY_MS[this.#failures++]);
  }

  #put(heard: Heard): void {
    this.#queue.push(heard);
    this.#wake();
  }
}
