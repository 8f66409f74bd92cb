/**
 * Measures how fast recordings are given out, and how late the mixer's ticks are meanwhile. The server
 * is pinned to one core, its conversion threads included. For Linux with two cores and `taskset`.
 *
 * Usage: `deno run -A bench/export.ts`
 *
 * @module
 */
import { FileStore } from "../recordings/file.ts";
import { bytesOf, twoVoices } from "../tests/recordings/export_support.ts";
import { keep } from "../tests/recordings/store_contract.ts";
import { PcmClient } from "../tests/support/pcm_client.ts";
import { BENCH_KEY, earshot } from "./contestants.ts";
import { machine } from "./machine.ts";
import { ServerProcess } from "./server_process.ts";

const CALL_SECONDS = 1800;
const RATE = 8000;
const LIVE_CALLS = 50;
const PARALLEL = 10;
const MEASURED_MS = 10_000;

const FORMS = [
  ["WAV, the mix", "recording"],
  ["WAV, stereo", "recording?channels=2"],
  ["FLAC, the mix", "recording?format=flac"],
  ["FLAC, stereo", "recording?format=flac&channels=2"],
] as const;

const folder = await Deno.makeTempDir({ prefix: "earshot-bench-" });
try {
  const store = await FileStore.open(`${folder}/recordings`);
  const stereo = twoVoices(CALL_SECONDS * RATE, 1);
  await keep(store, bytesOf(stereo), { organisation: "bench" });
  const server = await ServerProcess.start(earshot("file", folder), `${folder}/server.log`);
  const agents: PcmClient[] = [];
  try {
    for (let call = 0; call < LIVE_CALLS; call++) agents.push(await startCall(server.port));
    console.log(`${await machine()}\n`);
    console.log(
      `A call of ${CALL_SECONDS / 60} minutes at ${RATE} Hz, ${LIVE_CALLS} calls live.\n`,
    );
    console.log(`| form | one export | times real time | MB |\n| --- | --- | --- | --- |`);
    for (const [name, path] of FORMS) console.log(await speedRow(server.port, name, path));
    console.log(
      `\n| exports at a time | ticks | p50 | p99 | later than 20 ms |\n| --- | --- | --- | --- | --- |`,
    );
    console.log(await latenessRow(server.port, "none"));
    for (const [name, path] of FORMS) console.log(await latenessRow(server.port, name, path));
    console.log(await latenessRow(server.port, "peaks", "peaks"));
  } finally {
    for (const agent of agents) agent.end();
    await Promise.all(agents.map(({ closed }) => closed));
    await server.stop();
  }
} finally {
  await Deno.remove(folder, { recursive: true });
}

async function startCall(port: number): Promise<PcmClient> {
  const url = `ws://127.0.0.1:${port}/ingest/pcm`;
  const agent = await PcmClient.open({ url, key: BENCH_KEY });
  await agent.start({ media: { live: true, recording: false } });
  return agent;
}

/** Downloads once and answers the bytes; 0 when the server is too busy. */
async function download(port: number, path: string, signal?: AbortSignal): Promise<number> {
  const response = await fetch(`http://127.0.0.1:${port}/calls/CA1/${path}`, {
    headers: { "x-api-key": BENCH_KEY },
    ...(signal && { signal }),
  });
  let bytes = 0;
  for await (const chunk of response.body!) bytes += chunk.length;
  return response.ok ? bytes : 0;
}

async function speedRow(port: number, name: string, path: string): Promise<string> {
  await download(port, path);
  const startMs = performance.now();
  const bytes = await download(port, path);
  const seconds = (performance.now() - startMs) / 1000;
  const speed = Math.round(CALL_SECONDS / seconds);
  return `| ${name} | ${seconds.toFixed(2)} s | ${speed} | ${(bytes / 1e6).toFixed(1)} |`;
}

/** Lateness of the ticks while as many exports run as shall. */
async function latenessRow(port: number, name: string, path?: string): Promise<string> {
  const before = await lateness(port);
  const until = AbortSignal.timeout(MEASURED_MS);
  const exportOnAndOn = async () => {
    while (!until.aborted) await download(port, path!, until).catch(() => 0);
  };
  const running = path === undefined ? [] : Array.from({ length: PARALLEL }, exportOnAndOn);
  await Promise.all([...running, new Promise((resolve) => setTimeout(resolve, MEASURED_MS))]);
  const after = await lateness(port);
  const counts = after.map(([limit, count], index) => [limit, count - before[index][1]] as const);
  const total = counts.at(-1)![1];
  const quantile = (part: number) => {
    const limit = counts.find(([, count]) => count >= part * total)![0];
    return Number.isFinite(limit) ? `up to ${limit * 1000} ms` : "more";
  };
  const inTime = counts.find(([limit]) => limit === 0.02)![1];
  const late = ((1 - inTime / total) * 100).toFixed(2);
  const title = path === undefined ? name : `${PARALLEL}: ${name}`;
  return `| ${title} | ${total} | ${quantile(0.5)} | ${quantile(0.99)} | ${late} % |`;
}

/** The histogram so far: upper limits in seconds, and how many ticks were no later. */
async function lateness(port: number): Promise<[limit: number, count: number][]> {
  const text = await (await fetch(`http://127.0.0.1:${port}/metrics?token=${BENCH_KEY}`)).text();
  const rows = text.matchAll(/^earshot_tick_lateness_seconds_bucket\{le="([^"]+)"\} (\d+)$/gm);
  return Array.from(rows, ([, limit, count]) => [
    limit === "+Inf" ? Infinity : Number(limit),
    Number(count),
  ]);
}
