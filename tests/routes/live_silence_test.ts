import assert from "node:assert/strict";
import { ManualClock } from "../../mixer/clock.ts";
import { TestServer } from "../support/test_server.ts";
import { bytesOf, noise } from "./sounds.ts";

const LIVE = { live: true };

Deno.test("live stream shows a sign of life every 5 s of silence, in simulated time", async () => {
  const clock = new ManualClock();
  await using server = await TestServer.start({ clock });
  const agent = await server.agent({ callId: "CA1", media: LIVE });
  const listener = await server.listen("CA1");
  // When each keepalive came, on the simulated clock; a message needs no time to arrive.
  const atMs: number[] = [];
  const step = async () => {
    await server.advance(50);
    while (atMs.length < listener.keepalivesMs.length) atMs.push(clock.now());
  };
  for (let i = 0; i < 20 * 21; i++) await step();
  await listener.until(() => listener.keepalivesMs.length === 4, "four signs of life");
  // The first frames are mixed 100 ms late.
  for (const [index, at] of atMs.entries()) {
    assert.ok(Math.abs(at - 100 - 5000 * (index + 1)) <= 50, `sign ${index} at ${at} ms`);
  }
  // 6 s of sound: no sign of life while it flows, and the silence is counted anew after it.
  agent.bot(bytesOf(noise(48_000, 61)));
  await server.received("CA1", "bot", 48_000);
  for (let i = 0; i < 20 * 10; i++) await step();
  await listener.until(() => listener.frames.length === 120, "all sound");
  assert.equal(listener.keepalivesMs.length, 4);
  for (let i = 0; i < 20 * 2; i++) await step();
  await listener.until(() => listener.keepalivesMs.length === 5, "a fifth sign of life");
  assert.deepEqual(listener.violations, []);
  agent.end();
  await listener.closed;
});

Deno.test("live stream shows a sign of life after 5 s of silence, in real time", async () => {
  await using server = await TestServer.start();
  const agent = await server.agent({ callId: "CA1", media: LIVE });
  const [plain, zeros] = await Promise.all([
    server.listen("CA1"),
    server.listen("CA1", "?silence=pcm"),
  ]);
  await plain.until(() => plain.keepalivesMs.length === 1, "a sign of life");
  // The other listener's frames tell the server's time, however busy the machine is.
  const framesOfSilence = zeros.frames.length;
  assert.ok(framesOfSilence >= 95 && framesOfSilence <= 115, `after ${framesOfSilence} frames`);
  agent.end();
  await Promise.all([plain.closed, zeros.closed]);
  assert.equal(plain.frames.length, 0);
  assert.equal(zeros.keepalivesMs.length, 0);
});
