import assert from "node:assert/strict";
import { ManualClock } from "../../mixer/clock.ts";
import type { ListenerClient } from "../support/listener_client.ts";
import type { PcmClient } from "../support/pcm_client.ts";
import { seededRandom } from "../support/random.ts";
import { assertSame } from "../support/same.ts";
import { KEY, TestServer } from "../support/test_server.ts";
import { bytesOf, noise, readWav } from "./sounds.ts";

const RECORDED = { live: true, recording: true };
const RATE = 8000;
const FRAME = 400;

/** Sends both sides so much sound, the bot's at once, the user's while time goes on. */
async function talk(
  server: TestServer,
  agent: PcmClient,
  seconds: number,
  seed: number,
  withUser = true,
) {
  const { body } = await server.api("/calls/CA1");
  const { received } = body.health!.bot;
  agent.bot(bytesOf(noise(RATE * seconds, seed)));
  await server.received("CA1", "bot", received + RATE * seconds);
  for (let second = 0; second < seconds; second++) {
    if (!withUser) {
      await server.advance(1000);
      continue;
    }
    const before = (await server.api("/calls/CA1")).body.health!.user.received;
    agent.user(bytesOf(noise(RATE, seed + 1 + second)));
    await server.received("CA1", "user", before + RATE);
    await server.advance(1000);
  }
}

/** The position of each frame as the events said; the frames follow one another between them. */
function positions(listener: ListenerClient): number[] {
  return listener.events
    .map(({ message }) => message)
    .filter(({ type }) => type === "position")
    .map(({ position }) => position as number);
}

async function recordingOf(server: TestServer): Promise<Int16Array> {
  const response = await fetch(`${server.origin}/calls/CA1/recording?channels=2&token=${KEY}`);
  return readWav(new Uint8Array(await response.arrayBuffer())).samples;
}

/** Lets simulated time go on until it is so. */
async function advanceUntil(server: TestServer, done: () => boolean, what: string) {
  for (let turn = 0; !done(); turn++) {
    if (turn === 2000) throw new Error(`No ${what}`);
    await server.advance(50);
  }
}

for (const store of ["memory:", "file:"] as const) {
  Deno.test(`from= starts in the past and goes on live, as the ${store} recording has it to the sample`, async () => {
    const folder = store === "file:" ? await Deno.makeTempDir({ prefix: "live-from-" }) : undefined;
    await using server = await TestServer.start({
      clock: new ManualClock(),
      env: folder === undefined
        ? {}
        : { EARSHOT_RECORDINGS: `file:${folder}/recordings`, EARSHOT_STATE: "memory:" },
    });
    const agent = await server.agent({ callId: "CA1", media: RECORDED });
    await talk(server, agent, 12, 100);
    const random = seededRandom(4711);
    const wanted = Array.from(
      { length: 100 },
      () => Math.round((random() * 30 - 15) * 1000) / 1000,
    );
    wanted.push(0, -3, 3, 11.9, -0.05, -100, 100, 5.025);
    const listeners: { from: number; edge: number; listener: ListenerClient }[] = [];
    for (const from of wanted) {
      const edge = (await server.api("/calls/CA1")).body.durationSeconds * RATE - 800;
      const query = `?from=${from}&silence=pcm&channels=2&events=1`;
      listeners.push({ from, edge, listener: await server.listen("CA1", query) });
      if (listeners.length % 5 === 0) await server.advance(50);
    }
    // The user is silent now: audio of theirs would come late after the gap, and be heard in the
    // recording alone.
    await talk(server, agent, 7, 200, false);
    agent.end();
    await Promise.all(listeners.map(({ listener }) => listener.closed));
    await server.until("CA1", ({ recording }) => recording?.state === "complete");
    const recording = await recordingOf(server);
    for (const { from, edge, listener } of listeners) {
      const [begin] = positions(listener);
      const ideal = from < 0 ? edge + from * RATE : from * RATE;
      const clamped = Math.max(0, Math.min(ideal, edge));
      assert.equal(begin % FRAME, 0);
      assert.ok(clamped - begin >= 0 && clamped - begin < FRAME, `from=${from}: ${begin}`);
      assertSame(listener.samples(), recording.subarray(2 * begin), `from=${from}`);
      assert.deepEqual(listener.violations, []);
    }
    if (folder !== undefined) {
      await server.close();
      await Deno.remove(folder, { recursive: true });
    }
  });
}

Deno.test("from= leaves out silence, comes in the view that was asked for, and tells positions", async () => {
  await using server = await TestServer.start({ clock: new ManualClock() });
  const agent = await server.agent({ callId: "CA1", media: RECORDED });
  await talk(server, agent, 2, 300);
  await server.advance(4000);
  await talk(server, agent, 2, 310);
  const views = ["", "&track=user", "&track=bot", "&events=1"];
  const listeners = await Promise.all(views.map((view) => server.listen("CA1", `?from=0${view}`)));
  await server.advance(3000);
  agent.end();
  await Promise.all(listeners.map(({ closed }) => closed));
  const recording = await recordingOf(server);
  const frames = recording.length / 2 / FRAME;
  for (const [index, listener] of listeners.entries()) {
    const expected: number[] = [];
    for (let frame = 0; frame < frames; frame++) {
      const stereo = recording.subarray(2 * FRAME * frame, 2 * FRAME * (frame + 1));
      const sides = [
        stereo.filter((_, at) => at % 2 === 0),
        stereo.filter((_, at) => at % 2 === 1),
      ];
      const heard = index === 1 ? [sides[0]] : index === 2 ? [sides[1]] : sides;
      if (heard.every((side) => side.every((sample) => sample === 0))) continue;
      for (let at = 0; at < FRAME; at++) {
        const sum = heard.reduce((total, side) => total + side[at], 0);
        expected.push(Math.max(-32768, Math.min(32767, sum)));
      }
    }
    assertSame(listener.samples(), expected, `view ${index}`);
    assert.equal(listener.ended, true);
  }
  // Both talks begin with a position of their own.
  const told = positions(listeners[3]);
  assert.equal(told[0], 0);
  assert.ok(told.some((at) => at > 4 * RATE && at <= 6 * RATE), `${told}`);
});

Deno.test("from= of a call without recording goes back as far as is held", async () => {
  const env = { EARSHOT_REWIND_SECONDS: "5" };
  await using server = await TestServer.start({ clock: new ManualClock(), env });
  const agent = await server.agent({ callId: "CA1", media: { live: true } });
  const whole = await server.listen("CA1", "?silence=pcm&channels=2");
  await talk(server, agent, 8, 400);
  const random = seededRandom(4712);
  const wanted = [0, -3, -100, ...Array.from({ length: 10 }, () => -6 * random())];
  const edge = 8 * RATE - 800;
  const late = await Promise.all(wanted.map(async (from) => ({
    from,
    listener: await server.listen(
      "CA1",
      `?from=${from.toFixed(3)}&silence=pcm&channels=2&events=1`,
    ),
  })));
  await talk(server, agent, 2, 500);
  agent.end();
  await Promise.all([whole, ...late.map(({ listener }) => listener)].map(({ closed }) => closed));
  const heard = whole.samples();
  for (const { from, listener } of late) {
    const [begin] = positions(listener);
    const ideal = Math.max(edge - 5 * RATE, from === 0 ? 0 : edge + Number(from.toFixed(3)) * RATE);
    assert.ok(ideal - begin >= 0 && ideal - begin < FRAME, `from=${from}: ${begin}`);
    assertSame(listener.samples(), heard.subarray(2 * begin), `from=${from}`);
  }
});

Deno.test("from= of a call whose recording is capped goes on with what is held after it", async () => {
  const env = { EARSHOT_REWIND_SECONDS: "8" };
  await using server = await TestServer.start({ clock: new ManualClock(), env });
  const media = { ...RECORDED, maxDurationSeconds: 3 };
  const agent = await server.agent({ callId: "CA1", media });
  const whole = await server.listen("CA1", "?silence=pcm");
  await talk(server, agent, 10, 450, false);
  const complete = await server.listen("CA1", "?from=0&silence=pcm&events=1");
  await talk(server, agent, 10, 460, false);
  const late = await server.listen("CA1", "?from=0&silence=pcm&events=1");
  const sparing = await server.listen("CA1", "?from=0&events=1");
  await server.advance(1000);
  agent.end();
  await Promise.all([whole, complete, late, sparing].map(({ closed }) => closed));
  const heard = whole.samples();
  assertSame(complete.samples(), heard, "while all is held");
  const jump = positions(sparing).findLast((at, index, all) =>
    index > 0 && at - all[index - 1] > RATE
  );
  assert.equal(jump, 20 * RATE - 800 - 8 * RATE);
  const expected = Int16Array.from(heard).fill(0, 3 * RATE, jump);
  assertSame(late.samples(), expected, "with silence in place of what is not held");
});

Deno.test("from= is live where nothing is held, and what is paused is silence", async () => {
  const env = { EARSHOT_REWIND_SECONDS: "0" };
  await using server = await TestServer.start({ clock: new ManualClock(), env });
  const unkept = await server.agent({ callId: "CA2", media: { live: true } });
  await server.advance(1000);
  const live = await server.listen("CA2", "?from=0&silence=pcm&events=1");
  await server.advance(500);
  unkept.end();
  await live.closed;
  assert.ok(positions(live)[0] >= 7200, "no past");
  const agent = await server.agent({ callId: "CA1", media: RECORDED });
  await talk(server, agent, 2, 600);
  agent.pause();
  await server.until("CA1", ({ health }) => health!.paused);
  agent.user(bytesOf(noise(8000, 601)));
  await server.advance(2000);
  const during = await server.listen("CA1", "?from=-1&silence=pcm&events=1");
  await server.advance(200);
  agent.resume();
  await server.until("CA1", ({ health }) => !health!.paused);
  await talk(server, agent, 1, 610);
  const after = await server.listen("CA1", "?from=0&events=1");
  await server.advance(1000);
  agent.end();
  await Promise.all([during.closed, after.closed]);
  const told = during.events.map(({ message }) => message.type)
    .filter((type) => type !== "position");
  assert.deepEqual(told, ["paused", "resumed"]);
  const begin = positions(during)[0];
  const silence = during.samples().subarray(0, 4 * RATE - begin);
  assert.ok(silence.every((sample) => sample === 0), "nothing of the pause");
  // In order: what happened comes before the frames that follow it.
  assert.deepEqual(
    after.events.map(({ message }) => message.type).filter((type) => type !== "position"),
    ["paused", "resumed"],
  );
  assertSame(positions(after), positions(after).toSorted((a, b) => a - b), "positions in order");
});

Deno.test("from= is refused when it is no time, and when too many catch up", async () => {
  const env = { EARSHOT_MAX_CATCHING_UP: "1" };
  await using server = await TestServer.start({ clock: new ManualClock(), env });
  const agent = await server.agent({ callId: "CA1", media: RECORDED });
  await talk(server, agent, 10, 700);
  const ask = (query: string) => server.api(`/live/CA1/ws${query}`);
  for (const from of ["", "x", "1e3", "1,5", "Infinity", "--1", "1234567"]) {
    const { status, body } = await ask(`?from=${from}`);
    assert.equal(status, 400, from);
    assert.equal(body.error.code, "bad_query");
  }
  // 160 KB: more than is sent in one turn, and turns need time, which stands still.
  const first = await server.listen("CA1", "?from=0&silence=pcm");
  const refused = await ask("?from=0");
  assert.equal(refused.status, 429);
  assert.equal(refused.body.error.code, "too_many_catching_up");
  assert.equal((await ask("")).status, 426);
  await advanceUntil(server, () => first.frames.length >= 200, "all of the past");
  assert.equal((await ask("?from=0")).status, 426);
  agent.end();
  await first.closed;
  assert.equal(first.ended, true);
});

Deno.test("from= hears a call to its end that ends meanwhile", async () => {
  await using server = await TestServer.start({ clock: new ManualClock() });
  const agent = await server.agent({ callId: "CA1", media: RECORDED });
  await talk(server, agent, 20, 800);
  const listener = await server.listen("CA1", "?from=0&silence=pcm&channels=2");
  agent.end();
  await agent.closed;
  await advanceUntil(server, () => listener.ended, "end");
  assert.equal((await listener.closed).code, 1000);
  const recording = await recordingOf(server);
  assertSame(listener.samples(), recording, "all of it");
});
