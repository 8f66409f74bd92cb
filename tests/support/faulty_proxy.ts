/** What the proxy does with connections whose first request has a path that ends in one of these. */
export type Fault = "hold" | "cut" | "strip";

/**
 * Stands between a browser and a server, byte by byte, and fails when told to: a browser's own
 * switches for that spare WebSockets, or cannot be undone. Closes with `await using`.
 */
export class FaultyProxy implements AsyncDisposable {
  readonly origin: string;
  readonly #listener: Deno.TcpListener;
  readonly #target: Deno.ConnectOptions;
  readonly #connections = new Map<Deno.TcpConn, string>();
  readonly #running: Promise<void>[] = [];
  #fault: { kind: Fault; ending: string } | undefined;
  #stalled = Promise.resolve();

  /** @param target such as `http://127.0.0.1:8000` */
  constructor(target: string) {
    const { hostname, port } = new URL(target);
    this.#target = { hostname, port: Number(port) };
    this.#listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    this.origin = `http://127.0.0.1:${this.#listener.addr.port}`;
    this.#running.push(this.#accept());
  }

  /**
   * From now on: `cut` closes, and refuses what comes; `hold` takes requests and never answers;
   * `strip` passes no upgrade to a WebSocket, as old proxies do.
   *
   * @param ending of the paths that are meant. @default {""} all
   */
  fail(kind: Fault, ending = ""): void {
    this.#fault = { kind, ending };
    if (kind !== "cut") return;
    for (const [connection, path] of this.#connections) {
      if (path.endsWith(ending)) close(connection);
    }
  }

  /** All is well again. What was held has to be asked for again. */
  mend(): void {
    this.#fault = undefined;
  }

  /** From now on nothing of what the server says comes through; all of it, when the answer is called. */
  stall(): () => void {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#stalled = promise;
    return resolve;
  }

  async #accept(): Promise<void> {
    for await (const connection of this.#listener) {
      this.#connections.set(connection, "");
      const served = this.#serve(connection).catch(() => {}).finally(() => {
        this.#connections.delete(connection);
        close(connection);
      });
      this.#running.push(served);
    }
  }

  async #serve(connection: Deno.TcpConn): Promise<void> {
    const buffer = new Uint8Array(16_384);
    const length = await connection.read(buffer);
    if (length === null) return;
    const first = buffer.slice(0, length);
    const [, path = ""] = /^\S+ ([^ ?]*)/.exec(new TextDecoder().decode(first)) ?? [];
    this.#connections.set(connection, path);
    const isMeant = this.#fault !== undefined && path.endsWith(this.#fault.ending);
    const isStripped = isMeant && this.#fault?.kind === "strip";
    if (isMeant && !isStripped) {
      if (this.#fault?.kind === "cut") return;
      while (await connection.read(buffer) !== null);
      return;
    }
    using server = await Deno.connect(this.#target);
    // One request a connection, so that its path is that of the whole connection.
    await write(server, closing(isStripped ? withoutUpgrade(first) : first));
    const late = new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>({
      transform: async (bytes, controller) => {
        await this.#stalled;
        controller.enqueue(bytes);
      },
    });
    const back = server.readable.pipeThrough(late).pipeTo(connection.writable).catch(() => {});
    await connection.readable.pipeTo(server.writable).catch(() => {});
    close(server);
    await back;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#listener.close();
    for (const connection of this.#connections.keys()) close(connection);
    await Promise.all(this.#running);
  }
}

/** The same request, which asks for the connection to be closed; upgrades are left alone. */
function closing(request: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const text = new TextDecoder("latin1").decode(request);
  if (/^upgrade:/im.test(text)) return request;
  const changed = text.replace(/^connection:.*$/im, "Connection: close");
  return Uint8Array.from(changed, (character) => character.charCodeAt(0));
}

function withoutUpgrade(request: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const text = new TextDecoder("latin1").decode(request).replace(/^upgrade:.*\r\n/im, "");
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

async function write(connection: Deno.Conn, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length;) at += await connection.write(bytes.subarray(at));
}

function close(connection: Deno.Conn): void {
  try {
    connection.close();
  } catch {
    // It was closed by the other side, or by its stream.
  }
}
