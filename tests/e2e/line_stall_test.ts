import assert from "node:assert/strict";
import type { Browser } from "playwright-core";
import { clickDbfs, p95 } from "../mixer/support/clicks.ts";
import { openBrowser } from "../support/browser.ts";
import { FaultyProxy } from "../support/faulty_proxy.ts";
import { testWith } from "../support/programs.ts";
import { sleep, TestServer } from "../support/test_server.ts";
import { BrowserListening, type Tapped } from "./browser_listening.ts";
import { agreement, sweep, SWEEP_RATE as RATE } from "./sweep.ts";

const SECONDS = 25;
/** A bot is always ahead: it is the listener's line that is to fail, and no other. */
const LEAD_BYTES = 2 * RATE;
/** A busy machine disturbs what is heard in real time; but it never makes a click. */
const ATTEMPTS = 3;
/**
 * The first is an interruption to get over. The second is jitter: what it takes is kept in the queue
 * from then on, and so the third is not heard.
 */
const STALLS_MS = [2500, 800, 600];
const EXPECTED = [
  { underruns: 1, skips: 1, isHurried: true },
  { underruns: 1, skips: 0, isHurried: false },
  { underruns: 0, skips: 0, isHurried: false },
];
const RECOVERY_SECONDS = 2;
/** Of the call, in a frame of the stream. */
const FRAME_MS = 50;
/** The time stretch leaps that far at a time. */
const LEAP = 0.025 * RATE;

testWith(
  ["chromium"],
  "Listening through a line that stalls runs dry and catches up without a click or a repeat",
  async () => {
    await using server = await TestServer.start();
    await using line = new FaultyProxy(server.origin);
    const browser = await openBrowser();
    try {
      const failures: string[] = [];
      for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
        const heard = await listen(`CA${attempt}`, server, line, browser);
        checkClicks(heard);
        const { problems, summary } = check(heard);
        console.log([summary, ...problems].join("\n"));
        if (problems.length === 0) return;
        failures.push(...problems);
      }
      assert.fail(failures.join("\n"));
    } finally {
      await browser.close();
    }
  },
);

/** What was heard; frames are indices into the samples. */
interface Heard extends Tapped {
  stalls: { from: number; to: number }[];
}

/** A call whose bot sends a sweep in real time, listened to on a line that stalls now and then. */
async function listen(
  callId: string,
  server: TestServer,
  line: FaultyProxy,
  browser: Browser,
): Promise<Heard> {
  const media = { live: true, recording: false };
  const agent = await server.agent({ callId, sampleRate: RATE, media });
  const stop = new AbortController();
  const pcm = Int16Array.from({ length: SECONDS * RATE }, (_, n) => Math.round(sweep(n)));
  const bytes = new Uint8Array(pcm.buffer);
  agent.bot(bytes.slice(0, LEAD_BYTES));
  const sent = agent.stream("bot", bytes.subarray(LEAD_BYTES), {
    frameBytes: 2 * RATE / 50,
    signal: stop.signal,
  });
  const listener = await BrowserListening.open(browser, line, callId, RATE);
  await listener.played(2);
  const stalls: Heard["stalls"] = [];
  for (const ms of STALLS_MS) {
    const from = await listener.frame();
    const letThrough = line.stall();
    await sleep(ms);
    letThrough();
    const to = await listener.frame();
    await listener.marked({ after: to + (RECOVERY_SECONDS + 0.5) * RATE });
    stalls.push({ from, to });
  }
  const tapped = await listener.close();
  stop.abort();
  await sent;
  agent.end("hangup");
  await agent.closed;
  const { firstFrame } = tapped;
  return {
    ...tapped,
    stalls: stalls.map(({ from, to }) => ({ from: from - firstFrame, to: to - firstFrame })),
  };
}

/** At the edges of the silences, and from each stall's beginning until it is got over. */
function checkClicks({ samples, stalls }: Heard): void {
  const lane = Int16Array.from(samples, (sample) => Math.round(32_768 * sample));
  const edges = edgesOf(lane, stalls[0].from).map((edge) => clickDbfs(lane, edge));
  const all = [...edges];
  for (const { from, to } of stalls) {
    const end = Math.min(to + RECOVERY_SECONDS * RATE, lane.length - 400);
    for (let at = from; at < end; at += 200) all.push(clickDbfs(lane, at));
  }
  const most = Math.max(...all);
  console.log(
    `above 3.6 kHz: ${edges.length} edges, p95 ${p95(edges).toFixed(1)}; with what is between ` +
      `them p95 ${p95(all).toFixed(1)}, at most ${most.toFixed(1)} dBFS`,
  );
  assert.ok(p95(edges) <= -80, `p95 of the edges ${p95(edges)} dBFS`);
  assert.ok(most <= -65, `at most ${most} dBFS`);
}

/** Where silences of 10 ms and more begin and end. */
function edgesOf(lane: Int16Array, from: number): number[] {
  const edges: number[] = [];
  let silent = 0;
  for (let at = from; at < lane.length; at++) {
    if (lane[at] === 0) silent++;
    else {
      if (silent >= RATE / 100) edges.push(at - silent, at);
      silent = 0;
    }
  }
  return edges;
}

/** What a busy machine may spoil. */
function check(heard: Heard) {
  const problems: string[] = [];
  const lines = heard.stalls.map((_, index) => {
    const outcome = outcomeOf(heard, index);
    const { underruns, skips, isHurried, isLive, delayMs, edgeMs, wantedMs } = outcome;
    const line = `stall of ${STALLS_MS[index]} ms: ran dry ${underruns}, skipped ${skips}, ` +
      `hurried ${isHurried}, live ${isLive}, delay ${delayMs.toFixed(0)} ms, ` +
      `to the edge ${edgeMs.toFixed(0)} ms, wanted ${wantedMs.toFixed(0)} ms`;
    const expected = EXPECTED[index];
    const isRight = underruns === expected.underruns && skips === expected.skips &&
      isHurried === expected.isHurried && isLive && delayMs <= wantedMs + 50 &&
      edgeMs <= wantedMs + 50 + FRAME_MS;
    if (!isRight) problems.push(line);
    return line;
  });
  problems.push(...discontinuities(heard));
  const { checked, worst } = agreement(heard);
  lines.push(`told and heard: ${checked} checked, correlation ${worst.toFixed(4)} at least`);
  if (checked < 100 || worst < 0.99) {
    problems.push(`heard is not told: ${worst}, ${checked} checked`);
  }
  return { problems, summary: lines.join("\n") };
}

/** What a stall did, and where the sound is once it must be got over. */
function outcomeOf({ marks, stalls }: Heard, index: number) {
  const { from, to } = stalls[index];
  const later = marks.filter(({ frame }) => frame > from);
  const before = marks[marks.length - later.length - 1];
  const recovered = later.filter(({ frame }) => frame >= to + RECOVERY_SECONDS * RATE).slice(0, 8);
  const [after] = recovered;
  return {
    underruns: after.underruns - before.underruns,
    skips: after.skips - before.skips,
    isHurried: later.some(({ frame, speed }) => frame < after.frame && speed > 1),
    isLive: recovered.every(({ live, playing }) => live && playing),
    delayMs: Math.max(...recovered.map(({ latency }) => latency.bufferMs)),
    edgeMs: Math.max(...recovered.map(({ edge, position }) => edge - position)) * 1000 / RATE,
    wantedMs: Math.max(after.targetMs, after.heldPeakMs),
  };
}

/** Where the position goes back, or on by more than is played without the status counting a skip. */
function discontinuities({ marks }: Heard): string[] {
  const first = marks.findIndex(({ playing }) => playing);
  return marks.slice(first + 1).flatMap((mark, index) => {
    const last = marks[first + index];
    const moved = mark.position - last.position;
    const speed = Math.max(mark.speed, last.speed);
    const isPlaying = mark.playing || last.playing;
    const played = isPlaying ? (mark.frame - last.frame) * 1.01 * speed : 0;
    const most = played + (speed > 1 ? LEAP : 0);
    const isRight = moved >= 0 && (moved <= most || mark.skips > last.skips);
    return isRight ? [] : [`moved by ${moved} samples: ${JSON.stringify([last, mark])}`];
  });
}
