/** Is given a call's description for events that have one, else the event's data. */
// deno-lint-ignore no-explicit-any -- one name has one shape; docs/protocol.md lists them
export type EventHandler = (data: any) => void;

type Request = (path: string, init: RequestInit) => Promise<Response>;

const RETRY_MS = [250, 1000, 2000, 5000];
/** No event is longer than the server's bound of a stream. */
const MAX_LINE_CHARS = 1 << 20;

/** The organisation's events, as long as somebody wants them; resumes where it was cut off. */
export class EventFeed {
  readonly #request: Request;
  readonly #handlers = new Map<string, Set<EventHandler>>();
  #stop: AbortController | undefined;
  #lastId = "";

  constructor(request: Request) {
    this.#request = request;
  }

  on(type: string, handler: EventHandler): () => void {
    const handlers = this.#handlers.get(type) ?? new Set();
    this.#handlers.set(type, handlers.add(handler));
    if (this.#stop === undefined) this.#run(this.#stop = new AbortController());
    return () => {
      handlers.delete(handler);
      if (handlers.size === 0) this.#handlers.delete(type);
      if (this.#handlers.size === 0) this.close();
    };
  }

  close(): void {
    this.#stop?.abort();
    this.#stop = undefined;
    this.#handlers.clear();
  }

  async #run({ signal }: AbortController): Promise<void> {
    for (let failures = 0; !signal.aborted;) {
      try {
        const headers: Record<string, string> = this.#lastId === ""
          ? {}
          : { "last-event-id": this.#lastId };
        const response = await this.#request("events", { headers, signal });
        failures = 0;
        await this.#read(response.body!);
      } catch (error) {
        if (!signal.aborted) this.#tell("error", error);
      }
      const ms = RETRY_MS[Math.min(failures++, RETRY_MS.length - 1)];
      await wait(ms, signal);
    }
  }

  async #read(body: ReadableStream<Uint8Array>): Promise<void> {
    const decoder = new TextDecoder();
    let rest = "", id = "", type = "", data = "";
    for await (const bytes of body as unknown as AsyncIterable<Uint8Array>) {
      const lines = (rest + decoder.decode(bytes, { stream: true })).split("\n");
      rest = lines.pop()!;
      if (rest.length > MAX_LINE_CHARS) throw new Error("Cannot read events: a line has no end");
      for (const line of lines) {
        if (line.startsWith("id: ")) id = line.slice(4);
        else if (line.startsWith("event: ")) type = line.slice(7);
        else if (line.startsWith("data: ")) data = line.slice(6);
        else if (line === "" && data !== "") {
          this.#lastId = id;
          const { call, ...others } = JSON.parse(data);
          this.#tell(type, call ?? others);
          type = data = "";
        }
      }
    }
  }

  #tell(type: string, data: unknown): void {
    for (const handler of this.#handlers.get(type) ?? []) {
      try {
        handler(data);
      } catch (error) {
        queueMicrotask(() => {
          throw error; // the handler's own fault, not this feed's
        });
      }
    }
  }
}

function wait(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(done, ms);
    signal.addEventListener("abort", done);
    function done() {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    }
    if (signal.aborted) done();
  });
}
