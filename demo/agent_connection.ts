import type { Clock, TimerHandle } from "../mixer/clock.ts";

/** What an {@linkcode AgentConnection} needs to begin. */
export interface AgentConnectionOptions {
  /** Of the ingest endpoint, such as `ws://127.0.0.1:8000/ingest/pcm`. */
  url: string;
  /** API key; travels in a header, so that no log of URLs keeps it. */
  key: string;
  clock: Clock;
  /** The `start` message, without its `type`. */
  start: Record<string, unknown>;
}

/** The server answered `start` with an error, or closed. */
export class StartRefused extends Error {
  override readonly name = "StartRefused";
  /** The server's code, such as `call_exists`; `connection_lost` when it gave none. */
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

/** How long the server may take to accept a call, and to answer a close. */
const ANSWER_MS = 5000;
const CLOSE_MS = 1000;

/** An agent's WebSocket to `/ingest/pcm`, from the server's `started` on. */
export class AgentConnection {
  /** Settles, never rejects, when the socket has closed or has been given up. */
  readonly closed: Promise<void>;
  readonly #clock: Clock;
  readonly #socket: WebSocket;
  readonly #closed = Promise.withResolvers<void>();
  readonly #answer = Promise.withResolvers<void>();
  #onError: (error: Error) => void = () => {};

  private constructor({ url, key, clock, start }: AgentConnectionOptions) {
    this.#clock = clock;
    this.closed = this.#closed.promise;
    const socket = new WebSocket(url, { headers: { authorization: `Bearer ${key}` } });
    socket.onopen = () => socket.send(JSON.stringify({ type: "start", ...start }));
    socket.onmessage = ({ data }) => this.#receive(data);
    socket.onclose = ({ code, reason }) => {
      const why = `socket closed with ${code}${reason === "" ? "" : ` (${reason})`}`;
      this.#answer.reject(new StartRefused("connection_lost", `Cannot start call: ${why}`));
      this.#closed.resolve();
    };
    // Always followed by a close event, which says all that is to be known.
    socket.onerror = () => {};
    this.#socket = socket;
  }

  /**
   * Connects and starts a call.
   *
   * @throws {StartRefused} when the server does not accept it within 5 s, or `signal` aborts
   */
  static async open(
    options: AgentConnectionOptions,
    signal: AbortSignal,
  ): Promise<AgentConnection> {
    const connection = new AgentConnection(options);
    const giveUp = (why: string) => () =>
      connection.#answer.reject(new StartRefused("connection_lost", `Cannot start call: ${why}`));
    const onAbort = giveUp("aborted");
    const timer = options.clock.setTimeout(giveUp(`no answer in ${ANSWER_MS} ms`), ANSWER_MS);
    signal.addEventListener("abort", onAbort);
    if (signal.aborted) onAbort();
    try {
      await connection.#answer.promise;
      return connection;
    } catch (error) {
      await connection.close();
      throw error;
    } finally {
      options.clock.clearTimeout(timer);
      signal.removeEventListener("abort", onAbort);
    }
  }

  /** Bytes handed to {@linkcode send} that have not left yet. */
  get bufferedBytes(): number {
    return this.#socket.bufferedAmount;
  }

  /** Is told what the server objects to after it has accepted the call. */
  set onError(report: (error: Error) => void) {
    this.#onError = report;
  }

  /** Sends a message; the bytes are copied. Does nothing once the socket closes. */
  send(message: string | Uint8Array<ArrayBuffer>): void {
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.send(message);
  }

  /** Closes the socket and waits for that, at most one second. May be called again. */
  async close(): Promise<void> {
    if (this.#socket.readyState < WebSocket.CLOSING) this.#socket.close(1000);
    let timer: TimerHandle;
    const deadline = new Promise<void>((resolve) => {
      timer = this.#clock.setTimeout(resolve, CLOSE_MS);
    });
    await Promise.race([this.closed, deadline]);
    this.#clock.clearTimeout(timer);
    this.#closed.resolve();
  }

  #receive(data: unknown): void {
    if (typeof data !== "string") return;
    const { type, code, message } = parseAnswer(data);
    if (type === "started") this.#answer.resolve();
    if (type !== "error") return;
    const error = new StartRefused(code, `${message} (${code})`);
    this.#answer.reject(error);
    this.#onError(error);
  }
}

function parseAnswer(text: string): { type: string; code: string; message: string } {
  const nothing = { type: "", code: "unknown", message: "" };
  try {
    return { ...nothing, ...JSON.parse(text) };
  } catch {
    return nothing;
  }
}
