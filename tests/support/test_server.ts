import { loadConfig } from "../../config.ts";
import type { CallSinkFactory } from "../../calls/call.ts";
import type { Provider } from "../../ingest/provider.ts";
import { createLog } from "../../log.ts";
import { type Clock, ManualClock, systemClock } from "../../mixer/clock.ts";
import type { CallDescription } from "../../routes/call_description.ts";
import { type Server, startServer } from "../../server.ts";
import { ListenerClient } from "./listener_client.ts";
import { PcmClient, type PcmStart } from "./pcm_client.ts";

/** Two organisations that must never hear of each other. */
export const KEY = "acme-key-0123456789abcdef";
export const OTHER_KEY = "globex-key-0123456789abcdef";

/** How a server for a test differs from the usual one. */
export interface TestServerOptions {
  /** Settings by name. Without them: both keys, any free port, recordings and state in memory. */
  env?: Record<string, string>;
  /** A `ManualClock` for simulated time over real sockets. @default {systemClock} */
  clock?: Clock;
  /** Ways for call audio to come in, instead of the server's own. */
  providers?: readonly Provider[];
  /** Consumers of live audio beside the server's own. */
  sinks?: readonly CallSinkFactory[];
}

/** A request of the API. */
export interface ApiRequest {
  /** @default {"GET"}, or `POST` when there is a body */
  method?: string;
  /** Sent as JSON. */
  body?: unknown;
  /** `null` for none. @default {KEY} */
  key?: string | null;
}

/** What the API answered; `error` is there when it refused. */
export interface ApiAnswer<T> {
  readonly status: number;
  readonly headers: Headers;
  readonly body: T & { error: { code: string; message: string; recordingUrl?: string } };
}

/** The real server in this process, on a free port. Closes with `await using`. */
export class TestServer implements AsyncDisposable {
  /** All lines of its log, from the least severe on. */
  readonly log: string[];
  readonly origin: string;
  readonly #server: Server;
  readonly #clock: Clock;

  private constructor(server: Server, clock: Clock, log: string[]) {
    this.#server = server;
    this.#clock = clock;
    this.log = log;
    this.origin = server.origin;
  }

  static async start({ env = {}, clock = systemClock, ...options }: TestServerOptions = {}) {
    const settings: Record<string, string> = {
      EARSHOT_API_KEYS: `acme:${KEY},globex:${OTHER_KEY}`,
      EARSHOT_HOST: "127.0.0.1",
      EARSHOT_PORT: "0",
      EARSHOT_RECORDINGS: "memory:",
      EARSHOT_STATE: "memory:",
      ...env,
    };
    const lines: string[] = [];
    const log = createLog("debug", (line) => lines.push(line));
    const config = loadConfig((name) => settings[name]);
    const server = await startServer({ config, clock, log, ...options });
    return new TestServer(server, clock, lines);
  }

  /** A WebSocket's URL, such as `ws("/ingest/pcm")`. */
  ws(path: string): string {
    return this.origin.replace(/^http/, "ws") + path;
  }

  /** Asks the API; the body of the answer is read as JSON, `T` is not checked. */
  async api<T = CallDescription>(path: string, request: ApiRequest = {}): Promise<ApiAnswer<T>> {
    const { body, key = KEY, method = body === undefined ? "GET" : "POST" } = request;
    const headers = new Headers();
    if (key !== null) headers.set("x-api-key", key);
    if (body !== undefined) headers.set("content-type", "application/json");
    const response = await fetch(this.origin + path, {
      method,
      headers,
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    const { status, headers: answered } = response;
    return { status, headers: answered, body: text === "" ? {} : JSON.parse(text) };
  }

  /** An agent whose call has started. */
  async agent(start: PcmStart = {}, key = KEY): Promise<PcmClient> {
    const agent = await PcmClient.open({ url: this.ws("/ingest/pcm"), key });
    await agent.start(start);
    return agent;
  }

  /** A listener that has its metadata. */
  listen(callId: string, query = ""): Promise<ListenerClient> {
    return ListenerClient.open({ url: this.ws(`/live/${callId}/ws${query}`), key: KEY });
  }

  /** Asks for the call again and again until it is as wished. @throws after 10 s */
  async until(callId: string, is: (call: CallDescription) => boolean): Promise<CallDescription> {
    const deadlineMs = performance.now() + 10_000;
    for (;;) {
      const { body } = await this.api(`/calls/${callId}`);
      if (body.error === undefined && is(body)) return body;
      if (performance.now() > deadlineMs) {
        throw new Error(`Call ${callId} did not become as wished: ${JSON.stringify(body)}`);
      }
      await sleep(2);
    }
  }

  /** Waits until so many samples of a side have arrived at the call's rate. */
  received(callId: string, track: "user" | "bot", samples: number): Promise<CallDescription> {
    return this.until(callId, ({ health }) => (health?.[track].received ?? 0) >= samples);
  }

  /** Moves a `ManualClock`, leaving the sockets time to deliver on the way. */
  async advance(ms: number): Promise<void> {
    if (!(this.#clock instanceof ManualClock)) throw new TypeError("Cannot advance real time");
    for (let leftMs = ms; leftMs > 0; leftMs -= 50) {
      await this.#clock.advance(Math.min(50, leftMs));
      await sleep(1);
    }
  }

  close(): Promise<void> {
    return this.#server.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

/** Really waits. */
export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
