/** The player against the smallest one that works, on the same networks, in simulated time. */
import assert from "node:assert/strict";
import { JitterBuffer } from "../../static/audio/jitter_buffer.js";
import { playWith, type Scenario, seeded, type SimulatedPlayer } from "./network.ts";
import { ReferencePlayer } from "./reference_player.ts";

const REPORT = Deno.env.get("REPORT") === "1";
const SECONDS = REPORT ? 1800 : 300;
const SEED = 24;
/** Part of every delay seen from the call: a frame is sent when its last sample is there. */
const FRAME_MS = 50;
/** Both players read 16 ms at a time, which the device then plays. */
const DEVICE = { inputRateHz: 8000, outputRateHz: 8000, batch: 1 };
const BATCH_MS = 16;

type Delay = (random: () => number) => (n: number) => number;

/** One way, in ms. */
const NETWORKS: Record<string, Delay> = {
  "LAN": (random) => () => 2 + 2 * random(),
  "Wi-Fi": (random) => (n) => 5 + 75 * random() + (n % 200 === 150 ? 150 : 0),
  "heavy tail": (random) => () => 10 + Math.min(900, 8 * (1 - random()) ** -0.5),
};

interface Heard {
  underruns: number;
  p50: number;
  p95: number;
}

/** What a player makes of a network: how often it ran dry, and how long sound took to be played. */
function listen<P extends SimulatedPlayer>(
  buffer: P,
  scenario: Omit<Scenario<P>, "buffer">,
): Heard {
  const delays: number[] = [];
  playWith({
    ...DEVICE,
    ...scenario,
    buffer,
    after({ ms }) {
      const { playing, position } = buffer.status;
      if (playing) delays.push(ms + BATCH_MS - FRAME_MS - position / 8);
    },
  });
  delays.sort((a, b) => a - b);
  const quantile = (part: number) => Math.round(delays[Math.floor(part * (delays.length - 1))]);
  return { underruns: buffer.status.underruns, p50: quantile(0.5), p95: quantile(0.95) };
}

const newBuffer = () => new JitterBuffer({ channels: 2, ...DEVICE });

function show(network: string, ppm: number, ours: Heard, theirs: Heard): void {
  if (!REPORT) return;
  const cells = [theirs, ours].map(({ underruns, p50, p95 }) => `${underruns} | ${p50} / ${p95}`);
  console.log(`| ${network}, ${ppm > 0 ? "+" : "-"}${Math.abs(ppm)} ppm | ${cells.join(" | ")} |`);
}

for (const [name, delay] of Object.entries(NETWORKS)) {
  for (const ppm of [-100, 100]) {
    Deno.test(`JitterBuffer runs dry no more often than the smallest player: ${name}, ${ppm} ppm`, () => {
      const scenario = () => ({ seconds: SECONDS, ppm, delayMs: delay(seeded(SEED)) });
      const ours = listen(newBuffer(), scenario());
      const theirs = listen(new ReferencePlayer(), scenario());
      show(name, ppm, ours, theirs);
      assert.ok(ours.underruns <= theirs.underruns, JSON.stringify({ ours, theirs }));
      if (name === "LAN") assert.equal(ours.underruns, 0);
    });
  }
}

/** What happens at 30 s, and how long it lasts. */
const INTERRUPTIONS = {
  "network held up for 2 s": {
    lastsMs: 2000,
    delayMs: (n: number) => Math.max(20, n >= 600 ? 2000 - 50 * (n - 600) : 0),
  },
  "device suspended for 10 s": {
    lastsMs: 10_000,
    delayMs: () => 20,
    suspended: (ms: number) => ms > 30_000 && ms < 40_000,
  },
};

for (const [name, { lastsMs, ...scenario }] of Object.entries(INTERRUPTIONS)) {
  Deno.test(`JitterBuffer is in time again 2 s after: ${name}`, () => {
    const latencies = (buffer: SimulatedPlayer) => {
      let beforeMs = 0;
      let worstMs = 0;
      playWith({
        ...DEVICE,
        ...scenario,
        seconds: 60,
        buffer,
        after({ ms }) {
          const lateMs = ms + BATCH_MS - FRAME_MS - buffer.status.position / 8;
          if (ms < 30_000) beforeMs = lateMs;
          if (ms > 30_000 + lastsMs + 2000) worstMs = Math.max(worstMs, lateMs);
        },
      });
      return { beforeMs, worstMs };
    };
    const buffer = newBuffer();
    const ours = latencies(buffer);
    const theirs = latencies(new ReferencePlayer());
    if (REPORT) console.log(name, { ours, theirs, skips: buffer.status.skips });
    assert.ok(ours.worstMs < ours.beforeMs + 50, JSON.stringify(ours));
    assert.ok(theirs.worstMs > theirs.beforeMs + 0.9 * lastsMs, JSON.stringify(theirs));
  });
}
