import assert from "node:assert/strict";
import { openBrowser } from "../support/browser.ts";
import { testWith } from "../support/programs.ts";
import { seededRandom } from "../support/random.ts";
import { assertSame } from "../support/same.ts";
import { KEY, TestServer } from "../support/test_server.ts";
import { indexError, indexOf, indexSound } from "../static/index_sound.ts";
import { BrowserListening, type Tapped } from "./browser_listening.ts";
import { readWav } from "./conversation.ts";

const RATES = [8000, 16_000] as const;
const DEVICES = [44_100, 48_000];
const SEED = 7;

/** Sends index sound as the user for `seconds`, as it is spoken. Answers how to wait for its end. */
async function speakIndex(
  server: TestServer,
  callId: string,
  rateHz: 8000 | 16_000,
  seconds: number,
) {
  const media = { live: true, recording: true };
  const agent = await server.agent({ callId, sampleRate: rateHz, timestamps: true, media });
  const sound = Int16Array.from({ length: seconds * rateHz }, (_, n) => {
    const { user, bot } = indexSound(n);
    return user + bot;
  });
  const stop = new AbortController();
  const sent = agent.stream("user", new Uint8Array(sound.buffer), {
    frameBytes: rateHz / 50 * 2,
    signal: stop.signal,
  }).catch(() => {});
  return {
    async end() {
      stop.abort();
      await sent;
      agent.end("hangup");
      await agent.closed;
    },
  };
}

/** The user's side as it was recorded. */
async function recorded(server: TestServer, callId: string): Promise<Int16Array> {
  await server.until(callId, ({ recording }) => recording?.state === "complete");
  const url = `${server.origin}/calls/${callId}/recording?track=user`;
  const response = await fetch(url, { headers: { "X-API-Key": KEY } });
  return await readWav(new Uint8Array(await response.arrayBuffer()));
}

/**
 * Compares what was heard with what was recorded at the position that was told. Answers the largest
 * distance in samples and the number of comparisons.
 */
function agreement({ samples, marks }: Tapped, recording: Int16Array, step: number) {
  let worst = 0;
  let checked = 0;
  for (const { frame, position, playing } of marks) {
    if (!playing || frame > samples.length - 200) continue;
    const at = Math.floor(position);
    // A busy machine may send late, and the server has moved what came later then.
    if (recording[at + 100] - recording[at - 100] !== 200) continue;
    const index = indexOf(recording[at]) + position - at;
    const error = indexError(samples, frame, index, step);
    if (error === undefined) continue;
    checked++;
    worst = Math.max(worst, Math.abs(error));
  }
  return { worst, checked };
}

testWith(
  ["chromium"],
  "Listening tells the position that is heard, at any rate of call and device",
  async () => {
    await using server = await TestServer.start();
    const browser = await openBrowser();
    try {
      for (const rateHz of RATES) {
        const callId = `CA${rateHz}`;
        const call = await speakIndex(server, callId, rateHz, 60);
        const listeners = await Promise.all(
          DEVICES.map((device) => BrowserListening.open(browser, server, callId, device)),
        );
        await Promise.all(listeners.map((listener) => listener.played(3)));
        const tapped = await Promise.all(listeners.map((listener) => listener.close()));
        await call.end();
        const recording = await recorded(server, callId);
        tapped.forEach((tap, index) => {
          const { worst, checked } = agreement(tap, recording, rateHz / DEVICES[index]);
          assert.ok(checked > 20, `${checked} checked at ${rateHz}, ${DEVICES[index]} Hz`);
          assert.ok(worst < 1, `${worst} samples away at ${rateHz}, ${DEVICES[index]} Hz`);
        });
      }
    } finally {
      await browser.close();
    }
  },
);

testWith(
  ["chromium"],
  "Listening goes back in a call ten times, to the sample, and comes back to live",
  async () => {
    const rateHz = 16_000;
    await using server = await TestServer.start();
    const browser = await openBrowser();
    try {
      const call = await speakIndex(server, "CA1", rateHz, 120);
      await server.received("CA1", "user", 2 * rateHz);
      const listener = await BrowserListening.open(browser, server, "CA1", rateHz);
      await listener.played(6);
      const random = seededRandom(SEED);
      for (let n = 0; n < 10; n++) {
        const seconds = 0.5 + 6 * random();
        const before = await listener.frame();
        await listener.tell("seek", seconds);
        const wanted = Math.round(seconds * rateHz);
        await listener.marked({
          after: before,
          playing: true,
          live: false,
          from: wanted + 1600,
          to: wanted + 2 * rateHz,
        });
      }
      await listener.tell("pause");
      await listener.marked({ playing: false });
      await listener.tell("goLive");
      await listener.marked({ playing: true, live: true });
      const tap = await listener.close();
      await call.end();
      const { worst, checked } = agreement(tap, await recorded(server, "CA1"), 1);
      assert.ok(checked > 60, `${checked} checked`);
      assert.ok(worst < 1, `${worst} samples away`);
    } finally {
      await browser.close();
    }
  },
);

testWith(
  ["chromium"],
  "Listening goes on with the recording when the call ends, without a seam",
  async () => {
    const rateHz = 8000;
    await using server = await TestServer.start();
    const browser = await openBrowser();
    try {
      const call = await speakIndex(server, "CA1", rateHz, 120);
      await server.received("CA1", "user", 4 * rateHz);
      const listener = await BrowserListening.open(browser, server, "CA1", rateHz);
      await listener.played(2);
      await listener.tell("seek", 1);
      await listener.marked({ playing: true, live: false, from: 1.2 * rateHz });
      const from = await listener.frame();
      await call.end();
      const recording = await recorded(server, "CA1");
      await listener.marked({ from: recording.length });
      const frame = await listener.frame();
      await listener.tell("seek", 2);
      await listener.marked({ after: frame, playing: true, from: 2.5 * rateHz, to: 4 * rateHz });
      const tap = await listener.close();
      const { worst, checked } = agreement(tap, recording, 1);
      assert.ok(checked > 60 && worst < 1, `${worst} samples away, ${checked} checked`);
      // To the sample, and all of it: from the jump to the end of the sound.
      const mark = tap.marks.find(({ frame }) => frame >= from - tap.firstFrame)!;
      const end = recording.findLastIndex((sample) => sample !== 0);
      const heard = tap.samples.subarray(mark.frame, mark.frame + end - 400 - mark.position);
      assertSame(
        heard.map((sample) => Math.round(sample * 32768)),
        recording.subarray(mark.position, end - 400),
        "what was heard",
      );
    } finally {
      await browser.close();
    }
  },
);
