/**
 * What the list of calls costs: `deno run --allow-all bench/call_index.ts [recordings]`, 100,000 of
 * them if nothing is said. Makes that many small recordings in a temporary folder, with 5 entries of
 * metadata each, and has the index built from them; then measures what happens while calls go on.
 *
 * @module
 */
import { CallIndex } from "../archive/call_index.ts";
import { CallIndexSync } from "../archive/call_index_sync.ts";
import { openIndexDatabase } from "../archive/index_database.ts";
import type { CallFilter } from "../archive/index_query.ts";
import { systemClock } from "../mixer/clock.ts";
import { FileStore } from "../recordings/file.ts";
import type { RecordingInfo } from "../recordings/store.ts";
import { median } from "./statistics.ts";

const ORGANISATION = "acme";
const BEGIN = Date.UTC(2026, 0, 1);
const RUNS = 21;
const PUTS = 2000;

const count = Number(Deno.args[0] ?? 100_000);
const folder = await Deno.makeTempDir({ prefix: "earshot-bench-" });
try {
  await makeRecordings();
  const store = await timed("store opened", () => FileStore.open(`${folder}/recordings`));
  await timed("index built from the recordings", () => compare(store));
  await timed("start with that index", () => compare(store));
  const index = openIndex();
  measurePages(index);
  measurePuts(index);
  index.close();
} finally {
  await Deno.remove(folder, { recursive: true });
}

async function makeRecordings(): Promise<void> {
  const parent = `${folder}/recordings/${ORGANISATION}`;
  await Deno.mkdir(parent, { recursive: true });
  for (let n = 0; n < count; n++) {
    const info = infoOf(n);
    await Deno.writeTextFile(`${parent}/${info.callId}.json`, JSON.stringify(info));
    await Deno.writeFile(`${parent}/${info.callId}.wav`, new Uint8Array(80));
  }
}

function infoOf(n: number): RecordingInfo {
  return {
    version: 2,
    callId: callId(n),
    organisation: ORGANISATION,
    sampleRate: 8000,
    channels: 2,
    startedAt: BEGIN + 1000 * n,
    state: "complete",
    samples: 0,
    reason: "hangup",
    media: { live: true, recording: true, maxDurationSeconds: 1800 },
    metadata: metadataOf(n),
    markers: [],
    events: [],
    bytes: 80,
  };
}

/** As Twilio's: in no order. */
function callId(n: number): string {
  return `CA${((n * 2_654_435_761) % 2 ** 32).toString(16).padStart(32, "0")}`;
}

function metadataOf(n: number): Record<string, string> {
  return {
    agent: `agent${n % 20}`,
    direction: n % 2 === 0 ? "inbound" : "outbound",
    from: `+4930${n}`,
    to: `+4940${n % 1000}`,
    campaign: `c${n % 100}`,
  };
}

function openIndex(): CallIndex {
  const database = openIndexDatabase(`${folder}/state`, console.error);
  return new CallIndex({ database, clock: systemClock, endedCallsKept: 10_000 });
}

async function compare(store: FileStore): Promise<void> {
  const index = openIndex();
  const sync = new CallIndexSync({ index, store, clock: systemClock, isRunning: () => false });
  await sync.run(new AbortController().signal);
  index.close();
}

function measurePages(index: CallIndex): void {
  const filters: [string, Omit<CallFilter, "organisation">][] = [
    ["all", {}],
    ["a day in the middle", { from: BEGIN + 500 * count, to: BEGIN + 500 * count + 86_400_000 }],
    ["with recording", { hasRecording: true }],
    ["one caller", { metadata: new Map([["from", "+49307"]]) }],
    ["an agent, outbound, recorded", {
      metadata: new Map([["agent", "agent7"], ["direction", "outbound"]]),
      hasRecording: true,
    }],
    ["an agent and a direction it never has", {
      metadata: new Map([["agent", "agent7"], ["direction", "inbound"]]),
    }],
    ["outbound, before all", { metadata: new Map([["direction", "outbound"]]), to: BEGIN }],
  ];
  const half = { announcedAt: BEGIN + 500 * count, id: "" };
  for (const [name, filter] of filters) {
    for (const [where, before] of [["first page", undefined], ["from the middle", half]] as const) {
      const page = { limit: 101, ...(before && { before }) };
      const times = repeated(
        RUNS,
        () => index.list({ organisation: ORGANISATION, ...filter }, page),
      );
      say(`page of 100: ${name}, ${where}`, `${ms(median(times))}, at most ${ms(times.at(-1)!)}`);
    }
  }
}

/** A call's end: it is put, and then its recording is settled. */
function measurePuts(index: CallIndex): void {
  let n = count;
  const times = repeated(PUTS, () => {
    const { callId: id, startedAt, metadata } = infoOf(n++);
    const [announcedAt, endedAt] = [startedAt, startedAt + 60_000];
    index.put({
      ...{ id, organisation: ORGANISATION, sampleRate: 8000, announcedAt, startedAt, endedAt },
      ...{ samples: 480_000, reason: "hangup", metadata, recording: "recording" },
    });
  });
  const [p50, p99] = [times[PUTS / 2], times[Math.floor(PUTS * 0.99)]];
  say("a call's end", `${ms(p50)}, 99 % ${ms(p99)}, at most ${ms(times.at(-1)!)}`);
}

/** How long each of `runs` took, ms, in ascending order. */
function repeated(runs: number, run: () => void): number[] {
  return Array.from({ length: runs }, () => {
    const startMs = performance.now();
    run();
    return performance.now() - startMs;
  }).sort((a, b) => a - b);
}

async function timed<T>(name: string, run: () => Promise<T>): Promise<T> {
  const startMs = performance.now();
  const result = await run();
  say(name, ms(performance.now() - startMs));
  return result;
}

function ms(value: number): string {
  return `${value.toFixed(value < 10 ? 2 : 0)} ms`;
}

function say(name: string, value: string): void {
  console.log(`${name.padEnd(62)} ${value}`);
}
