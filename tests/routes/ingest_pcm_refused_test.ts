import assert from "node:assert/strict";
import { ManualClock } from "../../mixer/clock.ts";
import { PcmClient } from "../support/pcm_client.ts";
import { KEY, TestServer } from "../support/test_server.ts";
import { bytesOf, channelOf, noise, readWav } from "./sounds.ts";

const START = { callId: "CA1", media: { live: true, recording: true } };

/** A message that breaks the protocol, and what the sender is told of it. */
interface Break {
  name: string;
  message: string | Uint8Array<ArrayBuffer>;
  code: string;
  closeCode?: number;
}

const MID_CALL: Break[] = [
  { name: "text that is not JSON", message: "{not json", code: "bad_message" },
  { name: "JSON that is no object", message: "[1]", code: "bad_message" },
  { name: "no type", message: "{}", code: "bad_message" },
  { name: "an unknown type", message: '{"type":"stop"}', code: "bad_message" },
  { name: "an event without name", message: '{"type":"event","data":1}', code: "bad_message" },
  { name: "an event without data", message: '{"type":"event","name":"x"}', code: "bad_message" },
  { name: "a reason that is no text", message: '{"type":"end","reason":7}', code: "bad_message" },
  { name: "an empty binary message", message: new Uint8Array(0), code: "bad_frame" },
  { name: "an unknown track", message: Uint8Array.of(2, 0, 0), code: "unknown_track" },
  {
    name: "a frame of 2 MiB",
    message: new Uint8Array(2 * 1024 * 1024 + 1),
    code: "too_big",
    closeCode: 1009,
  },
  {
    name: "a text of 100 KB",
    message: JSON.stringify({ type: "event", name: "x", data: "x".repeat(100_000) }),
    code: "too_big",
    closeCode: 1009,
  },
  { name: "a second start", message: '{"type":"start","callId":"CA2"}', code: "already_started" },
];

Deno.test("ingest refuses what breaks the protocol, and the call lives on unharmed", async (t) => {
  await using server = await TestServer.start({ clock: new ManualClock() });
  let agent = await server.agent(START);
  const listener = await server.listen("CA1", "?silence=pcm&track=bot");
  const spoken: Int16Array[] = [];
  for (const [index, { name, message, code, closeCode = 1008 }] of MID_CALL.entries()) {
    await t.step(name, async () => {
      const speech = noise(800, 200 + index);
      spoken.push(speech);
      agent.bot(bytesOf(speech));
      await server.received("CA1", "bot", 800 * spoken.length);
      agent.raw(message);
      // Audio is looked at when the next frame is mixed, or when somebody asks for the call.
      await server.until("CA1", ({ health }) => health!.problems.count === index + 1);
      const error = await agent.message("error");
      assert.equal(error.code, code);
      assert.match(String(error.message), /^Cannot .{10,}[^.]$/);
      const { code: closed, reason } = await agent.closed;
      assert.deepEqual([closed, reason], [closeCode, code]);
      const { body } = await server.api("/calls/CA1");
      assert.deepEqual([body.state, body.health!.ingestLost], ["live", true]);
      assert.equal(body.health!.problems.count, index + 1);
      await server.advance(500);
      agent = await server.agent({ callId: "CA1", resume: true });
    });
  }
  agent.end();
  await listener.closed;
  const { samples } = await recordingOf(server);
  const bot = channelOf(samples, 1);
  for (const [index, speech] of spoken.entries()) {
    assert.deepEqual(bot.slice(4000 * index, 4000 * index + 800), speech);
  }
  assert.equal(bot.length, 4000 * spoken.length);
  assert.deepEqual(listener.samples(), bot);
});

const BEFORE_START: Break[] = [
  { name: "text that is not JSON", message: "hello", code: "bad_message" },
  { name: "audio", message: new Uint8Array(161), code: "not_started" },
  { name: "clear", message: '{"type":"clear"}', code: "not_started" },
  ...Object.entries({
    callId: ["", "a/b", "..", "x".repeat(129), 7],
    sampleRate: [44_100, "8000", null],
    timestamps: ["yes"],
    media: [true, { live: 1 }, { maxDurationSeconds: 0 }, { maxDurationSeconds: 1e9 }],
    metadata: ["x", { a: 1 }, { a: "x".repeat(2000) }],
    tracks: [
      [],
      { user: "mulaw" },
      { user: { encoding: "opus", sampleRate: 48_000 } },
      { bot: { encoding: "mulaw" } },
      { bot: { encoding: "mulaw", sampleRate: 7999 } },
      { bot: { encoding: "mulaw", sampleRate: 48_001 } },
      { bot: { encoding: "mulaw", sampleRate: 8000.5 } },
    ],
    resume: ["true"],
  }).flatMap(([field, values]) =>
    values.map((value) => ({
      name: `${field} ${JSON.stringify(value).slice(0, 60)}`,
      message: JSON.stringify({ type: "start", [field]: value }),
      code: "bad_start",
    }))
  ),
];

Deno.test("ingest refuses what cannot begin a call, and no call begins", async (t) => {
  await using server = await TestServer.start();
  for (const { name, message, code } of BEFORE_START) {
    await t.step(name, async () => {
      const agent = await PcmClient.open({ url: server.ws("/ingest/pcm"), key: KEY });
      agent.raw(message);
      const error = await agent.message("error");
      assert.equal(error.code, code, String(error.message));
      assert.deepEqual((await agent.closed).code, 1008);
    });
  }
  assert.deepEqual((await server.api<{ calls: [] }>("/calls")).body.calls, []);
});

Deno.test("ingest takes absurd timestamps without harm", async () => {
  await using server = await TestServer.start({ clock: new ManualClock() });
  const agent = await server.agent({ ...START, timestamps: true });
  const said = noise(1600, 301);
  let received = 0;
  const say = async (samples: Int16Array<ArrayBuffer>, mediaMs: number) => {
    await server.advance(100);
    agent.user(bytesOf(samples), mediaMs);
    await server.received("CA1", "user", received += samples.length);
  };
  await say(said.slice(0, 800), 0);
  await say(said.slice(800), 100);
  // -1, -1000, 2^31, and the same time over and over.
  const absurd = [0xffff_ffff, 0xffff_fc18, 0x8000_0000, 0, 0, 0, 0];
  for (const [index, mediaMs] of absurd.entries()) await say(noise(800, 310 + index), mediaMs);
  await server.advance(1000);
  assert.equal((await server.until("CA1", () => true)).health!.ingestLost, false);
  agent.end();
  await agent.closed;
  const { samples } = await recordingOf(server);
  assert.deepEqual(channelOf(samples, 0).slice(0, 1600), said);
  assert.equal(samples.length / 2, 8 * (100 * (2 + absurd.length) + 1000));
});

Deno.test("ingest takes 120 s of ten minutes that come at once, and the call goes on", async () => {
  await using server = await TestServer.start({ clock: new ManualClock() });
  const agent = await server.agent({
    ...START,
    tracks: { bot: { encoding: "mulaw", sampleRate: 8000 } },
  });
  const listener = await server.listen("CA1");
  const second = new Uint8Array(8000).fill(0x80); // the loudest
  for (let seconds = 0; seconds < 600; seconds++) agent.bot(second);
  const { health } = await server.received("CA1", "bot", 600 * 8000);
  assert.equal(health!.bot.refused, 480 * 8000);
  const error = await agent.message("error");
  assert.equal(error.code, "bot_queue_full");
  assert.match(String(error.message), /120 s/);
  // Told once, not 480 times, and still on the line.
  assert.equal(agent.messages.length, 2);
  await server.advance(2000);
  agent.clear();
  await server.until("CA1", ({ health }) => health!.bot.cleared === 118 * 8000 - 80);
  agent.bot(second);
  await server.received("CA1", "bot", 601 * 8000);
  await server.advance(1500);
  agent.end();
  await listener.closed;
  assert.ok(listener.samples().length > 2.9 * 8000, `${listener.samples().length} samples`);
});

async function recordingOf(server: TestServer) {
  const response = await fetch(`${server.origin}/calls/CA1/recording?channels=2`, {
    headers: { "x-api-key": KEY },
  });
  return readWav(new Uint8Array(await response.arrayBuffer()));
}
