import assert from "node:assert/strict";
import { decodeMulaw } from "../../mixer/g711.ts";
import { ManualClock } from "../../mixer/clock.ts";
import { PcmClient } from "../support/pcm_client.ts";
import { KEY, OTHER_KEY, TestServer } from "../support/test_server.ts";
import { startTwilioCall } from "../support/twilio_client.ts";
import { planTwilioCall, type TwilioPlanOptions } from "../support/twilio_plan.ts";
import { seededRandom } from "../support/random.ts";
import { channelOf, readWav } from "./sounds.ts";
import { until } from "../support/until.ts";

const LIVE = { callSid: "CA1", token: KEY, live: true, recording: true };

/** Mu-law noise that begins and ends with zeros. */
function mulaw(bytes: number, seed: number): Uint8Array {
  const random = seededRandom(seed);
  const sound = Uint8Array.from({ length: bytes }, () => Math.floor(random() * 256));
  return sound.fill(0xff, 0, 2).fill(0xff, bytes - 2);
}

function decoded(bytes: Uint8Array): Int16Array {
  const samples = new Int16Array(bytes.length);
  decodeMulaw(bytes, samples);
  return samples;
}

/** Sends a call's messages as they fall due on the simulated clock, over a real socket. */
async function stream(server: TestServer, options: TwilioPlanOptions) {
  const client = await PcmClient.open({ url: server.ws("/ingest/twilio") });
  let nowMs = 0;
  let media = 0;
  for (const { atMs, text } of planTwilioCall(options)) {
    if (atMs > nowMs) {
      await server.until("CA1", () => true);
      await server.advance(atMs - nowMs);
      nowMs = atMs;
    }
    client.raw(text);
    if (!text.includes('"media"') || !text.includes('"payload"')) continue;
    media += 160;
    await server.until(
      "CA1",
      ({ health }) => health!.user.received + health!.bot.received >= media,
    );
  }
  return client;
}

Deno.test("a Twilio call is heard and kept, in real time", async () => {
  await using server = await TestServer.start();
  const user = mulaw(8000, 1);
  const bot = mulaw(8000, 2);
  const call = await startTwilioCall({
    ...LIVE,
    url: server.ws("/ingest/twilio"),
    user,
    bot,
    parameters: { agent: "support", maxDurationSeconds: "60" },
    dtmf: [{ atMs: 300, digit: "5" }],
  });
  await server.until("CA1", ({ state }) => state === "live");
  const listener = await server.listen("CA1");
  await call.sent;
  assert.equal((await call.closed).code, 1000);
  assert.equal((await listener.closed).code, 1000);
  assert.deepEqual(listener.violations, []);
  assert.ok(listener.frames.length >= 8, `${listener.frames.length} frames`);
  assert.deepEqual(call.received, []);
  const { body } = await server.api("/calls/CA1");
  assert.deepEqual([body.state, body.reason, body.sampleRate], ["ended", "hangup", 8000]);
  assert.deepEqual(body.metadata, { agent: "support", streamSid: call.streamSid });
  assert.deepEqual(body.media, { live: true, recording: true, maxDurationSeconds: 60 });
});

Deno.test("a Twilio call of repeated, reordered and missing messages is exact in its recording", async () => {
  await using server = await TestServer.start({ clock: new ManualClock() });
  const user = mulaw(8000, 3);
  const bot = mulaw(8000, 4);
  const gap = { track: "bot", fromMs: 400, toMs: 700 } as const;
  const client = await stream(server, {
    ...LIVE,
    user,
    bot,
    gaps: [gap],
    repeat: 0.1,
    reorder: 0.1,
    seed: 5,
  });
  await server.advance(200);
  client.raw(JSON.stringify({ event: "stop", sequenceNumber: "1", stop: {}, streamSid: "MZ1" }));
  await client.closed;
  const { samples } = await recording(server);
  assert.deepEqual(channelOf(samples, 0).subarray(0, 8000), decoded(user));
  const heard = channelOf(samples, 1).subarray(0, 8000);
  const expected = decoded(bot);
  assert.deepEqual(heard.subarray(0, 3200), expected.subarray(0, 3200));
  // The edges of the gap are faded, 5 ms each.
  assert.deepEqual(heard.subarray(3240, 5600), new Int16Array(2360));
  assert.deepEqual(heard.subarray(5640), expected.subarray(5640));
});

Deno.test("a Twilio call is heard when one side sends nothing at all", async () => {
  await using server = await TestServer.start({ clock: new ManualClock() });
  const client = await stream(server, { ...LIVE, user: mulaw(4000, 6) });
  const { health } = await server.until("CA1", () => true);
  assert.deepEqual([health!.user.received, health!.bot.received], [4000, 0]);
  await client.drop();
  await server.api("/calls/CA1/end", { method: "POST" });
  const { samples } = await recording(server);
  assert.deepEqual(channelOf(samples, 0).subarray(0, 4000), decoded(mulaw(4000, 6)));
  assert.deepEqual(channelOf(samples, 1), new Int16Array(samples.length / 2));
});

Deno.test("a Twilio stream goes on over a second socket within the grace time", async () => {
  await using server = await TestServer.start({ clock: new ManualClock() });
  const first = await stream(server, { ...LIVE, user: mulaw(1600, 7) });
  await first.drop();
  await server.until("CA1", ({ health }) => health!.ingestLost);
  await server.advance(5000);
  const second = await PcmClient.open({ url: server.ws("/ingest/twilio") });
  const messages = planTwilioCall({ ...LIVE, user: mulaw(1600, 8) });
  for (const { text } of messages.slice(0, 2)) second.raw(text);
  await server.until("CA1", ({ health }) => !health!.ingestLost);
  // Its times begin anew.
  let received = 1600;
  for (const { text } of messages.slice(2)) {
    await server.advance(20);
    second.raw(text);
    await server.received("CA1", "user", received += 160);
  }
  second.raw('{"event":"stop"}');
  assert.equal((await second.closed).code, 1000);
  const { samples } = await recording(server);
  const at = 8 * (200 + 5000);
  assert.deepEqual(channelOf(samples, 0).subarray(at, at + 1600), decoded(mulaw(1600, 8)));
});

Deno.test("broken Twilio messages are skipped and counted, a hundred in a row close the socket", async () => {
  await using server = await TestServer.start({ clock: new ManualClock() });
  const [connected, start, ...media] = planTwilioCall({ ...LIVE, user: mulaw(1600, 9) });
  const client = await PcmClient.open({ url: server.ws("/ingest/twilio") });
  client.raw(connected.text);
  client.raw(start.text);
  const broken = [
    media[1].text.replace(/"payload":"...../, '"payload":"*****'),
    media[1].text.replace('"timestamp":"20"', '"timestamp":"-20"'),
    media[1].text.replace('"inbound"', '"sideways"'),
    media[1].text.slice(0, -1),
    start.text,
    '{"event":7}',
    '{"event":"dtmf","dtmf":{"digit":"x"}}',
    "not JSON",
  ];
  for (const text of broken) client.raw(text);
  client.raw(new Uint8Array(160));
  client.raw('{"event":"mark","mark":{"name":"x"}}');
  client.raw('{"event":"whatever Twilio adds one day"}');
  client.raw(media[0].text);
  const { health } = await server.received("CA1", "user", 160);
  assert.equal(health!.problems.count, broken.length + 1);
  assert.match(health!.problems.last!, /Twilio sends text/);
  assert.equal(health!.ingestLost, false);
  for (let i = 0; i < 99; i++) client.raw("{}");
  client.raw(media[1].text);
  await server.received("CA1", "user", 320);
  for (let i = 0; i < 100; i++) client.raw("{}");
  assert.equal((await client.closed).code, 1008);
  const lost = await server.until("CA1", ({ health }) => health!.ingestLost);
  assert.equal(lost.health!.problems.count, broken.length + 1 + 99 + 100);
  // To Twilio nothing is ever said, and the log is not flooded.
  assert.deepEqual(client.messages, []);
  assert.ok(server.log.filter((line) => line.includes("refused")).length <= 3);
  await server.api("/calls/CA1/end", { method: "POST" });
});

Deno.test("a Twilio start is accepted with a good key alone, which is never kept", async () => {
  await using server = await TestServer.start();
  for (const token of [undefined, "wrong-key-0123456789", ""]) {
    const call = await startTwilioCall({
      callSid: "CA1",
      url: server.ws("/ingest/twilio"),
      // What is on its way to a Deno server that closes may cost the sender the close code.
      stopAtEnd: false,
      ...(token !== undefined && { token }),
    });
    const { code, reason } = await call.closed;
    assert.deepEqual([code, reason], [1008, "unauthorized"]);
  }
  // Strangers are counted; one line of the kind tells the operator.
  const metrics = await fetch(`${server.origin}/metrics`, { headers: { "x-api-key": OTHER_KEY } });
  assert.match(await metrics.text(), /^earshot_ingest_refused_total\{code="unauthorized"\} 3$/m);
  const told = server.log.filter((line) => line.includes(" warn "));
  assert.equal(told.length, 1, server.log.join("\n"));
  assert.match(told[0], /ingest message refused provider=twilio code=unauthorized/);
  const call = await startTwilioCall({
    callSid: "CA1",
    url: server.ws("/ingest/twilio"),
    token: OTHER_KEY,
    stopAtEnd: false,
  });
  const ask = () => server.api("/calls/CA1", { key: OTHER_KEY });
  await until(ask, ({ status }) => status !== 404, "the call begins");
  assert.equal((await server.api("/calls/CA1")).status, 401);
  const { body } = await ask();
  assert.ok(!JSON.stringify(body).includes(OTHER_KEY));
  assert.equal(body.media!.live, false);
  await call.stop();
  assert.ok(!server.log.join("\n").includes("-key-0123456789"));
});

async function recording(server: TestServer) {
  const response = await fetch(`${server.origin}/calls/CA1/recording?channels=2`, {
    headers: { "x-api-key": KEY },
  });
  return readWav(new Uint8Array(await response.arrayBuffer()));
}
