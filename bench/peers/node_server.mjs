/**
 * A peer: the server that today's tutorials lead to, in Node.js with `ws`. Twilio's JSON in, one timer a
 * call, queues of chunks, a mix every 50 ms to everybody who listens, and a stereo WAV file a call. It has
 * no timeline: what comes late moves what follows, and a stall shortens the recording.
 *
 * Usage: `node node_server.mjs PORT FOLDER KEY [HOLDBACK_MS]`
 */
import { createWriteStream } from "node:fs";
import { createServer } from "node:http";
import { WebSocketServer } from "ws";

const [port, folder, key, holdbackMs = "100"] = process.argv.slice(2);
const FRAME = 400;
const FRAME_MS = 50;
/** Beyond this much the oldest goes: nothing grows without bound here either. */
const MOST_QUEUED = 40 * FRAME;

const decoded = Int16Array.from({ length: 256 }, (_, code) => {
  const bits = ~code & 0xff;
  const magnitude = (((bits & 0x0f) << 3) + 0x84 << ((bits & 0x70) >> 4)) - 0x84;
  return bits & 0x80 ? -magnitude : magnitude;
});

/** One side's audio on its way to the mixer. */
class Queue {
  chunks = [];
  length = 0;

  push(payload) {
    const samples = new Int16Array(payload.length);
    for (let i = 0; i < payload.length; i++) samples[i] = decoded[payload[i]];
    this.chunks.push(samples);
    this.length += samples.length;
    while (this.length > MOST_QUEUED) this.length -= this.chunks.shift().length;
  }

  /** A frame of samples, zeros where there are none. */
  take() {
    const frame = new Int16Array(FRAME);
    let filled = 0;
    while (filled < FRAME && this.chunks.length > 0) {
      const chunk = this.chunks[0];
      const part = chunk.subarray(0, FRAME - filled);
      frame.set(part, filled);
      filled += part.length;
      this.length -= part.length;
      if (part.length === chunk.length) this.chunks.shift();
      else this.chunks[0] = chunk.subarray(part.length);
    }
    return frame;
  }
}

class Call {
  user = new Queue();
  bot = new Queue();
  listeners = new Set();
  #file;
  #timer;

  constructor(id, recorded) {
    if (recorded) {
      this.#file = createWriteStream(`${folder}/${id}.wav`);
      this.#file.write(Buffer.alloc(44));
    }
    // Holds 100 ms back, as Earshot does, unless it is told otherwise.
    this.startedMs = performance.now() + Number(holdbackMs);
    this.ticks = 0;
    this.#timer = setInterval(() => this.#tick(), FRAME_MS);
  }

  #tick() {
    // setInterval drifts: what is due is told by the clock.
    while (performance.now() - this.startedMs >= (this.ticks + 1) * FRAME_MS) {
      this.ticks++;
      const user = this.user.take();
      const bot = this.bot.take();
      const mix = new Int16Array(FRAME);
      for (let i = 0; i < FRAME; i++) {
        mix[i] = Math.max(-32768, Math.min(32767, user[i] + bot[i]));
      }
      const bytes = Buffer.from(mix.buffer);
      for (const socket of this.listeners) {
        if (socket.bufferedAmount < 16_000) socket.send(bytes);
      }
      this.#record(user, bot);
    }
  }

  #record(user, bot) {
    if (this.#file === undefined) return;
    const stereo = new Int16Array(2 * FRAME);
    for (let i = 0; i < FRAME; i++) {
      stereo[2 * i] = user[i];
      stereo[2 * i + 1] = bot[i];
    }
    this.#file.write(Buffer.from(stereo.buffer));
  }

  end() {
    clearInterval(this.#timer);
    this.#file?.end();
    for (const socket of this.listeners) socket.close(1000);
  }
}

const calls = new Map();
const sockets = new WebSocketServer({ noServer: true, perMessageDeflate: false });

function ingest(socket) {
  let call, id;
  socket.on("message", (data) => {
    const message = JSON.parse(data);
    if (message.event === "start") {
      const { callSid, customParameters } = message.start;
      if (customParameters.token !== key) return socket.close(1008);
      id = callSid;
      calls.set(id, call = new Call(id, customParameters.recording === "true"));
    } else if (message.event === "media" && call) {
      const { track, payload } = message.media;
      call[track === "inbound" ? "user" : "bot"].push(Buffer.from(payload, "base64"));
    }
  });
  socket.on("close", () => {
    call?.end();
    calls.delete(id);
  });
}

function listen(socket, id, call) {
  const metadata = { type: "metadata", sampleRate: 8000, channels: 1, bitDepth: 16, sessionId: id };
  socket.send(JSON.stringify(metadata));
  call.listeners.add(socket);
  socket.on("close", () => call.listeners.delete(socket));
}

const server = createServer((_request, response) => response.end("ok"));
server.on("upgrade", (request, socket, head) => {
  const { pathname, searchParams } = new URL(request.url, "http://localhost");
  const [, part, id] = pathname.split("/");
  const call = calls.get(id);
  const refused = part === "live" && (searchParams.get("token") !== key || !call);
  if (refused) return socket.end("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
  sockets.handleUpgrade(request, socket, head, (webSocket) => {
    if (part === "live") listen(webSocket, id, call);
    else ingest(webSocket);
  });
});
server.listen(Number(port), "127.0.0.1");
