import assert from "node:assert/strict";
import { ManualClock } from "../../mixer/clock.ts";
import { PcmClient } from "../support/pcm_client.ts";
import { KEY, OTHER_KEY, TestServer } from "../support/test_server.ts";
import { bytesOf, noise } from "./sounds.ts";
import { until } from "../support/until.ts";

const LIVE = { live: true };

/** Says 200 ms of the user's, in real pace on the simulated clock. */
async function say(server: TestServer, agent: PcmClient, samples: Int16Array<ArrayBuffer>) {
  const { health } = await server.until("CA1", () => true);
  let received = health!.user.received;
  for (let at = 0; at < samples.length; at += 800) {
    await server.advance(100);
    agent.user(bytesOf(samples.slice(at, at + 800)));
    await server.received("CA1", "user", received += 800);
  }
}

Deno.test("a call outlives its socket and goes on with the next one", async () => {
  await using server = await TestServer.start({ clock: new ManualClock() });
  const first = await server.agent({ callId: "CA1", media: { live: true, recording: true } });
  const listener = await server.listen("CA1", "?silence=pcm");
  const before = noise(1600, 111);
  await say(server, first, before);
  await first.drop();
  await server.until("CA1", ({ health }) => health!.ingestLost);
  await server.advance(9900);
  const second = await server.agent({ callId: "CA1", resume: true });
  assert.equal((await server.until("CA1", () => true)).health!.ingestLost, false);
  const after = noise(1600, 112);
  await say(server, second, after);
  // The grace time is over for the lost socket alone.
  await server.advance(500);
  second.end();
  assert.equal((await listener.closed).code, 1000);
  const heard = listener.samples();
  assert.deepEqual(heard.subarray(0, 1600), before);
  const at = (200 + 9900) * 8;
  assert.deepEqual(heard.subarray(1600, at), new Int16Array(at - 1600));
  assert.deepEqual(heard.subarray(at, at + 1600), after);
});

Deno.test("a call ends when its grace time is over, at the time it is then", async () => {
  await using server = await TestServer.start({
    clock: new ManualClock(),
    env: { EARSHOT_GRACE_SECONDS: "3" },
  });
  const agent = await server.agent({ callId: "CA1", media: LIVE });
  const listener = await server.listen("CA1");
  await agent.drop();
  await server.until("CA1", ({ health }) => health!.ingestLost);
  await server.advance(2950);
  assert.equal((await server.api("/calls/CA1")).body.state, "live");
  await server.advance(100);
  assert.equal((await listener.closed).code, 1000);
  const { body } = await server.api("/calls/CA1");
  assert.deepEqual([body.state, body.reason, body.durationSeconds], ["ended", "ingest_lost", 3]);
  await assert.rejects(() => server.agent({ callId: "CA404", resume: true }, "wrong-key-01234567"));
});

Deno.test("a socket that still speaks is not taken over, a quiet one is", async () => {
  await using server = await TestServer.start({ clock: new ManualClock() });
  const first = await server.agent({ callId: "CA1", media: LIVE });
  const takeOver = () => server.agent({ callId: "CA1", resume: true });
  await assert.rejects(takeOver, /call_exists/);
  await server.advance(950);
  await assert.rejects(takeOver, /call_exists/);
  await server.advance(50);
  const second = await takeOver();
  const { code, reason } = await first.closed;
  assert.deepEqual([code, reason], [1000, "another socket took the call over"]);
  // The close of the old one leaves the call with the new one.
  second.event("alive", null);
  await server.advance(10_500);
  assert.equal((await server.until("CA1", () => true)).health!.ingestLost, false);
  second.end();
  await second.closed;
});

Deno.test("a call is taken over by its own organisation alone", async () => {
  await using server = await TestServer.start({ clock: new ManualClock() });
  const agent = await server.agent({ callId: "CA1" });
  await agent.drop();
  await server.until("CA1", ({ health }) => health!.ingestLost);
  await assert.rejects(
    () => server.agent({ callId: "CA1", resume: true }, OTHER_KEY),
    /call_exists/,
  );
  await server.api("/calls/CA1/end", { method: "POST" });
});

Deno.test("a call is not taken over in another format than it began with", async () => {
  await using server = await TestServer.start({ clock: new ManualClock() });
  const mulaw = { encoding: "mulaw", sampleRate: 8000 };
  const first = await server.agent({ callId: "CA1", tracks: { user: mulaw } });
  await first.drop();
  await server.until("CA1", ({ health }) => health!.ingestLost);
  const resume = (user: { encoding: string; sampleRate: number }) =>
    server.agent({ callId: "CA1", resume: true, tracks: { user } });
  await assert.rejects(
    () => resume({ encoding: "alaw", sampleRate: 8000 }),
    /bad_start: Cannot resume call CA1: user must be mulaw at 8000 Hz .* received alaw at 8000 Hz/,
  );
  assert.equal((await server.until("CA1", () => true)).health!.ingestLost, true);
  const second = await resume(mulaw);
  second.end();
  await second.closed;
});

Deno.test("resuming a call that nobody knows begins it", async () => {
  await using server = await TestServer.start();
  const agent = await server.agent({ callId: "CA1", resume: true });
  assert.equal((await server.api("/calls/CA1")).body.state, "live");
  agent.end();
  await agent.closed;
});

Deno.test("an announced call begins with its audio, or ends unheard", async () => {
  await using server = await TestServer.start({
    clock: new ManualClock(),
    env: { EARSHOT_ANNOUNCE_SECONDS: "10" },
  });
  const announce = (id: string) =>
    server.api("/calls", { body: { id, media: LIVE, metadata: { agent: "support" } } });
  await announce("CA1");
  await announce("CA2");
  const listener = await server.listen("CA2");
  await assert.rejects(() => server.agent({ callId: "CA1" }, OTHER_KEY), /call_exists/);
  await server.advance(9000);
  const agent = await server.agent({ callId: "CA1", metadata: { from: "+15550100" } });
  await server.advance(2000);
  const { body } = await server.api("/calls/CA1");
  assert.deepEqual(
    [body.state, body.media!.live, body.metadata, body.durationSeconds],
    ["live", true, { agent: "support", from: "+15550100" }, 2],
  );
  assert.equal((await listener.closed).code, 1000);
  assert.equal((await server.api("/calls/CA2")).body.reason, "never_started");
  agent.end();
  await agent.closed;
});

Deno.test("a socket that says nothing is closed: before its call, and when it is idle", async () => {
  const clock = new ManualClock();
  await using server = await TestServer.start({
    clock,
    env: { EARSHOT_INGEST_IDLE_SECONDS: "6", EARSHOT_GRACE_SECONDS: "1" },
  });
  const timers = clock.pendingTimers;
  const mute = await PcmClient.open({ url: server.ws("/ingest/pcm"), key: KEY });
  // The server may open a socket later than its client.
  await until(() => clock.pendingTimers, (pending) => pending > timers, "it is waited for");
  const idle = await server.agent({ callId: "CA1" });
  await server.advance(5000);
  assert.equal((await mute.message("error")).code, "not_started");
  assert.equal((await mute.closed).code, 1008);
  idle.bot(new Uint8Array(320));
  await server.received("CA1", "bot", 160);
  await server.advance(5000);
  assert.equal((await server.until("CA1", () => true)).health!.ingestLost, false);
  await server.advance(1000);
  assert.equal((await idle.closed).code, 1001);
  await server.advance(1000);
  assert.equal((await server.api("/calls/CA1")).body.reason, "ingest_lost");
});

Deno.test("a call announced in mu-law takes it from a start that names no tracks", async () => {
  await using server = await TestServer.start();
  const mulaw = { encoding: "mulaw", sampleRate: 8000 };
  await server.api("/calls", { body: { id: "CA9", tracks: { user: mulaw, bot: mulaw } } });
  const agent = await server.agent({ callId: "CA9" });
  agent.user(new Uint8Array(161).fill(0x80));
  await server.received("CA9", "user", 161);
});
