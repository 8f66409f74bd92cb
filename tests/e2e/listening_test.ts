import assert from "node:assert/strict";
import { openBrowser } from "../support/browser.ts";
import { testWith } from "../support/programs.ts";
import { KEY, TestServer } from "../support/test_server.ts";
import { indexError, indexSound } from "../static/index_sound.ts";
import { BrowserListening, type Tapped } from "./browser_listening.ts";
import { readWav } from "./conversation.ts";

const RATES = [8000, 16_000] as const;
const DEVICES = [44_100, 48_000];

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
  // The recording tells which index lies at a position; only its beginning is not the index itself.
  const first = recording.findIndex((sample) => sample !== 0);
  let worst = 0;
  let checked = 0;
  for (const { frame, position, playing } of marks) {
    if (!playing || frame > samples.length - 200) continue;
    const error = indexError(samples, frame, position - first, step);
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
