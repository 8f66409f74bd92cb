import assert from "node:assert/strict";
import { ManualClock } from "../../mixer/clock.ts";
import { PcmClient } from "../support/pcm_client.ts";
import { run, testWith } from "../support/programs.ts";
import { KEY, OTHER_KEY, TestServer } from "../support/test_server.ts";
import { bytesOf, noise } from "./sounds.ts";

const LIVE = { live: true };

Deno.test("ingest answers started with URLs that carry no credential", async () => {
  await using server = await TestServer.start();
  const url = `${server.ws("/ingest/pcm")}?token=${KEY}`;
  const agent = await PcmClient.open({ url });
  assert.deepEqual(await agent.start({ callId: "CA1" }), {
    type: "started",
    callId: "CA1",
    listenUrl: server.ws("/live/CA1/ws"),
    playerUrl: `${server.origin}/live/CA1/player`,
  });
  agent.end("hangup");
  assert.equal((await agent.closed).code, 1000);
  assert.equal((await server.api("/calls/CA1")).body.reason, "hangup");
});

Deno.test("ingest gives URLs of the public address", async () => {
  const env = { EARSHOT_PUBLIC_URL: "https://calls.example.org" };
  await using server = await TestServer.start({ env });
  const agent = await PcmClient.open({ url: server.ws("/ingest/pcm"), key: KEY });
  const { listenUrl, playerUrl } = await agent.start({ callId: "CA1" });
  assert.equal(listenUrl, "wss://calls.example.org/live/CA1/ws");
  assert.equal(playerUrl, "https://calls.example.org/live/CA1/player");
  agent.end();
  await agent.closed;
});

Deno.test("ingest makes an id when none is given", async () => {
  await using server = await TestServer.start();
  const agents = await Promise.all([server.agent(), server.agent()]);
  const ids = agents.map(({ messages }) => String(messages[0].callId));
  assert.match(ids[0], /^[\w.-]{1,128}$/);
  assert.notEqual(ids[0], ids[1]);
  for (const agent of agents) agent.end();
  await Promise.all(agents.map(({ closed }) => closed));
});

Deno.test("ingest without a good key is refused before the upgrade", async () => {
  await using server = await TestServer.start();
  const url = server.ws("/ingest/pcm");
  await assert.rejects(() => PcmClient.open({ url }));
  await assert.rejects(() => PcmClient.open({ url, key: "wrong-key-0123456789" }));
  for (const key of [null, "wrong-key-0123456789"]) {
    const { status, body } = await server.api("/ingest/pcm", { key });
    assert.deepEqual([status, body.error.code], [401, "unauthorized"]);
  }
  assert.equal((await server.api("/ingest/pcm")).status, 426);
  const unknown = await server.api("/ingest/vonage");
  assert.deepEqual([unknown.status, unknown.body.error.code], [404, "provider_not_found"]);
  assert.match(unknown.body.error.message, /pcm, twilio/);
});

Deno.test("ingest with timestamps puts reordered audio where it belongs, bit-exact", async () => {
  await using server = await TestServer.start({ clock: new ManualClock() });
  const agent = await server.agent({ callId: "CA1", timestamps: true, media: LIVE });
  const user = await server.listen("CA1", "?track=user");
  const said = noise(8000, 71);
  // Pairs of chunks are swapped on the way.
  for (let at = 0; at < said.length; at += 800) {
    await server.advance(100);
    for (const from of [at + 400, at]) agent.user(bytesOf(said.slice(from, from + 400)), from / 8);
    await server.received("CA1", "user", at + 800);
  }
  agent.end();
  await user.closed;
  assert.deepEqual(user.samples(), said);
});

const FORMATS: Record<string, string[]> = {
  pcm_s16le: ["-e", "signed", "-b", "16"],
  mulaw: ["-e", "u-law", "-b", "8"],
  alaw: ["-e", "a-law", "-b", "8"],
};

testWith(["sox"], "ingest takes every encoding as sox decodes it", async () => {
  await using server = await TestServer.start({ clock: new ManualClock() });
  for (const [encoding, format] of Object.entries(FORMATS)) {
    const tracks = { bot: { encoding, sampleRate: 8000 } };
    const agent = await server.agent({ callId: encoding, tracks, media: LIVE });
    const listener = await server.listen(encoding);
    const raw = ["-t", "raw", "-r", "8000", "-c", "1"];
    const pcm = [...raw, ...FORMATS.pcm_s16le, "-"];
    const coded = await run(
      "sox",
      ["-D", ...pcm, ...raw, ...format, "-"],
      bytesOf(noise(4000, 81)),
    );
    const decoded = await run("sox", ["-D", ...raw, ...format, "-", ...pcm], coded);
    agent.bot(coded);
    await server.received(encoding, "bot", 4000);
    await server.advance(500);
    agent.end();
    await listener.closed;
    assert.deepEqual(listener.samples(), new Int16Array(decoded.buffer), encoding);
  }
});

for (const sampleRate of [24_000, 44_100, 11_025, 12_345]) {
  Deno.test(`ingest takes ${sampleRate} Hz for a call of 8000 Hz`, async () => {
    await using server = await TestServer.start({ clock: new ManualClock() });
    const tracks = { bot: { encoding: "pcm_s16le", sampleRate } };
    const agent = await server.agent({ callId: "CA1", tracks, media: LIVE });
    const listener = await server.listen("CA1", "?silence=pcm");
    const tone = (rate: number, seconds: number) =>
      Int16Array.from(
        { length: Math.round(rate * seconds) },
        (_, index) => Math.round(8000 * Math.sin((2 * Math.PI * 440 * index) / rate)),
      );
    agent.bot(bytesOf(tone(sampleRate, 1)));
    await server.until("CA1", ({ health }) => health!.bot.received >= 7900);
    await server.advance(1000);
    agent.end();
    await listener.closed;
    // The same tone made at 8000 Hz; the first and last 5 ms are left to the resampler's edges.
    const expected = tone(8000, 1);
    const heard = listener.samples();
    assert.equal(heard.length, 8000);
    for (let index = 40; index < 7960; index++) {
      const off = Math.abs(heard[index] - expected[index]);
      assert.ok(off <= 80, `sample ${index} is ${off} off`);
    }
  });
}

Deno.test("ingest controls: clear, pause, resume and events", async () => {
  await using server = await TestServer.start({ clock: new ManualClock() });
  const agent = await server.agent({ callId: "CA1", media: { live: true, recording: true } });
  const listener = await server.listen("CA1", "?silence=pcm");
  const speech = noise(16_000, 101);
  agent.bot(bytesOf(speech));
  await server.received("CA1", "bot", 16_000);
  await server.advance(1000);
  agent.event("transcript", { text: "Hello", final: true });
  agent.clear();
  await server.until("CA1", ({ health }) => health!.bot.cleared > 0);
  agent.pause();
  await server.until("CA1", ({ health }) => health!.paused);
  agent.resume();
  const { health } = await server.until("CA1", ({ health }) => !health!.paused);
  // 1 s was spoken, 10 ms fade out, the rest is never heard.
  assert.equal(health!.bot.cleared, 16_000 - 8000 - 80);
  await server.advance(500);
  agent.end();
  await listener.closed;
  const heard = listener.samples();
  assert.deepEqual(heard.subarray(0, 8000), speech.subarray(0, 8000));
  assert.deepEqual(heard.subarray(8080), new Int16Array(12_000 - 8080));
});

Deno.test("ingest refuses an id that is in use, live or recorded, by anybody", async () => {
  await using server = await TestServer.start();
  const agent = await server.agent({ callId: "CA1", media: { recording: true } });
  const start = (key: string) => server.agent({ callId: "CA1" }, key);
  await assert.rejects(() => start(KEY), /call_exists/);
  await assert.rejects(() => start(OTHER_KEY), /call_exists/);
  const plain = await server.agent({ callId: "CA2" });
  agent.end();
  plain.end();
  await Promise.all([agent.closed, plain.closed]);
  await assert.rejects(() => start(KEY), /call_exists/);
  await assert.rejects(() => start(OTHER_KEY), /call_exists/);
  // Nothing is kept of the other one: its id is free again.
  const again = await server.agent({ callId: "CA2" });
  again.end();
  await again.closed;
});

Deno.test("ingest refuses more calls than the server or an organisation may have", async () => {
  const env = { EARSHOT_MAX_CALLS: "3", EARSHOT_MAX_CALLS_PER_ORG: "2" };
  await using server = await TestServer.start({ env });
  const agents = [await server.agent({}), await server.agent({})];
  await assert.rejects(() => server.agent({}), /limit_reached.*EARSHOT_MAX_CALLS/);
  agents.push(await server.agent({}, OTHER_KEY));
  await assert.rejects(() => server.agent({}, OTHER_KEY), /limit_reached/);
  agents.pop()!.end();
  await server.until(String(agents[0].messages[0].callId), () => true);
  const answer = await server.api("/calls", { body: {} });
  assert.deepEqual([answer.status, answer.body.error.code], [429, "limit_reached"]);
  for (const agent of agents) agent.end();
  await Promise.all(agents.map(({ closed }) => closed));
});
