import assert from "node:assert/strict";
import { ManualClock } from "../../mixer/clock.ts";
import type { RecordingInfo } from "../../recordings/store.ts";
import { inMemory } from "../recordings/file_support.ts";
import { EventClient } from "../support/event_client.ts";
import { assertSame } from "../support/same.ts";
import { KEY, sleep, TestServer } from "../support/test_server.ts";
import {
  assertFilesClean,
  fileOf,
  inFolder,
  inS3,
  type Places,
  settled,
} from "./redaction_places.ts";
import {
  assertClean,
  BOT_RATE,
  mulaw,
  PLAIN,
  PLAIN_HZ,
  QUEUED_HZ,
  RATE,
  SECRET,
  SECRET_HZ,
  USER_RATE,
  Voice,
} from "./redaction_voices.ts";
import { bytesOf } from "./sounds.ts";

Deno.test.sanitizer({ ops: true, resources: true });

const FRAME_MS = 50;
const STEP_MS = 100;
const RINGING = 0.005 * RATE;

for (const [name, place] of [["a folder", inFolder], ["S3", inS3]] as const) {
  Deno.test(`What is said while a call is paused is found nowhere: not live, not later, in no file, with ${name}`, async () => {
    const folder = await Deno.makeTempDir({ prefix: "redaction-", ...await inMemory() });
    try {
      await using places = await place(folder);
      await pauseAndSearch(places);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  });
}

/** Holds a call with two pauses, and looks for what was said in them wherever it could be. */
async function pauseAndSearch(places: Places): Promise<void> {
  // S3 looks at the time of day of a request.
  const clock = new ManualClock(0, Date.now());
  await using server = await TestServer.start({ clock, env: places.env });
  const agent = await server.agent({
    callId: "CA1",
    sampleRate: RATE,
    tracks: {
      user: { encoding: "mulaw", sampleRate: USER_RATE },
      bot: { encoding: "pcm_s16le", sampleRate: BOT_RATE },
    },
    media: { live: true, recording: true },
  });
  const listener = await server.listen("CA1", "?channels=2&silence=pcm");
  const timeline = await EventClient.open({
    url: `${server.origin}/calls/CA1/timeline`,
    key: KEY,
  });
  const [user, bot] = [new Voice(USER_RATE), new Voice(BOT_RATE)];
  const needles: Uint8Array[] = [];

  /** Sends something and waits until it has arrived. */
  const send = async (side: "user" | "bot", payload: Uint8Array<ArrayBuffer>) => {
    const { health } = await server.until("CA1", () => true);
    agent[side](payload);
    await server.received("CA1", side, health![side].received + 1);
  };
  const isPaused = (wished: boolean) =>
    server.until("CA1", ({ health }) => health!.paused === wished);
  const say = async (ms: number, isSecret: boolean, botSpeaks = true) => {
    for (let at = 0; at < ms; at += STEP_MS) {
      await server.advance(STEP_MS);
      const amplitude = isSecret ? SECRET : PLAIN;
      const hz = isSecret ? SECRET_HZ : PLAIN_HZ;
      const said = mulaw(user.say(hz.user, amplitude, STEP_MS));
      if (isSecret) needles.push(said.slice(0, 40));
      await send("user", said);
      if (botSpeaks) {
        const spoken = bytesOf(bot.say(hz.bot, amplitude, STEP_MS));
        if (isSecret) needles.push(spoken.slice(0, 40));
        await send("bot", spoken);
      }
    }
  };
  const speak = async (hz: number, amplitude: number, ms: number) => {
    const speech = bytesOf(bot.say(hz, amplitude, ms));
    if (amplitude === SECRET) needles.push(speech.slice(1000, 1040));
    await send("bot", speech);
  };

  /** Nobody speaks: the sockets get by with a turn every few frames. */
  const rest = async (untilMs: number) => {
    while (clock.now() < untilMs) {
      await clock.advance(Math.min(4 * FRAME_MS, untilMs - clock.now()));
      await sleep(1);
    }
  };

  const pauses: [from: number, to: number][] = [];
  for (const atMs of places.roundsAtMs) {
    await rest(atMs);
    await say(800, false);
    // Queued before the pause, to be spoken before, during and after it.
    await speak(QUEUED_HZ, PLAIN, 3000);
    await say(500, false, false);
    agent.pause();
    await isPaused(true);
    await say(700, true);
    const words = "4111 1111 1111 1111";
    agent.event("transcript", { who: "user", text: words });
    needles.push(new TextEncoder().encode(words));
    // Queued while paused: it would be spoken after.
    await speak(SECRET_HZ.bot, SECRET, 2000);
    await say(300, true, false);
    agent.resume();
    await isPaused(false);
    await say(3000, false, false);
  }
  // Until the recorder has written the last pause, too.
  await say(7000, false);
  for (const { atMs, files } of places.running) {
    await rest(atMs);
    await settled(places, files);
  }
  await assertFilesClean(places, needles, "while it runs");
  const late = await server.listen("CA1", "?channels=2&silence=pcm&from=0");
  await server.advance(500);
  agent.end();
  // Who comes up from behind is paced by the clock.
  let isOpen = true;
  const closed = Promise.all([listener.closed, late.closed]).then(() => isOpen = false);
  for (let turn = 0; isOpen && turn < 400; turn++) await server.advance(100);
  assert.ok(!isOpen, "both have heard the end");
  await closed;
  await server.until("CA1", ({ recording }) => recording?.state === "complete");
  await timeline.closed;
  assert.doesNotMatch(JSON.stringify(timeline.messages), /4111 1111/);
  await settled(places, Object.values(places.kept), places.gone);
  await assertFilesClean(places, needles, "when it is kept");

  const manifest = await fileOf(places, places.kept.manifest);
  const { markers, events }: RecordingInfo = JSON.parse(new TextDecoder().decode(manifest));
  assert.deepEqual(events, [], "nor what was told of it");
  for (let i = 0; i < markers.length; i += 2) {
    pauses.push([markers[i].position, markers[i + 1].position]);
  }
  assert.deepEqual(markers.map(({ type }) => type), ["paused", "resumed", "paused", "resumed"]);
  const url = `${server.origin}/calls/CA1/recording?channels=2`;
  const wav = await (await fetch(url, { headers: { "x-api-key": KEY } })).arrayBuffer();
  const kept = new Int16Array(wav, 80);
  const peaks = new Int8Array((await fileOf(places, places.kept.peaks)).buffer);
  for (
    const [what, stereo] of [
      ["live", listener.samples()],
      ["rewound", late.samples()],
      ["recording", kept],
    ] as const
  ) {
    assertClean(stereo, what);
    for (const [from, to] of pauses) {
      assert.ok(to - from >= RATE, "a second and more");
      // What was heard before it rings out for 5 ms.
      const silent = stereo.subarray(2 * (from + RINGING), 2 * to);
      assert.equal(silent.findIndex((sample) => sample !== 0), -1, `${what} from ${from}`);
      assert.ok(stereo.subarray(2 * (from - RATE / 2), 2 * from).some(Boolean), "and no sooner");
      assert.ok(stereo.subarray(2 * to, 2 * (to + RATE / 2)).some(Boolean), "and no longer");
      const around = (sound: Int16Array) => sound.subarray(2 * (from - RATE / 2), 2 * to);
      assertSame(around(stereo), around(kept), `${what} around ${from}`);
    }
  }
  for (const [from, to] of pauses) {
    const silent = peaks.subarray(
      4 * Math.ceil((from + RINGING) / 200),
      4 * Math.floor(to / 200),
    );
    assert.equal(silent.findIndex((peak) => peak !== 0), -1, "peaks");
  }
}
