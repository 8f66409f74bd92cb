import { compileCues, type Cue } from "../../demo/cues.ts";
import timeline from "../../demo/timeline.json" with { type: "json" };
import { ManualClock } from "../../mixer/clock.ts";
import { FaultyProxy } from "./faulty_proxy.ts";
import type { PcmClient } from "./pcm_client.ts";
import { KEY, sleep, TestServer } from "./test_server.ts";

const DEMO = new URL("../../demo/", import.meta.url);
const MULAW = { encoding: "mulaw", sampleRate: 8000 };

/** A call of the stage. */
export interface StagedCall {
  id: string;
  /** @default {true} */
  recording?: boolean;
  metadata?: Record<string, string>;
}

/** How to come to a player. */
export interface PlayerAddress {
  /** Such as `&embed=1`. @default {""} */
  query?: string;
  /** @default {KEY} */
  key?: string;
  /** Through the proxy. @default {false} */
  isFaulty?: boolean;
}

/**
 * Calls with the demo's conversation in them for tests of pages: their past goes by in no time, and from
 * {@linkcode CallStage.live} on they run as fast as the clock on the wall. Closes with `await using`.
 */
export class CallStage implements AsyncDisposable {
  readonly server: TestServer;
  /** Between the server and pages that are to see it fail. */
  readonly proxy: FaultyProxy;
  readonly #agents = new Map<string, PcmClient>();
  readonly #muted = new Set<string>();
  readonly #cues: Cue[];
  #nowMs = 0;
  #running: Promise<void> | undefined;
  #stopped = false;

  private constructor(server: TestServer, cues: Cue[]) {
    this.server = server;
    this.proxy = new FaultyProxy(server.origin);
    this.#cues = cues;
  }

  static async open(calls: StagedCall[], env: Record<string, string> = {}): Promise<CallStage> {
    const server = await TestServer.start({ clock: new ManualClock(0, Date.now()), env });
    const read = (name: string) => Deno.readFile(new URL(name, DEMO));
    const cues = compileCues(timeline, await read("user.mulaw"), await read("bot.mulaw"));
    const stage = new CallStage(server, cues);
    for (const call of calls) await stage.start(call);
    return stage;
  }

  /** Begins a call now, with the conversation where it is. */
  async start({ id, recording = true, metadata = {} }: StagedCall): Promise<PcmClient> {
    const agent = await this.server.agent({
      callId: id,
      tracks: { user: MULAW, bot: MULAW },
      media: { live: true, recording },
      metadata,
    });
    this.#agents.set(id, agent);
    return agent;
  }

  agent(id: string): PcmClient {
    const agent = this.#agents.get(id);
    if (agent === undefined) throw new Error(`Cannot find agent: no call ${id} was started`);
    return agent;
  }

  /** From now on the call's agent says nothing. */
  mute(id: string): void {
    this.#muted.add(id);
  }

  /** The address of a call's player. */
  player(id: string, { query = "", key = KEY, isFaulty = false }: PlayerAddress = {}): string {
    const { origin } = isFaulty ? this.proxy : this.server;
    return `${origin}/live/${id}/player?token=${key}${query}`;
  }

  /** Lets time pass at once. The conversation begins again when it is over. */
  async pass(ms: number): Promise<void> {
    const untilMs = this.#nowMs + ms;
    while (this.#nowMs < untilMs) {
      const stepMs = Math.min(50, untilMs - this.#nowMs);
      this.#send(this.#nowMs, this.#nowMs + stepMs);
      this.#nowMs += stepMs;
      await this.server.advance(stepMs);
    }
  }

  /** Lets time pass as it does, until the stage is closed. */
  live(): void {
    const startMs = performance.now() - this.#nowMs;
    const run = async () => {
      while (!this.#stopped) {
        await this.pass(Math.floor(performance.now() - startMs - this.#nowMs));
        await sleep(20);
      }
    };
    this.#running = run();
  }

  #send(fromMs: number, toMs: number): void {
    const roundMs = timeline.durationMs + 3000;
    const at = fromMs % roundMs;
    const due = this.#cues.filter(({ atMs }) => atMs >= at && atMs < at + toMs - fromMs);
    for (const [id, agent] of this.#agents) {
      if (!this.#muted.has(id)) { for (const { message } of due) agent.raw(message); }
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopped = true;
    await this.#running;
    await this.proxy[Symbol.asyncDispose]();
    const closed = [...this.#agents.values()].map((agent) => agent.drop());
    await this.server.close();
    await Promise.all(closed);
  }
}
