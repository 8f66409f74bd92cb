import assert from "node:assert/strict";
import { Webhook } from "standardwebhooks";
import {
  type CallRefused,
  Earshot,
  type Heard,
  type RequestRefused,
  verifyWebhook,
} from "../../client/mod.ts";
import { startIngestPeer } from "../support/ingest_peer.ts";
import { KEY, TestServer } from "../support/test_server.ts";

Deno.test("Earshot publishes a call that it hears, with events, token and recording", async () => {
  await using server = await TestServer.start();
  const earshot = new Earshot({ url: server.origin, apiKey: KEY });
  const told = Promise.withResolvers<{ id: string; playerUrl: string }>();
  const helloed = Promise.withResolvers<void>();
  earshot.on("hello", () => helloed.resolve());
  earshot.on("call.started", told.resolve);
  await helloed.promise;

  const call = earshot.call({ media: { live: true, recording: true }, metadata: { agent: "a" } });
  const { playerUrl } = await call.started;
  assert.equal((await told.promise).playerUrl, playerUrl);
  assert.equal((await told.promise).id, call.id);
  const values: Heard[] = [];
  const reading = (async () => {
    for await (const value of earshot.listen(call.id, { channels: 2, from: 0 })) {
      values.push(value);
      if (value.type === "event" && value.name === "transcript") await call.end();
    }
  })();
  const writer = call.bot.writable.getWriter();
  await writer.write(new Int16Array(2000).fill(500));
  await server.received(call.id, "bot", 2000);
  await server.until(
    call.id,
    ({ durationSeconds, listeners }) => listeners === 1 && durationSeconds > 0.5,
  );
  call.transcript("bot", "Hello");
  await reading;
  assert.deepEqual(values.at(-1), { type: "end", code: 1000, reason: "call ended" });
  const bot = values.flatMap((value) =>
    value.type === "audio" ? [...value.samples].filter((_, i) => i % 2 === 1) : []
  );
  assert.ok(bot.filter((sample) => sample === 500).length > 1900, "the bot is on the right");
  assert.deepEqual((await call.closed).code, "ended");

  const { calls } = await earshot.calls({ limit: 1 });
  assert.equal(calls[0].id, call.id);
  assert.match((await earshot.token(call.id)).playerUrl, /token=/);
  const wav = await (await earshot.recording(call.id, { channels: 2 })).arrayBuffer();
  assert.ok(wav.byteLength > 44 + 8000);
  earshot.close();
});

Deno.test("Earshot.describe() and PublishedCall.started tell the server's code", async () => {
  await using server = await TestServer.start();
  const earshot = new Earshot({ url: server.origin, apiKey: KEY });
  await assert.rejects(
    earshot.describe("none"),
    (error: RequestRefused) => error.status === 404 && error.code === "call_not_found",
  );
  const first = earshot.call({ id: "A1" });
  await first.started;
  first.user.write(new Int16Array(160));
  const second = earshot.call({ id: "A1" });
  await assert.rejects(second.started, (error: CallRefused) => error.code === "call_exists");
  await first.end();
});

Deno.test("PublishedCall resumes a lost call, and sends what was written meanwhile", async () => {
  await using peer = startIngestPeer();
  const earshot = new Earshot({ url: peer.origin.replace("ws", "http"), apiKey: KEY });
  const call = earshot.call({ id: "R1" });
  await call.started;
  const first = await peer.session(0);
  assert.equal(first.headers.get("authorization"), `Bearer ${KEY}`);
  first.socket.close(1001);
  await first.closed;
  call.bot.write(new Int16Array(80).fill(1));
  call.clear();
  call.bot.write(new Int16Array(80).fill(2));
  const ended = await call.end();
  assert.equal(ended.code, "ended");
  const messages = (await peer.session(1)).messages.map(({ data }) => data);
  const texts = messages.flatMap((data) => typeof data === "string" ? [JSON.parse(data)] : []);
  assert.equal(texts[0].resume, true);
  assert.equal(texts.at(-1).type, "end");
  const audio = messages.flatMap((data) => typeof data === "string" ? [] : [data[1]]);
  assert.equal(audio.at(-1), 2);
});

Deno.test("verifyWebhook() takes what Standard Webhooks signs, and nothing else", async () => {
  const secret = `whsec_${btoa("0123456789abcdef01234567")}`;
  const body = '{"type":"call.started","timestamp":"","data":{}}';
  const at = new Date();
  const signature = new Webhook(secret).sign("m1", at, body);
  const headers = new Headers({
    "webhook-id": "m1",
    "webhook-timestamp": String(Math.floor(at.getTime() / 1000)),
    "webhook-signature": signature,
  });
  assert.equal((await verifyWebhook(body, headers, secret)).type, "call.started");
  await assert.rejects(verifyWebhook(body + " ", headers, secret), /no signature/);
  await assert.rejects(verifyWebhook(body, headers, secret, at.getTime() + 301_000), /timestamp/);
});
