import assert from "node:assert/strict";
import { loadConfig } from "../../config.ts";
import { createLog } from "../../log.ts";
import { systemClock } from "../../mixer/clock.ts";
import { startServer } from "../../server.ts";
import { openBrowser } from "../support/browser.ts";
import { correlate, correlateWindows, type WindowLag } from "../support/correlate.ts";
import { assertSame } from "../support/same.ts";
import { testWith } from "../support/programs.ts";
import { startTwilioCall } from "../support/twilio_client.ts";
import { makeConversation, readWav, toRate } from "./conversation.ts";

const KEY = "a-key-for-the-tests";
const CALL = "CA0123456789abcdef";
const RATE = 8000;

testWith(
  ["chromium", "espeak-ng", "python3", "sox"],
  "A call from Twilio is heard in the browser as it was spoken, and recorded to the bit",
  async () => {
    const { mulaw, pcm, mix } = await makeConversation();
    const env: Record<string, string> = {
      EARSHOT_API_KEYS: `acme:${KEY}`,
      EARSHOT_HOST: "127.0.0.1",
      EARSHOT_PORT: "0",
      EARSHOT_RECORDINGS: "memory:",
    };
    const server = await startServer({
      config: loadConfig((name) => env[name]),
      clock: systemClock,
      log: createLog("error"),
    });
    const browser = await openBrowser();
    try {
      const announced = await fetch(`${server.origin}/calls`, {
        method: "POST",
        headers: { "X-API-Key": KEY, "Content-Type": "application/json" },
        body: JSON.stringify({ id: CALL, media: { live: true, recording: true } }),
      });
      assert.equal((await announced.json()).state, "announced");
      const page = await browser.newPage();
      await page.goto(`${server.origin}/live/${CALL}/player?token=${KEY}#tap`);
      await page.locator("#toggle").click();
      await page.locator('#player:not([data-state="idle"]):not([data-state="connecting"])')
        .waitFor();
      const call = await startTwilioCall({
        url: `${server.origin.replace("http", "ws")}/ingest/twilio`,
        callSid: CALL,
        token: KEY,
        ...mulaw,
        jitterMs: [5, 80],
        seed: 20,
      });
      await call.closed;
      await page.locator('#player[data-state="ended"]').waitFor();

      const played = await page.evaluate(() => {
        const tap = (globalThis as unknown as { earshotTap: Tap }).earshotTap;
        return { samples: Array.from(tap.samples()), rateHz: tap.sampleRateHz };
      });
      const heard = toPcm16(played.samples);
      const spoken = await toRate(mix, RATE, played.rateHz);
      const lags = findLags(spoken, heard, played.rateHz);
      const peaks = lags.map(({ peak }) => peak).sort((a, b) => a - b);
      const lagsMs = lags.map(({ lagSamples }) => (lagSamples * 1000) / played.rateHz);
      const spreadMs = Math.max(...lagsMs) - Math.min(...lagsMs);
      const summary = `${lags.length} windows, correlation ${peaks[0].toFixed(4)} at least, ` +
        `${peaks[peaks.length >> 1].toFixed(4)} median; lag within ${spreadMs.toFixed(2)} ms`;
      console.log(summary);
      assert.ok(lags.length >= 12, summary);
      assert.ok(peaks[0] > 0.99, summary);
      assert.ok(spreadMs <= 20, summary);

      for (const [side, expected] of Object.entries(pcm)) {
        const url = `${server.origin}/calls/${CALL}/recording?track=${side}`;
        const response = await fetch(url, { headers: { "X-API-Key": KEY } });
        const recorded = await readWav(new Uint8Array(await response.arrayBuffer()));
        assertSame(recorded.subarray(0, expected.length), expected, side);
      }
    } finally {
      await browser.close();
      await server.close();
    }
  },
);

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

function toPcm16(samples: number[]): Int16Array {
  return Int16Array.from(samples, (sample) => Math.round(sample * 32767));
}

interface Tap {
  samples(): Float32Array;
  sampleRateHz: number;
}
