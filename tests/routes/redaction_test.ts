import assert from "node:assert/strict";
import { ManualClock } from "../../mixer/clock.ts";
import type { RecordingInfo } from "../../recordings/store.ts";
import { EventClient } from "../support/event_client.ts";
import { assertSame } from "../support/same.ts";
import { KEY, TestServer } from "../support/test_server.ts";

Deno.test.sanitizer({ ops: true, resources: true });

const RATE = 16_000;
const USER_RATE = 8000;
const BOT_RATE = 24_000;
const STEP_MS = 100;

/** What the sides say when it may be heard, and what they say only while the call is paused. */
const PLAIN_HZ = { user: 300, bot: 410 };
const QUEUED_HZ = 900;
const SECRET_HZ = { user: 2000, bot: 2600 };
const PLAIN = 2000;
const SECRET = 8000;
const RINGING = 0.005 * RATE;
/** Most amplitude of a secret that the edges and the noise of what is not secret may look like. */
const MOST = 60;

class Voice {
  #at = 0;
  constructor(readonly rate: number) {}

  /** The next `ms` of a tone. */
  say(hz: number, amplitude: number, ms: number): Int16Array<ArrayBuffer> {
    return Int16Array.from({ length: this.rate * ms / 1000 }, () => {
      return Math.round(amplitude * Math.sin(2 * Math.PI * hz * this.#at++ / this.rate));
    });
  }
}

/** G.711 mu-law, well enough for a test. */
function mulaw(samples: Int16Array): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(samples, (sample) => {
    const sign = sample < 0 ? 0x80 : 0;
    const magnitude = Math.min(32_635, Math.abs(sample)) + 132;
    const exponent = Math.floor(Math.log2(magnitude)) - 7;
    return ~(sign | exponent << 4 | (magnitude >> exponent + 3) & 15) & 0xff;
  });
}

function bytesOf(samples: Int16Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  return new Uint8Array(samples.buffer);
}

/** The greatest amplitude of a tone in any 20 ms of a signal. */
function loudest(samples: Int16Array, hz: number): number {
  const length = RATE / 50;
  let most = 0;
  for (let from = 0; from + length <= samples.length; from += length / 2) {
    let [re, im] = [0, 0];
    for (let i = 0; i < length; i++) {
      const hann = 1 - Math.cos(2 * Math.PI * i / length);
      re += hann * samples[from + i] * Math.cos(2 * Math.PI * hz * i / RATE);
      im += hann * samples[from + i] * Math.sin(2 * Math.PI * hz * i / RATE);
    }
    most = Math.max(most, 2 * Math.hypot(re, im) / length);
  }
  return most;
}

function sides(stereo: Int16Array): { user: Int16Array; bot: Int16Array } {
  return {
    user: stereo.filter((_, index) => index % 2 === 0),
    bot: stereo.filter((_, index) => index % 2 === 1),
  };
}

/** No secret in any 20 ms, neither side's on either side; what is plain can be heard. */
function assertClean(stereo: Int16Array, what: string): void {
  for (const [side, samples] of Object.entries(sides(stereo))) {
    for (const hz of Object.values(SECRET_HZ)) {
      const found = loudest(samples, hz);
      assert.ok(found <= MOST, `${what}: ${found} of ${hz} Hz on the ${side}'s side`);
    }
    const plain = loudest(samples, PLAIN_HZ[side as "user" | "bot"]);
    assert.ok(plain > 0.9 * PLAIN, `${what}: the ${side} is heard, ${plain}`);
  }
}

/** Everything that lies in a folder, by path. */
async function filesUnder(folder: string): Promise<Map<string, Uint8Array<ArrayBuffer>>> {
  const files = new Map<string, Uint8Array<ArrayBuffer>>();
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    const path = `${folder}/${name}`;
    if (!isDirectory) files.set(path, await Deno.readFile(path));
    else for (const entry of await filesUnder(path)) files.set(...entry);
  }
  return files;
}

function indexOf(bytes: Uint8Array, needle: Uint8Array): number {
  const text = (part: Uint8Array) => new TextDecoder("latin1").decode(part);
  return text(bytes).indexOf(text(needle));
}

Deno.test("What is said while a call is paused is found nowhere: not live, not later, in no file", async () => {
  const folder = await Deno.makeTempDir({ prefix: "redaction-" });
  try {
    await using server = await TestServer.start({
      clock: new ManualClock(),
      env: {
        EARSHOT_RECORDINGS: `file:${folder}/recordings`,
        EARSHOT_STATE: `file:${folder}/state`,
      },
    });
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

    const pauses: [from: number, to: number][] = [];
    for (let round = 0; round < 2; round++) {
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
    await filesAreClean("while it runs", needles, folder);
    const late = await server.listen("CA1", "?channels=2&silence=pcm&from=0");
    await server.advance(500);
    agent.end();
    // Who comes up from behind is paced by the clock.
    let isOpen = true;
    const closed = Promise.all([listener.closed, late.closed]).then(() => isOpen = false);
    for (let turn = 0; isOpen && turn < 200; turn++) await server.advance(100);
    assert.ok(!isOpen, "both have heard the end");
    await closed;
    await server.until("CA1", ({ recording }) => recording?.state === "complete");
    await timeline.closed;
    assert.doesNotMatch(JSON.stringify(timeline.messages), /4111 1111/);
    await filesAreClean("when it is kept", needles, folder);

    const manifest = await Deno.readTextFile(`${folder}/recordings/acme/CA1.json`);
    const { markers, events }: RecordingInfo = JSON.parse(manifest);
    assert.deepEqual(events, [], "nor what was told of it");
    for (let i = 0; i < markers.length; i += 2) {
      pauses.push([markers[i].position, markers[i + 1].position]);
    }
    assert.deepEqual(markers.map(({ type }) => type), ["paused", "resumed", "paused", "resumed"]);
    const url = `${server.origin}/calls/CA1/recording?channels=2`;
    const wav = await (await fetch(url, { headers: { "x-api-key": KEY } })).arrayBuffer();
    const kept = new Int16Array(wav, 80);
    const outline = await Deno.readFile(`${folder}/recordings/acme/CA1.peaks`);
    const peaks = new Int8Array(outline.buffer);
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
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

async function filesAreClean(when: string, needles: Uint8Array[], folder: string): Promise<void> {
  const files = await filesUnder(folder);
  assert.ok([...files.keys()].some((path) => path.endsWith("/CA1.wav")), when);
  for (const [path, bytes] of files) {
    for (const needle of needles) {
      assert.equal(indexOf(bytes, needle), -1, `${path} ${when} has what was said in a pause`);
    }
    if (path.endsWith(".wav")) assertClean(new Int16Array(bytes.buffer, 80), `${path} ${when}`);
  }
}
