import { EventFeed, type EventHandler } from "./event_feed.ts";
import { Listening, type ListenOptions } from "./listening.ts";
import { type CallOptions, PublishedCall } from "./published_call.ts";

/** Which server, and as whom. */
export interface EarshotOptions {
  /** Of the server. @default {"http://127.0.0.1:8000"} */
  url?: string;
  /** An organisation's key, or a listen token of one call. Goes into headers where it can. */
  apiKey: string;
}

/** A call as the server describes it; more fields are in docs/protocol.md. */
export interface CallDescription {
  id: string;
  state: "announced" | "live" | "ended";
  startedAt: number;
  durationSeconds: number;
  sampleRate: number;
  metadata: Record<string, string>;
  listenUrl: string;
  playerUrl: string;
  recording: { state: string; url?: string } | null;
  [more: string]: unknown;
}

/** A token for one call. */
export interface CallToken {
  token: string;
  /** ms since the Unix epoch. */
  expiresAt: number;
  listenUrl: string;
  playerUrl: string;
  recordingUrl?: string;
}

/** The server refused a request. */
export class RequestRefused extends Error {
  override readonly name = "RequestRefused";
  readonly status: number;
  /** The server's, such as `call_not_found`. */
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    super(`${message} (${status} ${code})`);
    this.status = status;
    this.code = code;
  }
}

/** A client of one server. Nothing is connected before it is needed. */
export class Earshot {
  readonly #url: URL;
  readonly #key: string;
  readonly #feed: EventFeed;

  constructor({ url = "http://127.0.0.1:8000", apiKey }: EarshotOptions) {
    this.#url = new URL(url.replace(/\/*$/, "/"));
    if (!/^https?:$/.test(this.#url.protocol)) {
      throw new TypeError(`Cannot make client: url takes http or https, received ${url}`);
    }
    this.#key = apiKey;
    this.#feed = new EventFeed((path, init) => this.#request(path, init));
  }

  /** Publishes a call; it begins at once, what is written before it has started waits. */
  call(options: CallOptions = {}): PublishedCall {
    return new PublishedCall(this.#ws("ingest/pcm"), this.#key, options);
  }

  /** Hears a call; connects when it is read. */
  listen(id: string, options: ListenOptions = {}): Listening {
    return new Listening(this.#ws(`live/${encodeURIComponent(id)}/ws`), this.#key, options);
  }

  /**
   * Is told what happens to all calls, such as `call.started`, `call.ended`, `recording.ready`:
   * the call's description where there is one, else the event's data. `error` tells why the server
   * is not reached; it is asked again. Answers a function that stops it.
   */
  on(type: string, handler: EventHandler): () => void {
    return this.#feed.on(type, handler);
  }

  /** Calls, newest first; see the options of `GET /calls`. */
  async calls(
    query: Record<string, string | number> = {},
  ): Promise<{ calls: CallDescription[]; before: string | null }> {
    const search = new URLSearchParams(Object.entries(query).map(([k, v]) => [k, String(v)]));
    return await (await this.#request(`calls?${search}`)).json();
  }

  /** One call. */
  async describe(id: string): Promise<CallDescription> {
    return await (await this.#request(`calls/${encodeURIComponent(id)}`)).json();
  }

  /** Does to any call of the organisation what its agent may do. */
  async control(
    id: string,
    action: "clear" | "pause" | "resume" | "end",
  ): Promise<CallDescription> {
    return await (await this.#request(`calls/${encodeURIComponent(id)}/${action}`, {
      method: "POST",
    })).json();
  }

  /** A token that opens one call, to put into links. */
  async token(
    id: string,
    options: {
      ttlSeconds?: number;
      scope?: ("listen" | "recording")[];
      singleUse?: boolean;
    } = {},
  ): Promise<CallToken> {
    return await (await this.#request(`calls/${encodeURIComponent(id)}/tokens`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(options),
    })).json();
  }

  /** The recording: a response whose body is the file. */
  async recording(id: string, query: {
    channels?: 1 | 2;
    track?: "user" | "bot";
    format?: "wav" | "flac";
    from?: number;
    to?: number;
  } = {}): Promise<Response> {
    const search = new URLSearchParams(Object.entries(query).map(([k, v]) => [k, String(v)]));
    return await this.#request(`calls/${encodeURIComponent(id)}/recording?${search}`);
  }

  /** Deletes the recording for good. */
  async deleteRecording(id: string): Promise<void> {
    await this.#request(`calls/${encodeURIComponent(id)}/recording`, { method: "DELETE" });
  }

  /** Stops the events. Calls and listeners go on. */
  close(): void {
    this.#feed.close();
  }

  #ws(path: string): URL {
    const url = new URL(path, this.#url);
    url.protocol = url.protocol.replace("http", "ws");
    return url;
  }

  async #request(path: string, init: RequestInit = {}): Promise<Response> {
    const headers = new Headers(init.headers);
    // Not X-API-Key: Authorization alone is dropped on a redirect to another host.
    headers.set("authorization", `Bearer ${this.#key}`);
    const response = await fetch(new URL(path, this.#url), { ...init, headers });
    if (response.ok) return response;
    const { error } = await response.json().catch(() => ({}));
    throw new RequestRefused(
      response.status,
      error?.code ?? "unknown",
      error?.message ?? `Cannot ask ${path.split("?")[0]}`,
    );
  }
}
