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
  /** `undefined` once it has ended. */
  #socket: ListenerSocket | undefined;
  /**
   * Bytes that may be sent before the socket is asked again how much waits: what it had room for when it
   * was asked, less what was sent since. It can only have more by now.
   */
  #room = 0;
  /** Since when it has taken nothing, if so. */
  #slowSinceMs: number | undefined;
  readonly #options: Omit<ListenerOptions, "socket">;
  #leave: (() => void) | undefined;

  constructor({ socket, ...options }: ListenerOptions) {
    this.#socket = socket;
    this.#options = options;
  }

  /** Whether it has ended. */
  get ended(): boolean {
    return this.#socket === undefined;
  }

  /** What else to do when the listener ends; one thing at most. */
  onEnd(leave: () => void): void {
    this.#leave = leave;
  }

  /** Bytes that wait for the socket. */
  get queuedBytes(): number {
    return this.#socket?.bufferedAmount ?? 0;
  }

  /** Whether the socket queue is at most half full. */
  get isNearlyIdle(): boolean {
    return !this.ended && this.queuedBytes <= this.#options.maxQueuedBytes / 2;
  }

  /** The socket took something: it is not slow. */
  tookSome(): void {
    this.#slowSinceMs = undefined;
  }

  /** Whether so many bytes more would be sent, and not dropped. */
  hasRoom(bytes: number): boolean {
    return !this.ended && this.queuedBytes + bytes <= this.#options.maxQueuedBytes;
  }

  /**
   * Sends a frame or a message if the socket has room for it. Answers whether it had. A message may be
   * longer than all the room there is; then it is sent to one who keeps up.
   */
  send(data: string | Uint8Array<ArrayBuffer>): boolean {
    const socket = this.#socket;
    if (socket === undefined) return false;
    if (data.length > this.#room) {
      this.#room = this.#options.maxQueuedBytes - socket.bufferedAmount;
      const mayBeLong = typeof data === "string" && this.isNearlyIdle;
      if (data.length > this.#room && !mayBeLong) {
        this.drop(typeof data !== "string");
        return false;
      }
    }
    // How many bytes a text has, only the socket knows.
    this.#room = typeof data === "string" ? 0 : this.#room - data.length;
    this.#slowSinceMs = undefined;
    this.#trySend(socket, data);
    return true;
  }

  /** Something is left out for want of room; who has none for too long is closed. */
  drop(isFrame = true): void {
    if (this.ended) return;
    const { clock, maxSlowMs, onDrop } = this.#options;
    if (isFrame) onDrop();
    const nowMs = clock.now();
    this.#slowSinceMs ??= nowMs;
    if (nowMs - this.#slowSinceMs >= maxSlowMs) this.close(1013, "too slow");
  }

  /** Sends what must not be left out, however full the socket is. */
  sendLast(data: string | Uint8Array<ArrayBuffer>): void {
    this.#room = 0;
    if (this.#socket !== undefined) this.#trySend(this.#socket, data);
  }

  /** Ends listening. Idempotent, and the way every end takes; the socket is not touched again. */
  close(code: number, reason: string): void {
    const socket = this.#socket;
    if (socket === undefined) return;
    // A stuck socket may never report its close: nothing may hold on to it.
    this.#socket = undefined;
    try {
      socket.close(code, reason);
    } catch {
      // Closed already.
    }
    this.#leave?.();
    this.#options.onEnd();
  }

  /** The other end has closed. */
  closed(): void {
    this.close(1000, "");
  }

  #trySend(socket: ListenerSocket, data: string | Uint8Array<ArrayBuffer>): void {
    try {
      socket.send(data);
    } catch {
      // Not open any more; its close event ends the listener.
    }
  }
}
