import { FrameEncoder, type FrameEncoding } from "../mixer/frame_encoder.ts";
import { BOT, type MixedFrame, USER } from "../mixer/mixer.ts";
import type { Listener } from "./listener.ts";

/** What a listener wants to hear, and how. */
export interface ViewOptions extends FrameEncoding {
  /** Send silence as zeros, so that what is appended to a file keeps its time. */
  silenceAsPcm: boolean;
  /** Tell positions and events between the frames. */
  withEvents?: boolean;
}

/** While nothing is heard, a sign of life goes out every so many frames: 5 s. */
const KEEPALIVE_FRAMES = 100;
const KEEPALIVE = new Uint8Array(2);
const END_OF_CALL = new Uint8Array(0);

/** Listeners who hear the same: a frame is put into bytes once and sent to all of them. */
export class View {
  readonly #options: ViewOptions;
  readonly #sourceMask: number;
  readonly #encoder: FrameEncoder;
  readonly #listeners = new Set<Listener>();
  #silentFrames = 0;

  constructor(options: ViewOptions, frameSamples: number) {
    this.#options = options;
    this.#sourceMask = options.track === "user" ? USER : options.track === "bot" ? BOT : USER | BOT;
    this.#encoder = new FrameEncoder(options, frameSamples);
  }

  /** One name for equal options. */
  static key({ channels, track, silenceAsPcm, withEvents = false }: ViewOptions): string {
    return `${channels} ${track ?? "mix"} ${silenceAsPcm} ${withEvents}`;
  }

  /** Number of listeners. */
  get size(): number {
    return this.#listeners.size;
  }

  /** Adds a listener, who gets all frames from now on and leaves when it is closed. */
  add(listener: Listener, _position?: number): void {
    this.#listeners.add(listener);
    listener.onEnd(() => this.remove(listener));
  }

  /** Sends a frame to all; silence only as a sign of life. */
  write(frame: MixedFrame): void {
    if ((frame.sources & this.#sourceMask) === 0 && !this.#options.silenceAsPcm) {
      if (++this.#silentFrames % KEEPALIVE_FRAMES === 0) this.#sendAll(KEEPALIVE);
      return;
    }
    this.#silentFrames = 0;
    if (this.#listeners.size === 0) return;
    this.deliver(this.#encoder.encode(frame));
  }

  /** The call is over: an empty message, then the close. */
  end(): void {
    for (const listener of this.#listeners) {
      listener.sendLast(END_OF_CALL);
      listener.close(1000, "call ended");
    }
  }

  /** Ends all listeners for another reason. */
  close(code: number, reason: string): void {
    for (const listener of this.#listeners) listener.close(code, reason);
  }

  /** Sends a frame in its bytes, which are used again, to all. */
  protected deliver(bytes: Uint8Array<ArrayBuffer>): void {
    this.#sendAll(bytes);
  }

  protected remove(listener: Listener): void {
    this.#listeners.delete(listener);
  }

  #sendAll(bytes: Uint8Array<ArrayBuffer>): void {
    for (const listener of this.#listeners) listener.send(bytes);
  }
}
