import assert from "node:assert/strict";
import { ManualClock } from "../../mixer/clock.ts";
import { openSocket } from "../support/socket.ts";
import { KEY, TestServer } from "../support/test_server.ts";
import { bytesOf, channelOf, noise, saturatingSum } from "./sounds.ts";

const LIVE = { live: true };

Deno.test("live stream begins with exactly the metadata, byte for byte", async () => {
  await using server = await TestServer.start();
  const agent = await server.agent({ callId: "CA1", media: LIVE });
  const received: (string | ArrayBuffer)[] = [];
  const { opened, closed } = openSocket(
    server.ws(`/live/CA1/ws?token=${KEY}`),
    {},
    (data) => received.push(data),
  );
  await opened;
  agent.end();
  const { code } = await closed;
  assert.equal(
    received[0],
    '{"type":"metadata","sampleRate":8000,"channels":1,"bitDepth":16,"sessionId":"CA1"}',
  );
  assert.equal((received.at(-1) as ArrayBuffer).byteLength, 0);
  assert.equal(received.length, 2);
  assert.equal(code, 1000);
});

Deno.test("live stream takes a credential as a subprotocol, and connects whoever offers any", async () => {
  await using server = await TestServer.start();
  await server.agent({ callId: "CA1", media: LIVE });
  const connect = async (path: string, protocols: string[]) => {
    const socket = new WebSocket(server.ws(path), protocols);
    const closed = new Promise((resolve) => socket.onclose = resolve);
    const opened = await new Promise<boolean>((resolve) => {
      socket.onopen = () => resolve(true);
      socket.onerror = () => resolve(false);
    });
    const { protocol } = socket;
    if (opened) socket.close();
    await closed;
    return opened ? protocol : "refused";
  };
  const path = "/live/CA1/ws";
  assert.equal(await connect(path, ["earshot", `earshot.token.${KEY}`]), "earshot");
  assert.equal(await connect(path, ["earshot", "earshot.token.wrong"]), "refused");
  assert.equal(await connect(`${path}?token=${KEY}`, ["audio", "other"]), "audio");
});

for (const sampleRate of [8000, 16000] as const) {
  const frameBytes = sampleRate / 10;
  Deno.test(`live stream of a ${sampleRate} Hz call has ${frameBytes} byte frames, bit-exact to the end`, async () => {
    await using server = await TestServer.start({ clock: new ManualClock() });
    const agent = await server.agent({ callId: "CA1", sampleRate, media: LIVE });
    const listener = await server.listen("CA1");
    const speech = noise(sampleRate, 11);
    agent.bot(bytesOf(speech));
    await server.received("CA1", "bot", speech.length);
    await server.advance(1000);
    agent.end();
    assert.equal((await listener.closed).code, 1000);
    assert.equal(listener.metadata.sampleRate, sampleRate);
    assert.equal(listener.frames[0].pcm.byteLength, frameBytes);
    // 17 frames by time, the rest of the mixer flushed at the end: samples sent = timeline.
    assert.deepEqual(listener.samples(), speech);
    assert.equal(listener.ended, true);
    assert.deepEqual(listener.violations, []);
  });
}

Deno.test("live stream sends sound of zeros whole and silence not at all", async () => {
  await using server = await TestServer.start({ clock: new ManualClock() });
  const agent = await server.agent({ callId: "CA1", media: LIVE });
  const listener = await server.listen("CA1");
  agent.bot(new Uint8Array(2 * 2000));
  await server.received("CA1", "bot", 2000);
  await server.advance(1000);
  agent.end();
  await listener.closed;
  assert.deepEqual(listener.samples(), new Int16Array(2000));
  assert.deepEqual(listener.keepalivesMs, []);
});

Deno.test("live stream comes in the view that was asked for", async () => {
  await using server = await TestServer.start({ clock: new ManualClock() });
  const agent = await server.agent({ callId: "CA1", media: LIVE });
  const [mono, stereo, user, bot, zeros] = await Promise.all(
    ["", "?channels=2", "?track=user", "?track=bot", "?silence=pcm"]
      .map((query) => server.listen("CA1", query)),
  );
  assert.equal(stereo.metadata.channels, 2);
  // Loud enough that the sum of both must be limited.
  const said = noise(800, 21, 32_767);
  const spoken = noise(800, 22, 32_767);
  await server.advance(100);
  agent.user(bytesOf(said));
  agent.bot(bytesOf(spoken));
  await server.received("CA1", "user", 800);
  await server.received("CA1", "bot", 800);
  await server.advance(900);
  agent.end();
  await Promise.all([mono, stereo, user, bot, zeros].map(({ closed }) => closed));
  // The user spoke during the first 100 ms; the bot from the arrival of its audio on.
  assert.deepEqual(user.samples(), said);
  assert.deepEqual(bot.samples(), spoken);
  const left = channelOf(stereo.samples(), 0);
  const right = channelOf(stereo.samples(), 1);
  assert.deepEqual(left.subarray(0, 800), said);
  assert.deepEqual(right.subarray(800), spoken);
  assert.deepEqual(saturatingSum(left, right), mono.samples());
  assert.equal(zeros.samples().length, 8000);
  assert.deepEqual(zeros.samples().subarray(0, 1600), mono.samples());
  for (const { violations } of [mono, stereo, user, bot, zeros]) assert.deepEqual(violations, []);
});

Deno.test("sat(left + right) of the stereo view is the mono view where both speak at full scale", async () => {
  await using server = await TestServer.start({ clock: new ManualClock() });
  const agent = await server.agent({ callId: "CA1", media: LIVE });
  const mono = await server.listen("CA1");
  const stereo = await server.listen("CA1", "?channels=2");
  agent.bot(bytesOf(noise(8000, 31, 32_767)));
  await server.received("CA1", "bot", 8000);
  const said = noise(8000, 32, 32_767);
  for (let at = 0; at < said.length; at += 800) {
    await server.advance(100);
    agent.user(bytesOf(said.slice(at, at + 800)));
    await server.received("CA1", "user", at + 800);
  }
  agent.end();
  await Promise.all([mono.closed, stereo.closed]);
  const left = channelOf(stereo.samples(), 0);
  const sum = saturatingSum(left, channelOf(stereo.samples(), 1));
  assert.deepEqual(left, said);
  assert.deepEqual(mono.samples(), sum);
  assert.ok(sum.filter((value) => Math.abs(value) >= 32_767).length > 100);
});

Deno.test("live stream starts at the present for a late listener and lets one go at any time", async () => {
  await using server = await TestServer.start({ clock: new ManualClock() });
  const agent = await server.agent({ callId: "CA1", media: LIVE });
  const first = await server.listen("CA1");
  const speech = noise(8000, 41);
  agent.bot(bytesOf(speech));
  await server.received("CA1", "bot", speech.length);
  await server.advance(600);
  await first.until(() => first.frames.length === 10, "ten frames");
  const second = await server.listen("CA1");
  await first.close();
  await server.until("CA1", ({ listeners }) => listeners === 1);
  await server.advance(400);
  agent.end();
  await second.closed;
  assert.equal(first.frames.length, 10);
  assert.deepEqual(second.samples(), speech.subarray(10 * 400));
});

Deno.test("live stream takes no notice of what a listener sends", async () => {
  await using server = await TestServer.start({ clock: new ManualClock() });
  const agent = await server.agent({ callId: "CA1", media: LIVE });
  const listener = await server.listen("CA1", "?silence=pcm");
  listener.send(new Uint8Array(801).fill(7));
  listener.send("not JSON");
  listener.send('{"type":"end"}');
  listener.send('{"type":"clear"}');
  listener.send(new Uint8Array(4096).fill(9));
  await server.advance(500);
  const { body } = await server.api("/calls/CA1");
  assert.equal(body.state, "live");
  assert.equal(body.health?.user.received, 0);
  agent.end();
  await listener.closed;
  assert.deepEqual(listener.samples(), new Int16Array(4000));
});

Deno.test("live stream of an announced call waits for its sound", async () => {
  await using server = await TestServer.start({ clock: new ManualClock() });
  await server.api("/calls", { body: { id: "CA1", sampleRate: 16000, media: LIVE } });
  const listener = await server.listen("CA1");
  assert.equal(listener.metadata.sampleRate, 16000);
  const agent = await server.agent({ callId: "CA1" });
  const speech = noise(1600, 51);
  agent.bot(bytesOf(speech));
  await server.received("CA1", "bot", 1600);
  await server.advance(100);
  agent.end();
  await listener.closed;
  assert.deepEqual(listener.samples(), speech);
});
