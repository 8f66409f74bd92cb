/** A call, its server and its network in simulated time, for tests of the player's way through it. */
import { encodeWav } from "./wav.ts";

const FRAME_MS = 50;
/** Between a sample and its being sent: the frame and the server's holdback. */
const SENT_AFTER_MS = 150;

export interface SimulatedCallOptions {
  rateHz?: number;
  /** When the call ends. @default never */
  endsMs?: number;
  /** Of an ended call there is a recording. @default true */
  recorded?: boolean;
  /** How far back a stream can begin. @default without limit */
  rewindSeconds?: number;
  /** Of the network, one way. @default 20 */
  delayMs?: (nowMs: number) => number;
  /** How fast the past is sent. @default 40 times as fast as it was spoken */
  catchUp?: number;
  /** Whether the server knows `from` and `events`. @default true */
  timeMachine?: boolean;
}

/** As much of a WebSocket as a connection uses. */
class SimulatedSocket {
  binaryType = "blob";
  isOpen = true;
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onclose: ((event: { code: number }) => void) | null = null;
  /** What is on its way, with the time of its arrival. */
  readonly wire: { atMs: number; deliver: () => void }[] = [];
  /** The next frame to send; -1 before the stream begins. */
  frame = -1;
  /** When the next frame of the past may be sent. */
  sentMs = 0;

  constructor(readonly url: URL, readonly openedMs: number) {}

  close(): void {
    this.isOpen = false;
  }
}

/** Both sides of the call, as the server has them. */
export type Sound = (position: number) => { user: number; bot: number };

export class SimulatedCall {
  readonly rateHz: number;
  readonly frameSamples: number;
  readonly sockets: SimulatedSocket[] = [];
  /** Requests for the recording. */
  ranges = 0;
  readonly #sound: Sound;
  readonly #options: SimulatedCallOptions;
  #nowMs = 0;

  constructor(sound: Sound, options: SimulatedCallOptions = {}) {
    this.rateHz = options.rateHz ?? 16_000;
    this.frameSamples = this.rateHz * FRAME_MS / 1000;
    this.#sound = sound;
    this.#options = options;
  }

  /** Position after the newest frame that was sent to live listeners. */
  get edge(): number {
    return this.#frames * this.frameSamples;
  }

  get #frames(): number {
    const endsMs = this.#options.endsMs ?? Infinity;
    return Math.max(
      0,
      Math.floor(Math.min(this.#nowMs - SENT_AFTER_MS + FRAME_MS, endsMs) / FRAME_MS),
    );
  }

  get hasEnded(): boolean {
    return this.#nowMs >= (this.#options.endsMs ?? Infinity) + SENT_AFTER_MS;
  }

  openSocket(url: string): WebSocket {
    const socket = new SimulatedSocket(new URL(url), this.#nowMs);
    this.sockets.push(socket);
    return socket as unknown as WebSocket;
  }

  /** Cuts all lines. */
  breakSockets(): void {
    for (const socket of this.sockets.filter(({ isOpen }) => isOpen)) {
      socket.isOpen = false;
      socket.onclose?.({ code: 1006 });
    }
  }

  /** Moves time on and delivers what arrives. */
  step(nowMs: number): void {
    this.#nowMs = nowMs;
    for (const socket of this.sockets) {
      if (!socket.isOpen) continue;
      if (socket.frame < 0) this.#open(socket);
      else this.#send(socket);
      while (socket.isOpen && socket.wire.length > 0 && socket.wire[0].atMs <= nowMs) {
        socket.wire.shift()!.deliver();
      }
    }
  }

  #post(socket: SimulatedSocket, deliver: () => void): void {
    const delayMs = this.#options.delayMs?.(this.#nowMs) ?? 20;
    const atMs = Math.max(this.#nowMs + delayMs, socket.wire.at(-1)?.atMs ?? 0);
    socket.wire.push({ atMs, deliver });
  }

  #open(socket: SimulatedSocket): void {
    if (this.hasEnded) return this.#post(socket, () => this.#close(socket, 1006));
    this.#post(socket, () => socket.onopen?.());
    const metadata = { type: "metadata", sampleRate: this.rateHz, channels: 2, bitDepth: 16 };
    this.#text(socket, { ...metadata, sessionId: "a" });
    const { timeMachine = true, rewindSeconds = Infinity } = this.#options;
    const from = socket.url.searchParams.get("from");
    const held = Math.max(0, this.edge - rewindSeconds * this.rateHz);
    const seconds = Number(from);
    const wanted = seconds < 0 ? this.edge + seconds * this.rateHz : seconds * this.rateHz;
    const position = from === null || !timeMachine
      ? this.edge
      : Math.min(this.edge, Math.max(held, wanted));
    socket.frame = Math.floor(position / this.frameSamples + 1e-9);
    socket.sentMs = this.#nowMs;
    if (timeMachine) this.#position(socket);
  }

  #send(socket: SimulatedSocket): void {
    const { catchUp = 40 } = this.#options;
    while (socket.frame < this.#frames && socket.sentMs <= this.#nowMs) {
      const pcm = this.#pcm(socket.frame * this.frameSamples, this.frameSamples);
      this.#post(socket, () => socket.onmessage?.({ data: pcm.buffer }));
      socket.frame++;
      socket.sentMs = Math.max(socket.sentMs + FRAME_MS / catchUp, this.#nowMs - FRAME_MS);
      if (socket.frame % 20 === 0 && this.#options.timeMachine !== false) this.#position(socket);
    }
    if (!this.hasEnded || socket.frame < this.#frames || socket.sentMs === Infinity) return;
    socket.sentMs = Infinity;
    this.#post(socket, () => socket.onmessage?.({ data: new ArrayBuffer(0) }));
    this.#post(socket, () => this.#close(socket, 1000));
  }

  #close(socket: SimulatedSocket, code: number): void {
    socket.isOpen = false;
    socket.onclose?.({ code });
  }

  #position(socket: SimulatedSocket): void {
    this.#text(socket, { type: "position", position: socket.frame * this.frameSamples });
  }

  #text(socket: SimulatedSocket, message: object): void {
    this.#post(socket, () => socket.onmessage?.({ data: JSON.stringify(message) }));
  }

  #pcm(position: number, samples: number): Int16Array<ArrayBuffer> {
    const pcm = new Int16Array(2 * samples);
    for (let i = 0; i < samples; i++) {
      const { user, bot } = this.#sound(position + i);
      pcm[2 * i] = user;
      pcm[2 * i + 1] = bot;
    }
    return pcm;
  }

  /** Plain HTTP: what the socket's address says, or a range of the recording. */
  fetch(url: string, init?: RequestInit): Promise<Response> {
    if (!new URL(url).pathname.endsWith("/recording")) {
      const recordingUrl = this.#options.recorded === false ? undefined : "/calls/a/recording";
      const ended = { error: { code: "call_ended", message: "", recordingUrl } };
      return Promise.resolve(
        this.hasEnded ? Response.json(ended, { status: 410 }) : Response.json({}, { status: 426 }),
      );
    }
    this.ranges++;
    const [first, last] = new Headers(init?.headers).get("range")!.slice(6).split("-").map(Number);
    const { bytes, total } = encodeWav(
      this.rateHz,
      this.edge,
      (at, count) => this.#pcm(at, count),
      {
        first,
        last,
      },
    );
    const headers = { "content-range": `bytes ${first}-${first + bytes.length - 1}/${total}` };
    return Promise.resolve(new Response(bytes, { status: 206, headers }));
  }
}
