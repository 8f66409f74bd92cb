/** A WebSocket handshake by hand, on a connection the test reads from as it likes. */
export class RawUpgrade implements Disposable {
  readonly #connection: Deno.TcpConn;

  private constructor(connection: Deno.TcpConn) {
    this.#connection = connection;
  }

  /** Connects to `origin` (`http://…`) and says nothing yet. */
  static async connect(origin: string): Promise<RawUpgrade> {
    const { hostname, port } = new URL(origin);
    return new RawUpgrade(await Deno.connect({ hostname, port: Number(port) }));
  }

  /** Asks for the upgrade of `path` and answers the status, such as 101. */
  async request(path: string, headers: Record<string, string> = {}): Promise<number> {
    const lines = [
      `GET ${path} HTTP/1.1`,
      "Host: 127.0.0.1",
      "Connection: Upgrade",
      "Upgrade: websocket",
      "Sec-WebSocket-Version: 13",
      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
      ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
      "",
      "",
    ];
    await this.#connection.write(new TextEncoder().encode(lines.join("\r\n")));
    // The status line is in the first packet; what follows it may be read later, or never.
    const line = new Uint8Array(13);
    for (let at = 0; at < line.length;) {
      const read = await this.#connection.read(line.subarray(at));
      if (read === null) throw new Error("Cannot upgrade: the server closed the connection");
      at += read;
    }
    return Number(new TextDecoder().decode(line).slice(9, 12));
  }

  [Symbol.dispose](): void {
    this.#connection.close();
  }
}
