import assert from "node:assert/strict";
import type { Browser } from "playwright-core";
import { openBrowser } from "../support/browser.ts";
import { correlate, correlateWindows, type WindowLag } from "../support/correlate.ts";
import { testWith } from "../support/programs.ts";
import { assertSame } from "../support/same.ts";
import { KEY, TestServer } from "../support/test_server.ts";
import { startTwilioCall } from "../support/twilio_client.ts";
import { type Conversation, makeConversation, readWav, toRate } from "./conversation.ts";

const RATE = 8000;
/** A busy machine disturbs what is heard in real time; what is recorded is right every time. */
const ATTEMPTS = 3;

testWith(
  ["chromium", "espeak-ng", "python3", "sox"],
  "A call from Twilio is heard in the browser as it was spoken, and recorded to the bit",
  async () => {
    const conversation = await makeConversation();
    await using server = await TestServer.start();
    const browser = await openBrowser();
    try {
      const summaries: string[] = [];
      for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
        const id = `CA000000000000000${attempt}`;
        const played = await call(id, conversation, server, browser);
        await checkRecording(id, conversation, server);
        const { isSame, summary } = await compare(played, conversation);
        console.log(summary);
        if (isSame) return;
        summaries.push(summary);
      }
      assert.fail(summaries.join("\n"));
    } finally {
      await browser.close();
    }
  },
);

interface Played {
  samples: number[];
  rateHz: number;
}

/** Announces a call, opens the player, lets Twilio stream it, and answers what the page played. */
async function call(
  id: string,
  { mulaw }: Conversation,
  server: TestServer,
  browser: Browser,
): Promise<Played> {
  const media = { live: true, recording: true };
  assert.equal((await server.api("/calls", { body: { id, media } })).body.state, "announced");
  const page = await browser.newPage();
  await page.goto(`${server.origin}/live/${id}/player?token=${KEY}#tap`);
  await page.locator("#toggle").click();
  await page.locator('#player:not([data-state="idle"]):not([data-state="connecting"])').waitFor();
  const stream = await startTwilioCall({
    url: server.ws("/ingest/twilio"),
    callSid: id,
    token: KEY,
    ...mulaw,
    jitterMs: [5, 80],
    seed: 20,
  });
  await stream.closed;
  await page.locator('#player[data-state="ended"]').waitFor();
  const played = await page.evaluate(() => {
    const tap = (globalThis as unknown as { earshotTap: Tap }).earshotTap;
    return { samples: Array.from(tap.samples()), rateHz: tap.sampleRateHz };
  });
  await page.close();
  return played;
}

interface Tap {
  samples(): Float32Array;
  sampleRateHz: number;
}

/** Both sides of the recording begin with what was sent, to the bit. */
async function checkRecording(id: string, { pcm }: Conversation, server: TestServer) {
  for (const [side, expected] of Object.entries(pcm)) {
    const url = `${server.origin}/calls/${id}/recording?track=${side}`;
    const response = await fetch(url, { headers: { "X-API-Key": KEY } });
    const recorded = await readWav(new Uint8Array(await response.arrayBuffer()));
    assertSame(recorded.subarray(0, expected.length), expected, side);
  }
}

/** Compares what was played with the mix that sox made of the two files, half a second at a time. */
async function compare({ samples, rateHz }: Played, { mix }: Conversation) {
  const heard = Int16Array.from(samples, (sample) => Math.round(sample * 32767));
  const spoken = await toRate(mix, RATE, rateHz);
  const lags = findLags(spoken, heard, rateHz);
  const peaks = lags.map(({ peak }) => peak).sort((a, b) => a - b);
  const lagsMs = lags.map(({ lagSamples }) => (lagSamples * 1000) / rateHz);
  const spreadMs = Math.max(...lagsMs) - Math.min(...lagsMs);
  return {
    isSame: lags.length >= 20 && peaks[0] > 0.99 && spreadMs <= 20,
    summary: `${lags.length} windows, correlation ${peaks[0].toFixed(4)} at least, ` +
      `${peaks[peaks.length >> 1].toFixed(4)} median; lag within ${spreadMs.toFixed(2)} ms`,
  };
}

/** The lag of every half second of speech; a first rough search keeps the fine one short. */
function findLags(spoken: Int16Array, heard: Int16Array, rateHz: number): WindowLag[] {
  const every = 8;
  const thin = (samples: Int16Array) => samples.filter((_, index) => index % every === 0);
  const rough = correlate(thin(spoken.subarray(0, 4 * rateHz)), thin(heard), {
    minLag: 0,
    maxLag: (6 * rateHz) / every,
  });
  const reach = 0.03 * rateHz;
  return correlateWindows(spoken, heard, {
    minLag: Math.round(rough.lagSamples * every - reach),
    maxLag: Math.round(rough.lagSamples * every + reach),
    windowSamples: rateHz / 2,
  });
}
