import assert from "node:assert/strict";
import { ManualClock } from "../../mixer/clock.ts";
import { openSocket } from "../support/socket.ts";
import { assertSame } from "../support/same.ts";
import { KEY, TestServer } from "../support/test_server.ts";
import { bytesOf, noise } from "./sounds.ts";

const LIVE = { live: true };

/** Everything a listener was sent, in order: texts parsed, frames as their samples. */
async function hear(server: TestServer, query: string) {
  // deno-lint-ignore no-explicit-any
  const received: any[] = [];
  const { opened, closed } = openSocket(
    server.ws(`/live/CA1/ws${query}&token=${KEY}`),
    {},
    (data) => received.push(typeof data === "string" ? JSON.parse(data) : new Int16Array(data)),
  );
  await opened;
  return { received, closed };
}

Deno.test("live events name the position of the frames they come before", async () => {
  await using server = await TestServer.start({ clock: new ManualClock() });
  const agent = await server.agent({ callId: "CA1", media: LIVE });
  const [mono, stereo, plain] = await Promise.all([
    hear(server, "?events=1"),
    hear(server, "?events=1&channels=2&silence=pcm"),
    hear(server, "?silence=pcm"),
  ]);
  await server.until("CA1", ({ listeners }) => listeners === 3);
  await server.advance(200);
  const first = noise(12_000, 3);
  agent.bot(bytesOf(first));
  await server.received("CA1", "bot", 12_000);
  await server.advance(3000);
  const second = noise(4000, 4);
  agent.bot(bytesOf(second));
  await server.received("CA1", "bot", 16_000);
  await server.advance(2000);
  agent.end();
  await Promise.all([mono.closed, stereo.closed, plain.closed]);
  const whole = new Int16Array(
    plain.received.slice(1).flatMap((frame: Int16Array) => [...frame]),
  );
  for (const [{ received }, channels] of [[mono, 1], [stereo, 2]] as const) {
    assert.deepEqual(received[1], { type: "position", position: 0 }, "first of all");
    let next = -1;
    let seconds = 0;
    for (const [index, message] of received.entries()) {
      if (!(message instanceof Int16Array)) {
        if (message.type !== "position") continue;
        next = message.position;
        if (next % 8000 === 0) seconds++;
        continue;
      }
      if (message.length < 2) continue;
      assert.ok(next >= 0, `frame ${index} follows a position`);
      const mix = channels === 1 ? message : message.filter((_, at) => at % 2 === 1);
      assertSame(mix, whole.subarray(next, next + 400), `the frame at ${next}`);
      next += 400;
    }
    assert.ok(seconds >= 5, `${seconds} positions of full seconds`);
  }
  assert.equal(mono.received.filter(({ type }) => type === "dropped").length, 0);
  // Without events=1 there is no text but the metadata.
  assert.ok(plain.received.slice(1).every((message) => message instanceof Int16Array));
});

Deno.test("live events tell what happened as it is recorded, and a pause to who comes during it", async () => {
  await using server = await TestServer.start({ clock: new ManualClock() });
  const agent = await server.agent({ callId: "CA1", media: LIVE });
  const early = await server.listen("CA1", "?events=1");
  await server.advance(1000);
  agent.event("transcript", { who: "user", text: "hello" });
  agent.bot(bytesOf(noise(8000, 5)));
  await server.received("CA1", "bot", 8000);
  agent.clear();
  agent.pause();
  await server.until("CA1", ({ health }) => health!.paused);
  await server.advance(500);
  const late = await server.listen("CA1", "?events=1");
  agent.resume();
  await early.until(() => early.events.some(({ message }) => message.type === "resumed"), "resume");
  const told = early.events.map(({ message }) => message).filter(({ type }) => type !== "position");
  const [transcript, bargeIn, paused, resumed] = told;
  assert.deepEqual(transcript, {
    type: "event",
    position: 8000,
    name: "transcript",
    data: { who: "user", text: "hello" },
  });
  assert.equal(bargeIn.type, "barge-in");
  assert.deepEqual(paused, { type: "paused", position: 8000 });
  assert.deepEqual(resumed, { type: "resumed", position: 12_000 });
  await late.until(() => late.events.length >= 2, "position and pause");
  assert.equal(late.events[0].message.type, "position");
  assert.deepEqual(late.events[1].message, paused);
  assert.deepEqual([...early.violations, ...late.violations], []);
  agent.end();
  await Promise.all([early.closed, late.closed]);
});
