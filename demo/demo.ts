/**
 * A call that never ends, for people who try Earshot without a telephone: a client of
 * `/ingest/pcm` as any agent would be.
 *
 * @module
 */
import type { Clock, TimerHandle } from "../mixer/clock.ts";
import { AgentConnection, StartRefused } from "./agent_connection.ts";
import { compileCues } from "./cues.ts";
import { Playhead } from "./playhead.ts";
import timeline from "./timeline.json" with { type: "json" };

/** What a {@linkcode DemoCall} needs. */
export interface DemoCallOptions {
  /** Of the ingest endpoint, such as `ws://127.0.0.1:8000/ingest/pcm`. */
  url: string;
  /** API key of the organisation that owns the call. */
  key: string;
  clock: Clock;
  /** Also the beginning of the id used instead when this one is taken. */
  callId: string;
  /** Is told of everything that goes wrong; the demo call itself carries on. */
  onProblem: (error: Error) => void;
  /** Is told the id of every call the server has accepted. */
  onStarted?: (callId: string) => void;
}

/** Silence between two rounds: nothing is sent, as on a line that is on hold. */
const PAUSE_MS = 3000;
/** A loop stalled for longer than this skips what it missed, rather than flooding the server. */
const MAX_CATCH_UP_MS = 5000;
/** Waits before reconnecting: the first attempts fall into the server's grace time of 10 s. */
const RETRY_MS = [500, 1000, 2000, 4000, 5000];
/** A server that leaves so much unread is taken for lost. */
const MAX_BUFFERED_BYTES = 1 << 20;

/** A support conversation of two voices, repeated in one call until told to stop. */
export class DemoCall {
  readonly #options: DemoCallOptions;
  #callId: string;

  constructor(options: DemoCallOptions) {
    this.#options = options;
    this.#callId = options.callId;
  }

  /** The id of the call, or of the next attempt at one. */
  get callId(): string {
    return this.#callId;
  }

  /**
   * Plays until `signal` aborts, then ends the call and settles once the socket is closed. A lost
   * socket is replaced, a call that is over is followed by a new one.
   *
   * @throws when the demo's audio cannot be read
   */
  async run(signal: AbortSignal): Promise<void> {
    const [user, bot] = await Promise.all(["user", "bot"].map(readAudio));
    const cues = compileCues(timeline, user, bot);
    const { clock, onProblem } = this.#options;
    let playhead: Playhead | undefined; // of the call to resume
    let failures = 0;
    while (!signal.aborted) {
      try {
        const connection = await this.#connect(playhead !== undefined, signal);
        failures = 0;
        playhead ??= new Playhead(cues, timeline.durationMs + PAUSE_MS, clock.now());
        await this.#play(playhead, connection, signal);
        if (!signal.aborted) throw new Error("Cannot go on with the demo call: connection lost");
      } catch (error) {
        if (signal.aborted) return;
        onProblem(error as Error);
        if (error instanceof StartRefused && error.code !== "connection_lost") {
          // A call that cannot be resumed is over. Its id may be taken by its recording.
          if (playhead === undefined && error.code === "call_exists") {
            this.#callId = this.#anotherId();
          }
          playhead = undefined;
        }
        await this.#wait(RETRY_MS[Math.min(failures++, RETRY_MS.length - 1)], signal);
      }
    }
  }

  async #connect(resume: boolean, signal: AbortSignal): Promise<AgentConnection> {
    const mulaw = { encoding: "mulaw", sampleRate: 8000 };
    const start = {
      callId: this.#callId,
      sampleRate: 8000,
      tracks: { user: mulaw, bot: mulaw },
      media: { live: true, recording: true, maxDurationSeconds: 1800 },
      metadata: { agent: "demo", from: "+15550100", to: "+15550199", direction: "inbound" },
      ...(resume ? { resume } : {}),
    };
    const connection = await AgentConnection.open({ ...this.#options, start }, signal);
    connection.onError = this.#options.onProblem;
    if (!resume) this.#options.onStarted?.(this.#callId);
    return connection;
  }

  /** Sends what falls due until the socket closes or `signal` aborts, and leaves it closed. */
  async #play(
    playhead: Playhead,
    connection: AgentConnection,
    signal: AbortSignal,
  ): Promise<void> {
    const { clock } = this.#options;
    const stop = Promise.withResolvers<void>();
    const onAbort = () => stop.resolve();
    let timer: TimerHandle;
    const sendDue = () => {
      if (connection.bufferedBytes > MAX_BUFFERED_BYTES) return stop.resolve();
      const nowMs = clock.now();
      if (nowMs - playhead.dueMs > MAX_CATCH_UP_MS) playhead.skipTo(nowMs);
      while (playhead.dueMs <= nowMs) connection.send(playhead.take());
      timer = clock.setTimeout(sendDue, playhead.dueMs - nowMs);
    };
    signal.addEventListener("abort", onAbort);
    if (signal.aborted) onAbort();
    // What fell due while there was no socket was heard by nobody.
    playhead.skipTo(clock.now());
    sendDue();
    await Promise.race([connection.closed, stop.promise]);
    clock.clearTimeout(timer);
    signal.removeEventListener("abort", onAbort);
    if (signal.aborted) connection.send(JSON.stringify({ type: "end", reason: "demo_stopped" }));
    await connection.close();
  }

  #anotherId(): string {
    return `${this.#options.callId}-${Math.floor(this.#options.clock.wallTime() / 1000)}`;
  }

  async #wait(ms: number, signal: AbortSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const onAbort = () => resolve();
    const timer = this.#options.clock.setTimeout(resolve, ms);
    signal.addEventListener("abort", onAbort);
    if (signal.aborted) resolve();
    await promise;
    this.#options.clock.clearTimeout(timer);
    signal.removeEventListener("abort", onAbort);
  }
}

function readAudio(name: string): Promise<Uint8Array> {
  return Deno.readFile(new URL(`${name}.mulaw`, import.meta.url));
}
