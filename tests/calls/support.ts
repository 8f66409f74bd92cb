/** Calls in simulated time and sockets that keep what they are sent. */

import type { CallEnvironment } from "../../calls/call.ts";
import type { CallDetails } from "../../calls/call_options.ts";
import { Listener, type ListenerOptions } from "../../calls/listener.ts";
import { ManualClock } from "../../mixer/clock.ts";
import type { MixedFrame } from "../../mixer/mixer.ts";
import { Ticker } from "../../mixer/ticker.ts";
import { MemoryStore } from "../../recordings/memory.ts";

/** A socket as a listener needs it. What is sent counts as queued until {@linkcode drain}. */
export class FakeSocket {
  readonly sent: (string | Uint8Array)[] = [];
  readonly closes: { code: number; reason: string }[] = [];
  bufferedAmount = 0;
  /** Whether `send` throws, as a socket that has closed does. */
  broken = false;

  send(data: string | Uint8Array): void {
    if (this.broken) throw new DOMException("not open", "InvalidStateError");
    // The sender's buffer is its own again after the call.
    this.sent.push(typeof data === "string" ? data : data.slice());
    this.bufferedAmount += data.length;
  }

  close(code: number, reason: string): void {
    if (this.broken) throw new DOMException("not open", "InvalidStateError");
    this.closes.push({ code, reason });
  }

  /** The network takes all that was queued. */
  drain(): void {
    this.bufferedAmount = 0;
  }
}

/** A listener on a fake socket, and what it tells. */
export function aListener(changes: Partial<ListenerOptions> = {}) {
  const clock = new ManualClock();
  const socket = new FakeSocket();
  const told = { ends: 0, drops: 0 };
  const listener = new Listener({
    clock,
    socket,
    maxQueuedBytes: 8000,
    maxSlowMs: 1000,
    onEnd: () => told.ends++,
    onDrop: () => told.drops++,
    ...changes,
  });
  return { clock, socket, told, listener };
}

/** A frame of four samples a side. */
export function aFrame(position: number, sources: number): MixedFrame {
  const user = Int16Array.of(1, 2, 3, 4);
  const bot = Int16Array.of(10, 20, 30, 40);
  return { position, sources, user, bot, mix: Int16Array.of(11, 22, 33, 44) };
}

/** What a process of calls shares, with everything it is told noted. */
export function anEnvironment(changes: Partial<CallEnvironment> = {}) {
  const clock = new ManualClock();
  const told: string[] = [];
  const environment: CallEnvironment = {
    clock,
    ticker: new Ticker(clock),
    store: new MemoryStore(),
    observer: (event) => {
      if (event.type === "recording") return;
      const { details: { id }, reason } = event.call;
      if (event.type === "started") told.push(`start ${id}`);
      if (event.type === "ended") told.push(`end ${id} ${reason}`);
      if (event.type === "noted") told.push(`${event.event.type} ${id} ${event.event.position}`);
      if (event.type !== "warning") return;
      const { code, active = true } = event.warning;
      told.push(`${active ? "warning" : "over"} ${id} ${code}`);
    },
    holdbackMs: 100,
    botQueueMs: 120_000,
    graceMs: 10_000,
    announceMs: 60_000,
    ...changes,
  };
  return { clock, told, environment };
}

export function someDetails(changes: Partial<CallDetails> = {}): CallDetails {
  const format = { encoding: "pcm_s16le", sampleRate: 8000 } as const;
  return {
    id: "CA1",
    organisation: "acme",
    sampleRate: 8000,
    formats: { user: format, bot: format },
    media: { live: true, recording: true, maxDurationSeconds: 60 },
    metadata: {},
    botAudio: "speech",
    ...changes,
  };
}

/** One who brings audio in, and why it was let go. */
export function anOwner() {
  const reasons: string[] = [];
  return { reasons, heardAtMs: 0, released: (reason: string) => void reasons.push(reason) };
}
