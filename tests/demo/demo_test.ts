import assert from "node:assert/strict";
import { compileCues } from "../../demo/cues.ts";
import { DemoCall } from "../../demo/demo.ts";
import timeline from "../../demo/timeline.json" with { type: "json" };
import { type Clock, ManualClock, systemClock } from "../../mixer/clock.ts";
import { answerAsEarshot, type IngestPeer, startIngestPeer } from "../support/ingest_peer.ts";
import { until } from "../support/until.ts";

const DEMO = new URL("../../demo/", import.meta.url);
const COMPILED = compileCues(
  timeline,
  await Deno.readFile(new URL("user.mulaw", DEMO)),
  await Deno.readFile(new URL("bot.mulaw", DEMO)),
);
const CUES = COMPILED.map(({ message }) => message);
const CUE_TIMES = COMPILED.map(({ atMs }) => atMs);

/** A demo call at `peer`, and what it reports. */
function startDemo(peer: IngestPeer, clock: Clock) {
  const problems: string[] = [];
  const started: string[] = [];
  const demo = new DemoCall({
    url: `${peer.origin}/ingest/pcm`,
    key: "secret",
    clock,
    callId: "demo",
    onProblem: ({ message }) => problems.push(message),
    onStarted: (callId) => started.push(callId),
  });
  const halt = new AbortController();
  const ended = demo.run(halt.signal);
  return { demo, problems, started, ended, halt };
}

/** Lets sockets work until `done`; real time, of which none passes on a manual clock. */
function eventually(done: () => boolean, what: string): Promise<boolean> {
  return until(done, (isDone) => isDone, what);
}

/** Moves a manual clock in steps, with time for the socket in between. */
async function advance(clock: ManualClock, ms: number): Promise<void> {
  for (let left = ms; left > 0; left -= 1000) {
    await clock.advance(Math.min(1000, left));
    await new Promise((resolve) => setTimeout(resolve, 0));
  }
}

function startOf(peer: IngestPeer, index: number): Record<string, unknown> {
  return JSON.parse(peer.sessions[index].messages[0].data as string);
}

Deno.test("DemoCall.run() starts a call as an agent does and repeats its cues in it", async () => {
  await using peer = startIngestPeer();
  const clock = new ManualClock();
  const { problems, started, ended, halt } = startDemo(peer, clock);
  await eventually(() => started.length === 1, "started");
  await advance(clock, 2 * (timeline.durationMs + 3000) - 1);
  const session = await peer.session(0);
  await eventually(() => session.messages.length === 1 + 2 * CUES.length, "two rounds");
  assert.equal(session.path, "/ingest/pcm");
  assert.equal(session.headers.get("authorization"), "Bearer secret");
  const mulaw = { encoding: "mulaw", sampleRate: 8000 };
  assert.deepEqual(startOf(peer, 0), {
    type: "start",
    callId: "demo",
    sampleRate: 8000,
    tracks: { user: mulaw, bot: mulaw },
    media: { live: true, recording: true, maxDurationSeconds: 1800 },
    metadata: { agent: "demo", from: "+15550100", to: "+15550199", direction: "inbound" },
  });
  assert.deepEqual(session.messages.slice(1).map(({ data }) => data), [...CUES, ...CUES]);
  halt.abort();
  await ended;
  const last = session.messages.at(-1)!.data;
  assert.deepEqual(JSON.parse(last as string), { type: "end", reason: "demo_stopped" });
  assert.equal(await session.closed, 1000);
  assert.equal(clock.pendingTimers, 0);
  assert.deepEqual([problems, started], [[], ["demo"]]);
});

Deno.test("DemoCall.run() resumes its call after a lost socket, where it would be by then", async () => {
  await using peer = startIngestPeer();
  const clock = new ManualClock();
  const { problems, started, ended, halt } = startDemo(peer, clock);
  await eventually(() => started.length === 1, "started");
  await advance(clock, 1000);
  await eventually(() => peer.sessions[0].messages.length === 51, "one second of frames");
  peer.sessions[0].socket.close(1011);
  await eventually(() => problems.length === 1, "the loss");
  await advance(clock, 500);
  await eventually(() => peer.sessions[1]?.messages.length >= 1, "the second start");
  assert.equal(startOf(peer, 1).resume, true);
  assert.equal(startOf(peer, 1).callId, "demo");
  // The frame due at exactly 1500 ms, then the greeting's transcript line.
  await eventually(() => peer.sessions[1].messages.length > 2, "the greeting");
  const wanted = CUES.slice(CUES.findIndex((message) => typeof message === "string"));
  assert.deepEqual(peer.sessions[1].messages[1].data, wanted[0]);
  assert.deepEqual(started, ["demo"]);
  halt.abort();
  await ended;
});

Deno.test("DemoCall.run() begins a new call when its own cannot be resumed or its id is taken", async () => {
  const refusals = ["call_not_found", "call_exists"];
  await using peer = startIngestPeer((message, session) => {
    const first = message.type === "start" && peer.sessions.length === 1;
    const code = message.type !== "start" || first ? undefined : refusals.shift();
    if (code === undefined) return answerAsEarshot(message, session);
    return { type: "error", code, message: "Cannot start call" };
  });
  const clock = new ManualClock(0, Date.UTC(2026, 0, 1));
  const { demo, problems, started, ended, halt } = startDemo(peer, clock);
  await eventually(() => started.length === 1, "started");
  peer.sessions[0].socket.close(1012);
  for (const [index, waitMs] of [500, 1000, 2000].entries()) {
    await eventually(() => problems.length === index + 1, `problem ${index + 1}`);
    await clock.advance(waitMs);
    await eventually(() => peer.sessions[index + 1]?.messages.length >= 1, `start ${index + 1}`);
  }
  await eventually(() => started.length === 2, "a new call");
  const starts = [1, 2, 3].map((index) => startOf(peer, index));
  assert.deepEqual(starts.map(({ resume }) => resume), [true, undefined, undefined]);
  assert.deepEqual(starts.map(({ callId }) => callId).slice(0, 2), ["demo", "demo"]);
  assert.match(demo.callId, /^demo-17672\d{5}$/);
  assert.deepEqual(started, ["demo", demo.callId]);
  assert.match(problems.join(), /connection lost.*call_not_found.*call_exists/);
  halt.abort();
  await ended;
});

Deno.test("DemoCall.run() keeps real pace, and catches up after a stalled loop", async () => {
  await using peer = startIngestPeer();
  const { ended, halt } = startDemo(peer, systemClock);
  const session = await peer.session(0);
  await eventually(() => session.messages.length > 10, "frames");
  const stallUntilMs = performance.now() + 300;
  while (performance.now() < stallUntilMs); // a stalled event loop
  await eventually(() => session.messages.length > 50, "a second of frames");
  halt.abort();
  await ended;
  const [start, ...rest] = session.messages;
  const frames = rest.slice(0, 50);
  assert.deepEqual(frames.map(({ data }) => data), CUES.slice(0, 50));
  const lateMs = frames.at(-1)!.atMs - start.atMs - 1000;
  // Without catching up it would be the 300 ms of the stall.
  assert.ok(lateMs > -20 && lateMs < 250, `${lateMs} ms late`);
});

Deno.test("DemoCall.run() catches up after at most 5 s, and skips more", async () => {
  for (const [stallMs, wanted] of [[5000, "all"], [5001, "rest"]] as const) {
    await using peer = startIngestPeer();
    const clock = new ManualClock();
    const { started, ended, halt } = startDemo(peer, clock);
    await eventually(() => started.length === 1, "started");
    await advance(clock, 1000);
    clock.stall(20 + stallMs); // the next frame is due after 20 ms
    await clock.advance(100);
    const dueMs = 1000 + 20 + stallMs + 100;
    const all = CUE_TIMES.filter((atMs) => atMs <= dueMs).length;
    const skipped = CUE_TIMES.filter((atMs) => atMs > 1000 && atMs < dueMs - 100).length;
    const sent = 1 + (wanted === "all" ? all : all - skipped);
    const { messages } = await peer.session(0);
    await eventually(() => messages.length >= sent, "what is due");
    halt.abort();
    await ended;
    assert.equal(messages.length, sent + 1, `after ${stallMs} ms`); // and the end
  }
});

Deno.test("DemoCall.run() gives up a socket that leaves 1 MiB unsent", async () => {
  await using peer = startIngestPeer();
  const clock = new ManualClock();
  const { problems, started, ended, halt } = startDemo(peer, clock);
  await eventually(() => started.length === 1, "started");
  // Nothing but promises makes progress meanwhile, so that the socket sends nothing.
  await clock.advance(10 * (timeline.durationMs + 3000));
  await eventually(() => problems.length > 0, "the loss");
  assert.match(problems[0], /connection lost/);
  const bytes = peer.sessions[0].messages.reduce((sum, { data }) => sum + data.length, 0);
  assert.ok(bytes < (1 << 20) + 40_000, `${bytes} bytes`); // and one utterance of the bot
  halt.abort();
  await ended;
});

Deno.test("DemoCall.run() retries an absent server ever less often, until it is aborted", async () => {
  const clock = new ManualClock();
  const listener = Deno.listen({ port: 0, hostname: "127.0.0.1" });
  const { port } = listener.addr as Deno.NetAddr;
  listener.close();
  const nobody = { origin: `ws://127.0.0.1:${port}` } as IngestPeer;
  const { problems, ended, halt } = startDemo(nobody, clock);
  const waitsMs = [500, 1000, 2000, 4000, 5000, 5000];
  for (const [index, waitMs] of waitsMs.entries()) {
    await eventually(() => problems.length === index + 1, `problem ${index + 1}`);
    await clock.advance(waitMs - 1);
    await new Promise((resolve) => setTimeout(resolve, 20)); // enough for a refused connection
    assert.equal(problems.length, index + 1, `no attempt before ${waitMs} ms`);
    await clock.advance(1);
  }
  halt.abort();
  await ended;
  assert.equal(clock.pendingTimers, 0);
});
