import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { ManualClock } from "../../mixer/clock.ts";
import { PcmClient } from "../support/pcm_client.ts";
import { KEY, TestServer } from "../support/test_server.ts";
import { startTwilioCall } from "../support/twilio_client.ts";
import { RawUpgrade } from "./raw_upgrade.ts";

const CONNECTED = '{"event":"connected","protocol":"Call","version":"1.0.0"}';

Deno.test("a Twilio socket without a start is closed after 5 s", async () => {
  await using server = await TestServer.start({ clock: new ManualClock() });
  const client = await PcmClient.open({ url: server.ws("/ingest/twilio") });
  client.raw(CONNECTED);
  await server.advance(4950);
  client.raw(CONNECTED);
  await server.advance(50);
  const { code, reason } = await client.closed;
  assert.deepEqual([code, reason], [1008, "not_started"]);
  assert.deepEqual(client.messages, []);
});

Deno.test("a Twilio socket without a start may send 16 messages of 64 KiB", async () => {
  await using server = await TestServer.start();
  const many = await PcmClient.open({ url: server.ws("/ingest/twilio") });
  for (let i = 0; i < 17; i++) many.raw(CONNECTED);
  assert.equal((await many.closed).code, 1008);
  const large = await PcmClient.open({ url: server.ws("/ingest/twilio") });
  const half = JSON.stringify({ event: "connected", pad: "x".repeat(32 * 1024) });
  large.raw(half);
  large.raw(half);
  assert.equal((await large.closed).code, 1008);
  // One more than fits would be refused; so many do.
  const good = await PcmClient.open({ url: server.ws("/ingest/twilio") });
  for (let i = 0; i < 15; i++) good.raw(CONNECTED);
  const start = {
    callSid: "CA1",
    streamSid: "MZ1",
    customParameters: { token: KEY },
    mediaFormat: { encoding: "audio/x-mulaw", sampleRate: 8000, channels: 1 },
  };
  good.raw(JSON.stringify({ event: "start", start }));
  await server.until("CA1", ({ state }) => state === "live");
  good.raw('{"event":"stop"}');
  await good.closed;
});

Deno.test("sockets that never show a credential are bounded, and good calls go on meanwhile", async () => {
  const limit = 400;
  await using server = await TestServer.start({
    clock: new ManualClock(),
    env: { EARSHOT_MAX_UNAUTHENTICATED_SOCKETS: String(limit) },
  });
  const agent = await server.agent({ callId: "CA1", media: { live: true } });
  const sockets: RawUpgrade[] = [];
  const statuses: number[] = [];
  // In waves, because the backlog of a listening socket is short.
  for (let wave = 0; wave < 10; wave++) {
    const opened = await Promise.all(
      Array.from({ length: 100 }, () => RawUpgrade.connect(server.origin)),
    );
    statuses.push(
      ...await Promise.all(opened.map((socket) => socket.request("/ingest/twilio"))),
    );
    sockets.push(...opened);
  }
  assert.equal(statuses.filter((status) => status === 101).length, limit);
  assert.equal(statuses.filter((status) => status === 429).length, sockets.length - limit);
  // The agent's own calls do not stand in that queue.
  agent.bot(new Uint8Array(1600));
  await server.received("CA1", "bot", 800);
  const listener = await server.listen("CA1");
  const another = await server.agent({ callId: "CA2" });
  // After 5 s all of them are gone, and Twilio's calls come in again.
  await server.advance(5000);
  const call = await startTwilioCall({
    callSid: "CA3",
    token: KEY,
    url: server.ws("/ingest/twilio"),
    stopAtEnd: false,
  });
  await server.until("CA3", ({ state }) => state === "live");
  await call.stop();
  for (const one of [agent, another]) {
    one.end();
    await one.closed;
  }
  await listener.closed;
  for (const socket of sockets) socket[Symbol.dispose]();
});

Deno.test("Twilio's upgrade is refused without its signature, over the public URL", async () => {
  const secret = "0123456789abcdef0123456789abcdef";
  await using server = await TestServer.start({
    env: {
      EARSHOT_TWILIO_AUTH_TOKEN: secret,
      EARSHOT_PUBLIC_URL: "https://calls.example.org",
    },
  });
  const sign = (url: string) => createHmac("sha1", secret).update(url).digest("base64");
  const good = sign("wss://calls.example.org/ingest/twilio");
  for (
    const signature of [
      undefined,
      "",
      "AAAA",
      sign(server.ws("/ingest/twilio")),
      sign("wss://calls.example.org/ingest/pcm"),
      `${good}x`,
    ]
  ) {
    using socket = await RawUpgrade.connect(server.origin);
    const headers: Record<string, string> = signature === undefined
      ? {}
      : { "x-twilio-signature": signature };
    assert.equal(await socket.request("/ingest/twilio", headers), 403);
  }
  const refused = await server.api("/ingest/twilio");
  assert.deepEqual([refused.status, refused.body.error.code], [403, "bad_signature"]);
  const call = await startTwilioCall({
    callSid: "CA1",
    token: KEY,
    url: server.ws("/ingest/twilio"),
    headers: { "x-twilio-signature": good },
  });
  assert.equal((await call.closed).code, 1000);
  // A signature takes the place of no credential, and agents need none.
  const agent = await server.agent({ callId: "CA2" });
  agent.end();
  await agent.closed;
});
