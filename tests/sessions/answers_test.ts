import assert from "node:assert/strict";
import {
  type AudioEvent,
  IngestError,
  type IngestEvent,
  type IngestReply,
  type Provider,
  type ProviderParser,
  type StartedCall,
} from "../../ingest/provider.ts";
import { openSocket } from "../support/socket.ts";
import { KEY, OTHER_KEY, TestServer } from "../support/test_server.ts";

/**
 * A provider with a session protocol: every message of either side is numbered, `open` waits for
 * `opened`, a ping for its pong, 100 ms of audio for a receipt in binary, and the end for `closed`.
 */
const numbered: Provider = {
  name: "numbered",
  credentialIn: "start",
  onBroken: "skip",
  botAudio: "live",
  open: (reply) => new NumberedParser(reply),
};

const MULAW = { encoding: "mulaw", sampleRate: 8000 } as const;

class NumberedParser implements ProviderParser {
  readonly #reply: IngestReply;
  #seq = 0;
  #clientSeq = 0;
  #received = 0;

  constructor(reply: IngestReply) {
    this.#reply = reply;
  }

  parse(message: string | Uint8Array): Iterable<IngestEvent> {
    if (typeof message !== "string") return this.#audio(message);
    const { type, seq, id, key } = JSON.parse(message);
    if (seq !== this.#clientSeq + 1) {
      throw new IngestError("bad_message", `Cannot take number ${seq}`);
    }
    this.#clientSeq = seq;
    switch (type) {
      case "open":
        return [{
          type: "start",
          callId: id,
          credential: key,
          tracks: { user: MULAW, bot: MULAW },
          media: {},
          metadata: {},
          resume: false,
        }];
      case "ping":
        this.#say("pong");
        return [];
      case "close":
        return [{ type: "stop", reason: "closed" }];
      case "leave":
        this.#say("left");
        this.#reply.close(1000, "left");
        // What comes too late is lost.
        this.#say("too late");
        return [];
      default:
        throw new IngestError("bad_message", `Cannot read message: received type ${type}`);
    }
  }

  started({ callId, listenUrl }: StartedCall): void {
    this.#say("opened", { callId, listenUrl });
  }

  refused({ code }: IngestError): void {
    this.#say("error", { code });
  }

  ended(reason: string): void {
    this.#say("closed", { reason });
  }

  *#audio(payload: Uint8Array): Iterable<AudioEvent> {
    yield { type: "audio", track: "user", payload };
    this.#received += payload.length;
    if (this.#received % 800 === 0) this.#reply.send(Uint8Array.of(1, this.#received / 800));
  }

  #say(type: string, fields: Record<string, string> = {}): void {
    const said = { type, seq: ++this.#seq, clientSeq: this.#clientSeq, ...fields };
    this.#reply.send(JSON.stringify(said));
  }
}

/** A client of it that keeps what it is told. */
async function connect(server: TestServer) {
  const told: (Record<string, unknown> | number[])[] = [];
  const { socket, opened, closed } = openSocket(server.ws("/ingest/numbered"), {}, (data) => {
    told.push(typeof data === "string" ? JSON.parse(data) : [...new Uint8Array(data)]);
  });
  await opened;
  let seq = 0;
  return {
    told,
    closed,
    socket,
    say: (type: string, more = {}) => socket.send(JSON.stringify({ type, seq: ++seq, ...more })),
  };
}

Deno.test("a provider answers in text and in bytes, from its handshake to its goodbye", async () => {
  await using server = await TestServer.start({ providers: [numbered] });
  const client = await connect(server);
  client.say("open", { id: "CA1", key: KEY });
  client.say("ping");
  for (let count = 0; count < 10; count++) client.socket.send(new Uint8Array(160).fill(0x2a));
  client.socket.send(JSON.stringify({ type: "ping", seq: 99 }));
  client.say("close");
  assert.equal((await client.closed).code, 1000);
  const listenUrl = server.ws("/live/CA1/ws");
  assert.deepEqual(client.told, [
    { type: "opened", seq: 1, clientSeq: 1, callId: "CA1", listenUrl },
    { type: "pong", seq: 2, clientSeq: 2 },
    [1, 1],
    [1, 2],
    { type: "error", seq: 3, clientSeq: 2, code: "bad_message" },
    { type: "closed", seq: 4, clientSeq: 3, reason: "call ended" },
  ]);
  const { reason, durationSeconds } = await server.until("CA1", ({ state }) => state === "ended");
  assert.equal(reason, "closed");
  assert.ok(durationSeconds > 0);
});

Deno.test("a provider says why it refuses a start, and that a supervisor ended the call", async () => {
  await using server = await TestServer.start({ providers: [numbered] });
  const stranger = await connect(server);
  stranger.say("open", { id: "CA1", key: "no-key-of-anybody" });
  assert.equal((await stranger.closed).code, 1008);
  assert.deepEqual(stranger.told, [{ type: "error", seq: 1, clientSeq: 1, code: "unauthorized" }]);

  const client = await connect(server);
  client.say("open", { id: "CA1", key: OTHER_KEY });
  await server.api("/calls/CA1/end", { method: "POST", key: OTHER_KEY });
  await client.closed;
  assert.deepEqual(client.told.map((message) => (message as { type: string }).type), [
    "opened",
    "closed",
  ]);
});

Deno.test("a provider closes its socket, and the call waits for another", async () => {
  const eager: Provider = {
    ...numbered,
    open(reply) {
      // Before there is a socket: it is lost.
      reply.send("hello");
      reply.close(1000, "hello");
      return new NumberedParser(reply);
    },
  };
  await using server = await TestServer.start({ providers: [eager] });
  const client = await connect(server);
  client.say("open", { id: "CA1", key: KEY });
  client.say("leave");
  assert.deepEqual([(await client.closed).code, (await client.closed).reason], [1000, "left"]);
  assert.deepEqual(client.told.map((message) => (message as { type: string }).type), [
    "opened",
    "left",
  ]);
  await server.until("CA1", ({ health }) => health!.ingestLost);
});

Deno.test("a provider whose answer throws loses its socket, and no other call", async () => {
  const broken: Provider = {
    ...numbered,
    open: (reply) =>
      Object.assign(new NumberedParser(reply), {
        started() {
          throw new TypeError("no answer");
        },
      }),
  };
  await using server = await TestServer.start({ providers: [broken] });
  const client = await connect(server);
  client.say("open", { id: "CA1", key: KEY });
  assert.equal((await client.closed).code, 1011);
  assert.equal((await server.api("/calls")).status, 200);
});
