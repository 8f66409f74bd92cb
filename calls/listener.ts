import type { Clock } from "../mixer/clock.ts";

/** The part of a WebSocket a listener needs. */
export interface ListenerSocket {
  /** Bytes that were sent and have not left this process. */
  readonly bufferedAmount: number;
  send(data: string | Uint8Array<ArrayBuffer>): void;
  close(code: number, reason: string): void;
}

/** What a {@linkcode Listener} is made of. */
export interface ListenerOptions {
  clock: Clock;
  socket: ListenerSocket;
  /** More than this is never queued for the socket, bytes: half a second of audio. */
  maxQueuedBytes: number;
  /** How long a socket may take nothing before it is closed, ms. */
  maxSlowMs: number;
  /** Called once when the listener has ended, whoever ended it. */
  onEnd: () => void;
  /** Called for each frame that was not sent because the socket had no room. */
  onDrop: () => void;
}

/**
 * One who listens. A socket that does not keep up gets no more until it has room, and is closed after a
 * while: it never costs the others anything, or this process its memory.
 */
export class Listener {
  #options: ListenerOptions | undefined;
  #leave: (() => void) | undefined;
  #slowSinceMs = Infinity;
  /**
   * Bytes that may be sent before the socket is asked again how much waits: what it had room for when it
   * was asked, less what was sent since. It can only have more by now.
   */
  #room = 0;

  constructor(options: ListenerOptions) {
    this.#options = options;
  }

  /** Whether it has ended. */
  get ended(): boolean {
    return this.#options === undefined;
  }

  /** What else to do when the listener ends; one thing at most. */
  onEnd(leave: () => void): void {
    this.#leave = leave;
  }

  /** Bytes that wait for the socket. */
  get queuedBytes(): number {
    return this.#options?.socket.bufferedAmount ?? 0;
  }

  /** Whether so little waits for the socket that what is live would not be dropped. */
  get isNearlyIdle(): boolean {
    const options = this.#options;
    return options !== undefined && this.queuedBytes <= options.maxQueuedBytes / 2;
  }

  /** The socket took something: it is not slow. */
  tookSome(): void {
    this.#slowSinceMs = Infinity;
  }

  /** Whether so many bytes more would be sent, and not dropped. */
  hasRoom(bytes: number): boolean {
    const options = this.#options;
    return options !== undefined && options.socket.bufferedAmount + bytes <= options.maxQueuedBytes;
  }

  /**
   * Sends a frame or a message if the socket has room for it. Answers whether it had. A message may be
   * longer than all the room there is; then it is sent to one who keeps up.
   */
  send(data: string | Uint8Array<ArrayBuffer>): boolean {
    const options = this.#options;
    if (options === undefined) return false;
    if (data.length > this.#room) {
      const { socket, maxQueuedBytes } = options;
      this.#room = maxQueuedBytes - socket.bufferedAmount;
      const mayBeLong = typeof data === "string" && this.isNearlyIdle;
      if (data.length > this.#room && !mayBeLong) {
        this.drop(typeof data !== "string");
        return false;
      }
    }
    this.#room -= data.length;
    this.#slowSinceMs = Infinity;
    this.#trySend(options, data);
    return true;
  }

  /** Something is left out for want of room; who has none for too long is closed. */
  drop(isFrame = true): void {
    const options = this.#options;
    if (options === undefined) return;
    if (isFrame) options.onDrop();
    const nowMs = options.clock.now();
    this.#slowSinceMs = Math.min(this.#slowSinceMs, nowMs);
    if (nowMs - this.#slowSinceMs >= options.maxSlowMs) this.close(1013, "too slow");
  }

  /** Sends what must not be left out, however full the socket is. */
  sendLast(data: string | Uint8Array<ArrayBuffer>): void {
    this.#room = 0;
    if (this.#options !== undefined) this.#trySend(this.#options, data);
  }

  /** Ends listening. Idempotent, and the way every end takes; the socket is not touched again. */
  close(code: number, reason: string): void {
    const options = this.#options;
    if (options === undefined) return;
    // A stuck socket may never report its close: nothing may hold on to it.
    this.#options = undefined;
    try {
      options.socket.close(code, reason);
    } catch {
      // Closed already.
    }
    this.#leave?.();
    options.onEnd();
  }

  /** The other end has closed. */
  closed(): void {
    this.close(1000, "");
  }

  #trySend(options: ListenerOptions, data: string | Uint8Array<ArrayBuffer>): void {
    try {
      options.socket.send(data);
    } catch {
      // Not open any more; its close event ends the listener.
    }
  }
}
