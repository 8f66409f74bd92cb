import assert from "node:assert/strict";
import { ManualClock } from "../../mixer/clock.ts";
import { EventClient } from "../support/event_client.ts";
import { assertSame } from "../support/same.ts";
import { KEY, OTHER_KEY, TestServer } from "../support/test_server.ts";
import { bytesOf, noise } from "./sounds.ts";

function follow(server: TestServer, key = KEY) {
  return EventClient.open({ url: `${server.origin}/calls/CA1/timeline`, key });
}

/** All pixels that came, by frame; four values each. */
function pixels(timeline: EventClient): Int8Array {
  const parts = timeline.of("peaks").map(({ data }) => ({
    from: data.from,
    bytes: new Int8Array(Uint8Array.fromBase64(data.data).buffer),
  }));
  const end = Math.max(0, ...parts.map(({ from, bytes }) => 4 * from + bytes.length));
  const all = new Int8Array(end).fill(99);
  for (const { from, bytes } of parts) all.set(bytes, 4 * from);
  return all;
}

/** The outline of a bot's sound, the user being silent. */
function outline(bot: Int16Array): number[] {
  const values: number[] = [];
  for (let at = 0; at < bot.length; at += 400) {
    const frame = bot.subarray(at, at + 400);
    values.push(0, 0, Math.min(...frame) >> 8, Math.max(...frame) >> 8);
  }
  return values;
}

Deno.test("timeline tells a recorded call from its beginning to its recording", async () => {
  await using server = await TestServer.start({ clock: new ManualClock() });
  const agent = await server.agent({
    callId: "CA1",
    media: { live: true, recording: true },
    metadata: { a: "b" },
  });
  const sound = noise(240_000, 7);
  for (let at = 0; at < sound.length; at += 80_000) {
    agent.bot(bytesOf(sound.slice(at, at + 80_000)));
  }
  await server.received("CA1", "bot", sound.length);
  await server.advance(12_000);
  agent.event("transcript", { who: "bot", text: "hello" });
  await server.advance(1000);
  agent.pause();
  agent.resume();
  await server.until("CA1", ({ health }) => health?.paused === false);
  await server.advance(1000);
  await using late = await follow(server);
  const snapshot = (await late.message("snapshot")).data;
  assert.equal(late.messages[0].event, "snapshot");
  assert.equal(snapshot.state, "live");
  assert.equal(snapshot.from, 0);
  assert.equal(snapshot.samplesPerPixel, 400);
  assert.equal(snapshot.position, 14_000 * 8 - 800);
  assert.deepEqual(snapshot.metadata, { a: "b" });
  assert.equal(snapshot.recording.state, "recording");
  const [marks] = (await late.message("marks")).data.length === 3 ? late.of("marks") : [];
  assert.deepEqual(marks.data.map(({ type }: { type: string }) => type), [
    "event",
    "paused",
    "resumed",
  ]);
  await late.until(() => pixels(late).length >= 4 * snapshot.position / 400, "the past");
  assertSame(pixels(late), outline(sound.slice(0, snapshot.position)), "the past");
  agent.event("note", 1);
  assert.deepEqual((await late.message("mark")).data.name, "note");
  await server.advance(6000);
  await late.message("state");
  agent.end("hangup");
  const ended = (await late.message("ended")).data;
  assert.equal(ended.reason, "hangup");
  assert.equal(ended.position, 160_000);
  assert.equal((await late.message("recording")).data.state, "complete");
  assert.equal(await late.closed, true);
  const whole = outline(sound.slice(0, 160_000));
  assertSame(pixels(late), whole, "all of the call");
  // The same once more, from the recording alone.
  await using after = await follow(server);
  await after.message("recording");
  assert.equal(await after.closed, true);
  assert.deepEqual(after.messages.map(({ event }) => event), [
    "snapshot",
    "marks",
    "peaks",
    "ended",
    "recording",
  ]);
  assert.equal(after.messages[0].data.state, "ended");
  assertSame(pixels(after), whole, "the recording");
});

Deno.test("timeline of a call without recording has its last seconds", async () => {
  const env = { EARSHOT_REWIND_SECONDS: "2" };
  await using server = await TestServer.start({ clock: new ManualClock(), env });
  await server.api("/calls", { body: { id: "CA1", media: { live: true } } });
  await using early = await follow(server);
  assert.equal((await early.message("snapshot")).data.state, "announced");
  const agent = await server.agent({ callId: "CA1" });
  assert.equal((await early.message("state")).data.state, "live");
  const sound = noise(80_000, 8);
  agent.bot(bytesOf(sound));
  await server.received("CA1", "bot", sound.length);
  await server.advance(5000);
  await using late = await follow(server);
  const { position, from } = (await late.message("snapshot")).data;
  assert.equal(position, 5000 * 8 - 800);
  assert.equal(from, position - 16_000);
  await late.until(() => late.of("peaks").length === 2, "the past");
  assert.equal(late.of("peaks")[0].data.from, from / 400);
  assertSame(
    pixels(late).slice(4 * from / 400),
    outline(sound.slice(from, position)),
    "the past",
  );
  const listener = await server.listen("CA1");
  await early.until(() => early.of("state").at(-1)!.data.listeners === 1, "a listener");
  agent.end();
  for (const timeline of [early, late]) {
    assert.equal((await timeline.message("ended")).data.recording, null);
    assert.equal(await timeline.closed, true);
    assertSame(pixels(timeline).slice(-4 * 40), outline(sound.slice(24_000, 40_000)), "the end");
  }
  await listener.closed;
  await using after = await follow(server);
  assert.equal(await after.closed, true);
  assert.deepEqual(after.messages.map(({ event }) => event), ["snapshot", "ended"]);
});

Deno.test("timeline is for the call's own organisation, and ends when nothing ever begins", async () => {
  const env = { EARSHOT_ANNOUNCE_SECONDS: "3" };
  await using server = await TestServer.start({ clock: new ManualClock(), env });
  const path = "/calls/CA1/timeline";
  assert.equal((await server.api(path)).status, 404);
  await server.api("/calls", { body: { id: "CA1", media: { live: true } } });
  assert.equal((await server.api(path, { key: OTHER_KEY })).status, 401);
  assert.equal((await server.api(path, { key: null })).status, 401);
  await using timeline = await follow(server);
  await timeline.message("snapshot");
  await server.advance(3000);
  assert.equal((await timeline.message("ended")).data.reason, "never_started");
  assert.equal(await timeline.closed, true);
});
