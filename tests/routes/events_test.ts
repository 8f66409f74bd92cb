import assert from "node:assert/strict";
import { ManualClock } from "../../mixer/clock.ts";
import { EventClient } from "../support/event_client.ts";
import { KEY, OTHER_KEY, sleep, TestServer } from "../support/test_server.ts";
import { bytesOf, noise } from "./sounds.ts";
import { until } from "../support/until.ts";

const LIVE = { live: true };
const RECORDED = { live: true, recording: true };

function follow(server: TestServer, options: { query?: string; key?: string; last?: string } = {}) {
  const { query = "", key = KEY, last } = options;
  return EventClient.open({
    url: `${server.origin}/events${query}`,
    key,
    ...(last !== undefined && { lastEventId: last }),
  });
}

Deno.test("events tell the life of a call, each as the API shows it", async () => {
  await using server = await TestServer.start({ clock: new ManualClock() });
  await using events = await follow(server);
  assert.equal(events.headers.get("content-type"), "text/event-stream");
  assert.equal(events.headers.get("cache-control"), "no-store");
  assert.equal(events.headers.get("x-accel-buffering"), "no");
  const agent = await server.agent({ callId: "CA1", media: RECORDED, metadata: { a: "b" } });
  const started = await events.message("call.started");
  assert.deepEqual(started.data.call, (await server.api("/calls/CA1")).body);
  const listener = await server.listen("CA1");
  assert.deepEqual((await events.message("listener.joined")).data, {
    callId: "CA1",
    listeners: 1,
  });
  agent.pause();
  assert.deepEqual((await events.message("call.updated")).data, {
    callId: "CA1",
    paused: true,
    ingestLost: false,
    metadata: { a: "b" },
  });
  agent.resume();
  await events.message("call.updated", 2);
  await listener.close();
  assert.deepEqual((await events.message("listener.left")).data, { callId: "CA1", listeners: 0 });
  await server.advance(1000);
  agent.end("hangup");
  const { data: { call } } = await events.message("call.ended");
  assert.equal(call.state, "ended");
  assert.equal(call.reason, "hangup");
  assert.equal(call.durationSeconds, 1);
  assert.equal(call.endedAt, call.startedAt + 1000);
  assert.equal(call.health, undefined);
  const url = `${server.origin}/calls/CA1/recording`;
  assert.deepEqual(call.recording, { state: "recording", url });
  const ready = (await events.message("recording.ready")).data;
  assert.equal(ready.callId, "CA1");
  assert.equal(ready.recording.state, "complete");
  await server.api("/calls/CA1/recording", { method: "DELETE" });
  const deleted = (await events.message("recording.deleted")).data;
  assert.equal(deleted.recording.state, "deleted");
});

Deno.test("events tell of calls that are announced, and of those that never come", async () => {
  const clock = new ManualClock();
  await using server = await TestServer.start({ clock });
  await using events = await follow(server);
  assert.equal((await events.message("hello")).data.now, clock.wallTime());
  const { body } = await server.api("/calls", { body: { id: "CA1", media: LIVE } });
  assert.deepEqual((await events.message("call.announced")).data.call, body);
  await server.api("/calls", { body: { id: "CA2" } });
  await server.api("/calls/CA2/end", { body: { reason: "cancelled" } });
  const { data: { call } } = await events.message("call.withdrawn");
  assert.deepEqual([call.id, call.state, call.reason], ["CA2", "ended", "cancelled"]);
  await server.agent({ callId: "CA1" });
  assert.equal((await events.message("call.started")).data.call.id, "CA1");
  await server.agent({ callId: "CA3" });
  await events.message("call.started", 2);
  assert.equal(events.of("call.announced").length, 2, "CA3 was not announced");
});

Deno.test("events never cross from one organisation to another", async () => {
  await using server = await TestServer.start();
  await using acme = await follow(server, { query: "?levels=1" });
  await using globex = await follow(server, { query: "?levels=1", key: OTHER_KEY });
  const ours = await server.agent({ callId: "CA1", media: LIVE });
  const theirs = await server.agent({ callId: "GX1", media: LIVE }, OTHER_KEY);
  for (const agent of [ours, theirs]) agent.bot(bytesOf(noise(4000, 1)));
  await Promise.all([acme, globex].map((events) => events.message("levels")));
  // One who comes while calls are live finds those of its own, too.
  await using late = await follow(server, { query: "?levels=1" });
  for (const agent of [ours, theirs]) agent.bot(bytesOf(noise(8000, 2)));
  await late.message("levels", 3);
  assert.doesNotMatch(JSON.stringify(late.messages), /GX1/);
  ours.end();
  theirs.end();
  await Promise.all([acme, globex].map((events) => events.message("call.ended")));
  assert.doesNotMatch(JSON.stringify(acme.messages), /GX1/);
  assert.doesNotMatch(JSON.stringify(globex.messages), /CA1/);
  assert.equal((await server.api("/events", { key: null })).status, 401);
  const { body } = await server.api<{ token: string }>("/calls", {
    body: { id: "CA2", media: LIVE },
  }).then(() => server.api<{ token: string }>("/calls/CA2/tokens", { body: {} }));
  assert.equal((await server.api("/events", { key: body.token })).status, 401);
});

Deno.test("events are resumed where the line was lost, or reset", async () => {
  await using server = await TestServer.start({ env: { EARSHOT_EVENTS_KEPT: "4" } });
  const first = await follow(server);
  const hello = first.messages[0] ?? await first.message("hello");
  assert.equal(hello.id, hello.data.id);
  const agent = await server.agent({ callId: "CA1" });
  const { id } = await first.message("call.started");
  await first.close();
  agent.pause();
  agent.resume();
  await server.until("CA1", ({ health }) => health?.paused === false);
  const second = await follow(server, { last: id! });
  await second.message("call.updated", 2);
  assert.equal(second.messages[0].id, undefined, "what was missed has not been received yet");
  assert.deepEqual(second.messages.map(({ event }) => event), [
    "hello",
    "call.updated",
    "call.updated",
  ]);
  assert.equal(second.messages.at(-1)!.id, second.messages[0].data.id);
  await second.close();
  for (let i = 0; i < 2; i++) {
    agent.pause();
    agent.resume();
  }
  agent.end();
  await agent.closed;
  for (const last of [id!, "0badcafe.3", "nonsense"]) {
    await using late = await follow(server, { last });
    await late.message("reset");
    assert.deepEqual(late.messages.map(({ event }) => event), ["hello", "reset"]);
  }
});

Deno.test("events show the levels of calls with sound, and of those just fallen silent", async () => {
  await using server = await TestServer.start({ clock: new ManualClock() });
  const agent = await server.agent({ callId: "CA1", media: LIVE });
  await server.agent({ callId: "CA2", media: LIVE });
  await using events = await follow(server, { query: "?levels=1" });
  await events.message("hello");
  const tone = new Int16Array(2400).fill(16384);
  agent.bot(bytesOf(tone));
  await server.received("CA1", "bot", 2400);
  await server.advance(1000);
  await events.until(() => {
    const last = events.of("levels").at(-1);
    return last !== undefined && last.data[0][2] === -90;
  }, "silence");
  const levels = events.of("levels").map(({ data }) => data);
  assert.ok(levels.length >= 3 && levels.length <= 6, `${levels.length} messages`);
  assert.ok(levels.every((calls) => calls.length === 1 && calls[0][0] === "CA1"));
  assert.deepEqual(levels[1], [["CA1", -90, -6]]);
  assert.equal(events.of("levels")[0].id, undefined);
});

Deno.test("events end with the server, show signs of life, and are bounded", async () => {
  const server = await TestServer.start({
    clock: new ManualClock(),
    env: { EARSHOT_MAX_EVENT_STREAMS_PER_ORG: "2" },
  });
  const one = await follow(server);
  const two = await follow(server);
  const refused = await server.api("/events");
  assert.equal(refused.status, 429);
  assert.equal(refused.body.error.code, "too_many_streams");
  const theirs = await follow(server, { key: OTHER_KEY });
  await server.advance(7000);
  await one.until(() => one.pings === 2, "two signs of life");
  await two.close();
  const three = await retry(() => follow(server));
  await server.close();
  assert.equal(await one.closed, true);
  assert.equal(await three.closed, true);
  assert.equal(await theirs.closed, true);
});

Deno.test("events leave nothing behind when clients come and go 1,000 times", async () => {
  await using server = await TestServer.start();
  const agent = await server.agent({ callId: "CA1", media: LIVE });
  const come = async () => {
    const events = await follow(server, { query: "?levels=1" });
    await events.message("hello");
    await events.close();
  };
  for (let round = 0; round < 20; round++) {
    await Promise.all(Array.from({ length: 50 }, come));
  }
  const open = () => metric(server, "earshot_event_streams");
  await until(open, (streams) => streams === 0, "streams that are open");
  agent.end();
  await agent.closed;
});

Deno.test("events are not kept open for HEAD, for who leaves at once, or for who does not read", async () => {
  await using server = await TestServer.start();
  const request = new TextEncoder().encode(`GET /events?token=${KEY} HTTP/1.1\r\nHost: x\r\n\r\n`);
  const connect = async () => {
    const connection = await Deno.connect({ port: Number(new URL(server.origin).port) });
    await connection.write(request);
    return connection;
  };
  const open = () => metric(server, "earshot_event_streams");
  const untilOpen = (streams: number) =>
    until(open, (count) => count === streams, "streams that are open");
  assert.equal(
    (await fetch(`${server.origin}/events?token=${KEY}`, { method: "HEAD" })).status,
    200,
  );
  assert.equal(await open(), 0);
  for (let i = 0; i < 200; i++) {
    const connection = await connect();
    if (i % 2 === 1) await sleep(i % 5);
    connection.close();
  }
  await untilOpen(0);
  const stuck = await connect();
  await untilOpen(1);
  // More than the kernel takes for the one that does not read.
  const metadata = Object.fromEntries(
    Array.from({ length: 15 }, (_, index) => [`k${index}`, "x".repeat(1000)]),
  );
  for (let i = 0; i < 400 && await open() === 1; i++) {
    const bodies = Array.from({ length: 5 }, (_, n) => ({ id: `CA${i}.${n}`, metadata }));
    await Promise.all(bodies.map((body) => server.api("/calls", { body })));
  }
  await untilOpen(0);
  assert.equal(await metric(server, "earshot_event_streams_dropped"), 1);
  stuck.close();
});

/** Until the server has noticed that a client left. */
async function retry<T>(act: () => Promise<T>): Promise<T> {
  for (let tries = 0;; tries++) {
    try {
      return await act();
    } catch (error) {
      if (tries === 200) throw error;
      await sleep(10);
    }
  }
}

async function metric(server: TestServer, name: string): Promise<number> {
  const response = await fetch(`${server.origin}/metrics`, { headers: { "x-api-key": KEY } });
  return Number(new RegExp(`^${name} (\\S+)$`, "m").exec(await response.text())?.[1]);
}
