import { Buffer } from "node:buffer";
import { createHash, randomBytes } from "node:crypto";
import { type ClientRequest, request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";
import type { Duplex } from "node:stream";
import type { Socket } from "./socket.ts";

const GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
/** A message of the server's is a frame of sound or a short text. */
const MAX_MESSAGE_BYTES = 1 << 20;
const CLOSE_MS = 1000;
const TEXT = 1, BINARY = 2, CLOSE = 8, PING = 9, PONG = 10;

/** A WebSocket (RFC 6455) for Node 20, whose own is behind a flag. No extensions. */
export class NodeSocket implements Socket {
  binaryType = "arraybuffer";
  readyState = 0;
  onopen: Socket["onopen"] = null;
  onmessage: Socket["onmessage"] = null;
  onclose: Socket["onclose"] = null;
  onerror: Socket["onerror"] = null;
  readonly #request: ClientRequest;
  #stream: Duplex | undefined;
  #received: Buffer = Buffer.alloc(0);
  #parts: Buffer[] = [];
  #partsBytes = 0;
  #partsType = 0;
  #close: { code: number; reason: string } = { code: 1006, reason: "" };

  constructor(url: URL, headers: Record<string, string>) {
    const key = randomBytes(16).toString("base64");
    const target = new URL(url);
    target.protocol = url.protocol.replace(/^ws/, "http");
    const begin = target.protocol === "https:" ? httpsRequest : httpRequest;
    const request = begin(target, {
      headers: {
        ...headers,
        connection: "Upgrade",
        upgrade: "websocket",
        "sec-websocket-key": key,
        "sec-websocket-version": "13",
      },
    });
    this.#request = request;
    request.on("upgrade", (response, stream, head) => {
      const accept = createHash("sha1").update(key + GUID).digest("base64");
      if (response.headers["sec-websocket-accept"] !== accept) {
        stream.destroy();
        return this.#finish();
      }
      this.#stream = stream;
      this.readyState = 1;
      stream.on("data", (bytes: Buffer) => this.#receive(bytes));
      stream.on("error", () => {});
      stream.on("close", () => this.#finish());
      this.onopen?.({});
      if (head.length > 0) this.#receive(head);
    });
    request.on("response", (response) => {
      this.#close = { code: 1006, reason: `HTTP ${response.statusCode}` };
      response.destroy();
      this.#finish();
    });
    request.on("error", () => this.#finish());
    request.end();
  }

  get bufferedAmount(): number {
    return this.#stream?.writableLength ?? 0;
  }

  send(data: string | Uint8Array<ArrayBuffer>): void {
    if (this.readyState !== 1) return;
    if (typeof data === "string") this.#write(TEXT, Buffer.from(data));
    else this.#write(BINARY, data);
  }

  close(code = 1000): void {
    if (this.readyState >= 2) return;
    if (this.readyState === 0) {
      this.#request.destroy();
      return this.#finish();
    }
    this.#sayClose(code);
  }

  /** Answers or begins the closing handshake; a server that does not answer is cut off. */
  #sayClose(code: number): void {
    if (this.readyState >= 2) return;
    const body = Buffer.alloc(2);
    body.writeUInt16BE(code);
    this.#write(CLOSE, body);
    this.readyState = 2;
    setTimeout(() => this.#stream?.destroy(), CLOSE_MS).unref();
  }

  #write(type: number, data: Uint8Array): void {
    const length = data.length;
    const extra = length < 126 ? 0 : length < 65536 ? 2 : 8;
    const frame = Buffer.alloc(2 + extra + 4 + length);
    frame[0] = 0x80 | type;
    frame[1] = 0x80 | (extra === 0 ? length : extra === 2 ? 126 : 127);
    if (extra === 2) frame.writeUInt16BE(length, 2);
    if (extra === 8) frame.writeBigUInt64BE(BigInt(length), 2);
    const mask = randomBytes(4);
    mask.copy(frame, 2 + extra);
    for (let i = 0; i < length; i++) frame[6 + extra + i] = data[i] ^ mask[i & 3];
    this.#stream?.write(frame);
  }

  #receive(bytes: Buffer): void {
    this.#received = this.#received.length === 0 ? bytes : Buffer.concat([this.#received, bytes]);
    while (this.#takeFrame());
  }

  #takeFrame(): boolean {
    const from = this.#received;
    if (from.length < 2 || this.readyState === 3) return false;
    const short = from[1] & 0x7f;
    const extra = short === 126 ? 2 : short === 127 ? 8 : 0;
    if (from.length < 2 + extra) return false;
    const length = extra === 0
      ? short
      : extra === 2
      ? from.readUInt16BE(2)
      : Number(from.readBigUInt64BE(2));
    // A server never masks; without extensions the three bits are zero.
    if ((from[1] & 0x80) !== 0 || (from[0] & 0x70) !== 0) return this.#fail(1002);
    if (length + this.#partsBytes > MAX_MESSAGE_BYTES) return this.#fail(1009);
    if (from.length < 2 + extra + length) return false;
    const body = from.subarray(2 + extra, 2 + extra + length);
    this.#received = from.subarray(2 + extra + length);
    this.#takeIn(from[0] & 0x0f, (from[0] & 0x80) !== 0, body);
    return true;
  }

  #takeIn(type: number, isLast: boolean, body: Buffer): void {
    if (type === PING) return this.#write(PONG, body);
    if (type === PONG) return;
    if (type === CLOSE) {
      this.#close = body.length < 2
        ? { code: 1005, reason: "" }
        : { code: body.readUInt16BE(0), reason: body.toString("utf8", 2) };
      this.#sayClose(this.#close.code === 1005 ? 1000 : this.#close.code);
      this.#stream?.end();
      return;
    }
    if (type !== 0) this.#partsType = type;
    this.#parts.push(body);
    this.#partsBytes += body.length;
    if (!isLast) return;
    const whole = Buffer.concat(this.#parts);
    this.#parts = [];
    this.#partsBytes = 0;
    const data = this.#partsType === TEXT ? whole.toString("utf8") : new Uint8Array(whole).buffer;
    this.onmessage?.({ data });
  }

  #fail(code: number): false {
    this.#close = { code, reason: "" };
    this.#stream?.destroy();
    return false;
  }

  #finish(): void {
    if (this.readyState === 3) return;
    const wasOpen = this.#stream !== undefined;
    this.readyState = 3;
    if (!wasOpen) this.onerror?.({});
    this.onclose?.(this.#close);
  }
}
