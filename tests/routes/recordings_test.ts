import assert from "node:assert/strict";
import { ManualClock } from "../../mixer/clock.ts";
import { run, testWith } from "../support/programs.ts";
import { KEY, TestServer } from "../support/test_server.ts";
import { bytesOf, channelOf, noise, readWav, saturatingSum } from "./sounds.ts";

const RECORDED = { callId: "CA1", media: { live: true, recording: true } };

function request(server: TestServer, query = "", method = "GET"): Promise<Response> {
  const headers = { "x-api-key": KEY };
  return fetch(`${server.origin}/calls/CA1/recording${query}`, { method, headers });
}

async function download(server: TestServer, query = "") {
  const response = await request(server, query);
  assert.equal(response.status, 200);
  assert.equal(response.headers.get("content-type"), "audio/wav");
  const bytes = new Uint8Array(await response.arrayBuffer());
  assert.equal(response.headers.get("content-length"), String(bytes.length));
  return { bytes, response, ...readWav(bytes) };
}

/** A call of one second in which both speak at full scale. */
async function makeCall(server: TestServer) {
  const agent = await server.agent(RECORDED);
  const spoken = noise(8000, 131, 32_767);
  const said = noise(8000, 132, 32_767);
  agent.bot(bytesOf(spoken));
  await server.received("CA1", "bot", 8000);
  for (let at = 0; at < said.length; at += 800) {
    await server.advance(100);
    agent.user(bytesOf(said.slice(at, at + 800)));
    await server.received("CA1", "user", at + 800);
  }
  return { agent, said, spoken };
}

testWith(["python3", "sox"], "a recording is what both sides said, in every form", async () => {
  await using server = await TestServer.start({ clock: new ManualClock() });
  const { agent, said, spoken } = await makeCall(server);
  agent.end();
  await agent.closed;
  await server.until("CA1", ({ state }) => state === "ended");
  const mix = await download(server);
  assert.deepEqual(mix.samples, saturatingSum(said, spoken));
  assert.match(mix.response.headers.get("content-disposition")!, /filename="CA1\.wav"/);
  const stereo = await download(server, "?channels=2");
  assert.deepEqual(channelOf(stereo.samples, 0), said);
  assert.deepEqual(channelOf(stereo.samples, 1), spoken);
  assert.deepEqual((await download(server, "?track=user")).samples, said);
  assert.deepEqual((await download(server, "?track=bot")).samples, spoken);
  for (const query of ["?channels=3", "?track=agent", "?format=mp3", "?channels=2&track=bot"]) {
    const { status } = await server.api(`/calls/CA1/recording${query}`);
    assert.equal(status, 400, query);
  }
  for (const { bytes, samples, channels } of [mix, stereo]) {
    const script = "import io, sys, wave\n" +
      "w = wave.open(io.BytesIO(sys.stdin.buffer.read()))\n" +
      "print(w.getnchannels(), w.getsampwidth(), w.getframerate(), w.getnframes())\n" +
      "sys.stdout.flush()\nsys.stdout.buffer.write(w.readframes(w.getnframes()))";
    const printed = await run("python3", ["-c", script], bytes);
    const newline = printed.indexOf(10);
    const header = new TextDecoder().decode(printed.slice(0, newline));
    assert.equal(header, `${channels} 2 8000 8000`);
    assert.deepEqual(printed.slice(newline + 1), bytesOf(samples));
    const raw = await run("sox", ["-D", "-t", "wav", "-", "-t", "raw", "-"], bytes);
    assert.deepEqual(raw, bytesOf(samples));
  }
});

Deno.test("a recording can be had while the call runs, as far as it is complete", async () => {
  await using server = await TestServer.start({ clock: new ManualClock() });
  const { agent, said, spoken } = await makeCall(server);
  assert.equal((await download(server)).samples.length, 0);
  await server.advance(6500);
  const soFar = await download(server, "?channels=2");
  assert.ok(soFar.samples.length >= 2 * 8000, `${soFar.samples.length} samples`);
  assert.deepEqual(channelOf(soFar.samples, 0).subarray(0, 8000), said);
  assert.deepEqual(channelOf(soFar.samples, 1).subarray(0, 8000), spoken);
  const busy = await server.api("/calls/CA1/recording", { method: "DELETE" });
  assert.deepEqual([busy.status, busy.body.error.code], [409, "call_live"]);
  agent.end();
  await agent.closed;
});

Deno.test("HEAD tells a recording's length, DELETE frees its id", async () => {
  await using server = await TestServer.start({ clock: new ManualClock() });
  const { agent } = await makeCall(server);
  agent.end();
  await agent.closed;
  await server.until("CA1", ({ state }) => state === "ended");
  const { bytes } = await download(server);
  const head = await request(server, "", "HEAD");
  assert.equal(head.status, 200);
  assert.equal(head.headers.get("content-length"), String(bytes.length));
  assert.equal((await head.arrayBuffer()).byteLength, 0);
  await assert.rejects(() => server.agent(RECORDED), /call_exists/);
  const deleted = await server.api("/calls/CA1/recording", { method: "DELETE" });
  assert.equal(deleted.status, 204);
  for (const method of ["GET", "DELETE"]) {
    const { status, body } = await server.api("/calls/CA1/recording", { method });
    assert.deepEqual([status, body.error.code], [410, "recording_deleted"]);
  }
  const { metadata, recording } = (await server.api("/calls/CA1")).body;
  assert.deepEqual([metadata, recording?.state], [{}, "deleted"]);
  assert.equal((await server.api("/live/CA1/ws")).body.error.recordingUrl, undefined);
  const again = await server.agent(RECORDED);
  assert.equal((await server.api("/calls/CA1")).body.state, "live");
  again.end();
  await again.closed;
  const unknown = await server.api("/calls/CA404/recording");
  assert.deepEqual([unknown.status, unknown.body.error.code], [404, "call_not_found"]);
});

Deno.test("a server finds the recordings of the one before it", async () => {
  const folder = await Deno.makeTempDir({ prefix: "earshot-" });
  try {
    const env = { EARSHOT_RECORDINGS: `file:${folder}` };
    const { said, spoken } = await firstLife(env);
    await using server = await TestServer.start({ env });
    const { status, body } = await server.api("/live/CA1/ws");
    assert.equal(status, 410);
    assert.equal(body.error.recordingUrl, `${server.origin}/calls/CA1/recording`);
    const { calls } = (await server.api<{ calls: [{ id: string; state: string }] }>("/calls")).body;
    assert.deepEqual(calls.map(({ id, state }) => [id, state]), [["CA1", "ended"]]);
    const call = (await server.api("/calls/CA1")).body;
    assert.deepEqual([call.durationSeconds, call.reason], [1, "server_shutdown"]);
    const { samples } = await download(server);
    assert.deepEqual(samples, saturatingSum(said, spoken));
    await assert.rejects(() => server.agent(RECORDED), /call_exists/);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

async function firstLife(env: Record<string, string>) {
  await using server = await TestServer.start({ env, clock: new ManualClock() });
  const { agent, said, spoken } = await makeCall(server);
  // The server goes while the call runs: its recording is complete all the same.
  await server.close();
  assert.equal((await agent.closed).code, 1001);
  return { said, spoken };
}

Deno.test("what is heard late is a hole live and healed in the recording", async () => {
  await using server = await TestServer.start({ clock: new ManualClock() });
  const agent = await server.agent({ ...RECORDED, timestamps: true });
  const listener = await server.listen("CA1", "?silence=pcm");
  const said = noise(16_000, 141);
  const say = async (fromMs: number, received: number) => {
    agent.user(bytesOf(said.slice(8 * fromMs, 8 * fromMs + 800)), fromMs);
    await server.received("CA1", "user", received);
  };
  let received = 0;
  // The network swallows what was said from 1.0 to 1.5 s, and brings it 4 s later.
  for (let atMs = 0; atMs < 2000; atMs += 100) {
    await server.advance(100);
    if (atMs < 1000 || atMs >= 1500) await say(atMs, received += 800);
  }
  await server.advance(3500);
  for (let atMs = 1000; atMs < 1500; atMs += 100) await say(atMs, received += 800);
  await server.advance(2000);
  agent.end();
  await listener.closed;
  const heard = listener.samples();
  assert.deepEqual(heard.subarray(8040, 11_960), new Int16Array(3920));
  const { samples } = await download(server, "?track=user");
  assert.deepEqual(samples.subarray(0, 16_000), said);
  assert.equal(samples.length, heard.length);
});

Deno.test("maxDurationSeconds caps the recording to the sample, never the listening", async () => {
  await using server = await TestServer.start({ clock: new ManualClock() });
  const agent = await server.agent({
    callId: "CA1",
    media: { live: true, recording: true, maxDurationSeconds: 2 },
  });
  const listener = await server.listen("CA1");
  const speech = noise(8 * 9000, 151);
  agent.bot(bytesOf(speech));
  await server.received("CA1", "bot", speech.length);
  await server.advance(9000);
  agent.end();
  await listener.closed;
  assert.deepEqual(listener.samples(), speech);
  assert.deepEqual((await download(server)).samples, speech.subarray(0, 16_000));
});

Deno.test("what is said during a pause is nowhere: not live, not kept", async () => {
  await using server = await TestServer.start({ clock: new ManualClock() });
  const agent = await server.agent(RECORDED);
  const listener = await server.listen("CA1", "?channels=2&silence=pcm");
  const SECRET = 12_345;
  const secret = bytesOf(new Int16Array(800).fill(SECRET));
  const plain = bytesOf(new Int16Array(800).fill(1000));
  let received = 0;
  const both = async (bytes: Uint8Array<ArrayBuffer>, ms: number) => {
    for (let at = 0; at < ms; at += 100) {
      await server.advance(100);
      agent.user(bytes);
      agent.bot(bytes);
      await server.received("CA1", "user", received += 800);
      await server.received("CA1", "bot", received);
    }
  };
  for (let round = 0; round < 3; round++) {
    await both(plain, 500);
    agent.pause();
    await server.until("CA1", ({ health }) => health!.paused);
    await both(secret, 700);
    // Speech that would be spoken only after the pause.
    for (let i = 0; i < 5; i++) agent.bot(secret);
    await server.received("CA1", "bot", received + 4000);
    agent.resume();
    await server.until("CA1", ({ health }) => !health!.paused);
    agent.clear();
    const { health } = await server.until("CA1", () => true);
    received = health!.user.received;
    assert.ok(health!.user.redacted >= 5600 * (round + 1));
    // The bot's counter runs ahead of the user's by what was sent early.
    agent.user(bytesOf(new Int16Array(4000).fill(1000)));
    received = (await server.received("CA1", "user", received + 4000)).health!.user.received;
  }
  await both(plain, 500);
  agent.end();
  await listener.closed;
  const { samples } = await download(server, "?channels=2");
  for (const [name, sound] of [["live", listener.samples()], ["kept", samples]] as const) {
    assert.ok(sound.includes(1000), name);
    assert.ok(!sound.includes(SECRET), name);
    // Nor at another level, as a fade would leave it.
    assert.ok(sound.every((value) => Math.abs(value) <= 2000), name);
  }
});

Deno.test("a recording that memory had to give up is gone from everywhere", async () => {
  await using server = await TestServer.start({
    clock: new ManualClock(),
    env: { EARSHOT_RECORDINGS_MEMORY_MB: "1" },
  });
  for (const callId of ["CA1", "CA2"]) {
    const agent = await server.agent({ ...RECORDED, callId });
    await server.advance(20_000);
    agent.end();
    await agent.closed;
    await server.until(callId, ({ recording }) => recording?.state === "complete");
  }
  const { body } = await server.api("/calls/CA1");
  assert.deepEqual([body.state, body.recording], ["ended", null]);
  assert.equal((await server.api("/calls/CA1/recording")).status, 404);
  const again = await server.agent(RECORDED);
  assert.equal((await server.api("/calls/CA1")).body.state, "live");
  again.end();
});
