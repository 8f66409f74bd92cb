import assert from "node:assert/strict";
import type { IngestEvent, Provider, TrackName } from "../../ingest/provider.ts";
import { ManualClock } from "../../mixer/clock.ts";
import { bytesOf, noise } from "../routes/sounds.ts";
import { openSocket } from "../support/socket.ts";
import { KEY, TestServer } from "../support/test_server.ts";

/** A provider that opens a socket for each side of a call; the bot's has twice the rate. */
const legs: Provider = {
  name: "legs",
  credentialIn: "start",
  onBroken: "close",
  botAudio: "live",
  open: () => {
    let side: TrackName = "user";
    return {
      canWait: (message) => typeof message !== "string",
      parse(message): Iterable<IngestEvent> {
        if (typeof message !== "string") return [{ type: "audio", track: side, payload: message }];
        const said = JSON.parse(message);
        if (said.type === "hangup") return [{ type: "stop", reason: "hangup" }];
        side = said.side;
        const format = { encoding: said.encoding ?? "pcm_s16le", sampleRate: 8000 };
        return [{
          type: "start",
          callId: said.id,
          credential: said.key,
          tracks: { [side]: format },
          media: { live: true, recording: true },
          metadata: {},
          resume: said.resume ?? false,
          side,
        }];
      },
    };
  },
};

/** One leg's socket, open and with its start sent. */
async function leg(server: TestServer, start: { side: TrackName; [field: string]: unknown }) {
  const { socket, opened, closed } = openSocket(server.ws("/ingest/legs"), {}, () => {});
  await opened;
  socket.send(JSON.stringify({ id: "CA1", key: KEY, ...start }));
  return { socket, closed };
}

/** The warnings that last, as code and side. */
async function warnings(server: TestServer): Promise<string[]> {
  const { body } = await server.api("/calls/CA1");
  return body.health!.warnings.map(({ code, track }) => `${code} ${track}`);
}

Deno.test("a call is fed by two sockets, each one side in its own format, heard and kept to the bit", async () => {
  await using server = await TestServer.start({ providers: [legs], clock: new ManualClock() });
  const user = await leg(server, { side: "user" });
  await server.until("CA1", ({ state }) => state === "live");
  const listener = await server.listen("CA1", "?silence=pcm&channels=2");
  const bot = await leg(server, { side: "bot", encoding: "mulaw" });
  const [said, answered] = [noise(800, 301), new Uint8Array(800).fill(0x1f)];
  for (let at = 0; at < 800; at += 160) {
    user.socket.send(bytesOf(said.slice(at, at + 160)));
    bot.socket.send(answered.slice(at, at + 160));
    await server.received("CA1", "user", at + 160);
    await server.received("CA1", "bot", at + 160);
    await server.advance(20);
  }
  assert.deepEqual(await warnings(server), []);
  await server.advance(300);
  user.socket.send('{"type":"hangup"}');
  assert.equal((await listener.closed).code, 1000);
  assert.deepEqual((await Promise.all([user.closed, bot.closed])).map(({ code }) => code), [
    1000,
    1000,
  ]);
  const heard = listener.samples();
  const left = heard.filter((_, index) => index % 2 === 0);
  const right = heard.filter((_, index) => index % 2 === 1);
  const from = left.indexOf(said[2]) - 2;
  assert.deepEqual(left.slice(from, from + 800), said);
  // 0x1f by ITU-T G.711: segment 6, step 0, negative: -((33 << 6) - 33) << 2.
  const begin = right.findIndex((sample) => sample !== 0);
  const steady = right.slice(begin + 80, begin + 720);
  assert.deepEqual([...new Set(steady)], [-8316]);
  const { body } = await server.api("/calls/CA1");
  assert.deepEqual([body.state, body.reason], ["ended", "hangup"]);
});

Deno.test("a call that lost one of its two sockets goes on with the other, and with the next one", async () => {
  await using server = await TestServer.start({
    providers: [legs],
    clock: new ManualClock(),
    env: { EARSHOT_GRACE_SECONDS: "3" },
  });
  const user = await leg(server, { side: "user" });
  await server.until("CA1", ({ state }) => state === "live");
  const bot = await leg(server, { side: "bot" });
  bot.socket.send(new Uint8Array(320));
  await server.received("CA1", "bot", 160);

  const second = await leg(server, { side: "bot" });
  assert.deepEqual([(await second.closed).code, (await second.closed).reason], [
    1008,
    "call_exists",
  ]);

  bot.socket.close();
  await server.until("CA1", ({ health }) => health!.warnings.length === 1);
  assert.deepEqual(await warnings(server), ["ingest_lost bot"]);
  await server.advance(5000);
  const { body } = await server.api("/calls/CA1");
  assert.deepEqual([body.state, body.health!.ingestLost], ["live", false]);

  const other = await leg(server, { side: "bot", encoding: "mulaw" });
  assert.equal((await other.closed).reason, "bad_start", "the side was heard in another format");
  const third = await leg(server, { side: "bot" });
  await server.until("CA1", ({ health }) => health!.warnings.length === 0);
  third.socket.send(new Uint8Array(320));
  await server.received("CA1", "bot", 320);

  third.socket.close();
  user.socket.close();
  await server.until("CA1", ({ health }) => health!.ingestLost);
  await server.advance(3050);
  const { reason } = await server.until("CA1", ({ state }) => state === "ended");
  assert.equal(reason, "ingest_lost");
});

Deno.test("a socket for one side takes the place of the one before, once that is quiet", async () => {
  const clock = new ManualClock();
  await using server = await TestServer.start({ providers: [legs], clock });
  const first = await leg(server, { side: "user" });
  await server.until("CA1", ({ state }) => state === "live");
  await server.advance(1000);
  const next = await leg(server, { side: "user", resume: true });
  assert.equal((await first.closed).reason, "another socket took the call over");
  next.socket.send(new Uint8Array(320));
  await server.received("CA1", "user", 160);
  next.socket.send('{"type":"hangup"}');
  assert.equal((await next.closed).code, 1000);
});
