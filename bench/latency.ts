import { openBrowser } from "../tests/support/browser.ts";
import { correlateWindows } from "../tests/support/correlate.ts";
import { pace } from "../tests/support/pace.ts";
import { PcmClient } from "../tests/support/pcm_client.ts";
import { seededRandom } from "../tests/support/random.ts";
import { toRate } from "../tests/e2e/conversation.ts";
import { BENCH_KEY, earshot } from "./contestants.ts";
import { ServerProcess } from "./server_process.ts";

/** How long a sample takes from the ingest socket to the loudspeaker's side of the player, ms. */
export interface LatencyFigures {
  windows: number;
  p50: number;
  p95: number;
  max: number;
  /** Sample rate of the browser's sound device, Hz. */
  deviceRateHz: number;
}

const RATE = 8000;
const CHUNK_MS = 20;
const CHUNK = (RATE * CHUNK_MS) / 1000;
const CALL_ID = "latency";
/** The player finds its delay in the first seconds. */
const WARMUP_SECONDS = 6;
const WINDOW_SAMPLES = RATE / 4;
const LONGEST_MS = 1500;

/** What the page's tap heard, and when: `startMs` is the epoch time of the first sample. */
interface Heard {
  samples: number[];
  rateHz: number;
  startMs: number;
}

/**
 * Sends noise, which is like itself nowhere else, through a server of its own into Chromium on this
 * machine, and finds it again in what the player played.
 *
 * @param folder for the server's log
 */
export async function measureLatency(folder: string, seconds: number): Promise<LatencyFigures> {
  const noise = makeNoise((WARMUP_SECONDS + seconds) * RATE);
  const server = await ServerProcess.start(earshot("memory", folder), `${folder}/server.log`);
  const browser = await openBrowser();
  try {
    const origin = `127.0.0.1:${server.port}`;
    const agent = await PcmClient.open({ url: `ws://${origin}/ingest/pcm`, key: BENCH_KEY });
    await agent.start({ callId: CALL_ID, media: { live: true } });
    const page = await browser.newPage();
    await page.goto(`http://${origin}/live/${CALL_ID}/player?token=${BENCH_KEY}#tap`);
    await page.locator("#toggle").click();
    const sentMs: number[] = [];
    const chunks = Array.from(
      { length: noise.length / CHUNK },
      (_, index) => ({
        atMs: index * CHUNK_MS,
        pcm: noise.subarray(index * CHUNK).slice(0, CHUNK),
      }),
    );
    await pace(chunks, ({ pcm }) => {
      sentMs.push(performance.timeOrigin + performance.now());
      agent.user(new Uint8Array(pcm.buffer));
    });
    await new Promise((resolve) => setTimeout(resolve, LONGEST_MS));
    const heard: Heard = await page.evaluate(readTap);
    agent.end("hangup");
    return await compare(noise, sentMs, heard);
  } finally {
    await browser.close();
    await server.stop();
  }
}

async function compare(noise: Int16Array, sentMs: number[], heard: Heard): Promise<LatencyFigures> {
  const { samples, rateHz, startMs } = heard;
  const pcm = Int16Array.from(samples, (sample) => Math.round(sample * 32767));
  const played = await toRate(pcm, rateHz, RATE);
  // Counted from the first chunk: where in what was played it would lie without any latency.
  const offset = Math.round(((sentMs[0] - startMs) * RATE) / 1000);
  const windows = correlateWindows(noise.subarray(WARMUP_SECONDS * RATE), played, {
    minLag: offset + WARMUP_SECONDS * RATE,
    maxLag: offset + WARMUP_SECONDS * RATE + (LONGEST_MS * RATE) / 1000,
    windowSamples: WINDOW_SAMPLES,
  });
  const latencies = windows.filter(({ peak }) => peak > 0.9).map(({ position, lagSamples }) => {
    const at = WARMUP_SECONDS * RATE + position;
    const playedMs = startMs + ((position + lagSamples) * 1000) / RATE;
    // The middle sample of a chunk stands for all of it: the first waited 20 ms to be sent.
    return playedMs + CHUNK_MS / 2 - sentMs[Math.floor(at / CHUNK)];
  }).sort((a, b) => a - b);
  const quantile = (share: number) => latencies[Math.floor(share * (latencies.length - 1))];
  return {
    windows: latencies.length,
    p50: quantile(0.5),
    p95: quantile(0.95),
    max: quantile(1),
    deviceRateHz: rateHz,
  };
}

/** Runs in the page. The context's clock is set against the page's where the two are closest. */
async function readTap(): Promise<Heard> {
  const { earshotTap: tap } = globalThis as unknown as { earshotTap: Tap };
  let offsetMs = Infinity;
  for (let i = 0; i < 200; i++) {
    offsetMs = Math.min(offsetMs, performance.now() - tap.context.currentTime * 1000);
    await new Promise((resolve) => setTimeout(resolve, 3));
  }
  const startMs = performance.timeOrigin + offsetMs +
    (tap.batches[0].frame * 1000) / tap.sampleRateHz;
  return { samples: Array.from(tap.samples()), rateHz: tap.sampleRateHz, startMs };
}

interface Tap {
  context: { currentTime: number };
  batches: { frame: number }[];
  samples(): Float32Array;
  sampleRateHz: number;
}

/** White noise below 3.4 kHz or so, at -20 dBFS. */
function makeNoise(length: number): Int16Array<ArrayBuffer> {
  const random = seededRandom(7);
  let last = 0;
  return Int16Array.from({ length }, () => {
    const white = random() * 2 - 1;
    const smooth = (white + last) / 2;
    last = white;
    return Math.round(smooth * 8000);
  });
}
