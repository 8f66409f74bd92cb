/**
 * Measures what Earshot costs against the least a Deno process can do with the same messages, and
 * prints tables in Markdown. For Linux, with two cores or more, a C compiler and `taskset`.
 *
 * Usage: `deno run -A bench/main.ts` (everything, because `/proc` takes no less); `--help` says more
 *
 * @module
 */
import { compileGenerator } from "./compile.ts";
import { measureFanOut } from "./fan_out.ts";
import { fanOutTable } from "./fan_out_table.ts";
import { measureInProcess } from "./in_process.ts";
import { measureLatency } from "./latency.ts";
import { type LiveComparison, measureLive } from "./live.ts";
import { measureLongMemory } from "./long_memory.ts";
import { measureMemory } from "./memory.ts";
import { type BenchOptions, HELP, readOptions } from "./options.ts";
import { writePage } from "./page.ts";
import { measurePeers } from "./peers.ts";
import { longMemoryTable, profileTables, startTable } from "./process_report.ts";
import { measureProfile } from "./profile.ts";
import {
  crowdTable,
  doubts,
  inProcessTable,
  latencyTable,
  liveTable,
  memoryTable,
  peersTable,
  wallTable,
} from "./report.ts";
import { measureStart } from "./start.ts";
import { measureSustained } from "./sustained.ts";
import { sustainedTable } from "./sustained_table.ts";
import { measureWall } from "./wall.ts";

const MEMORY_CALLS = 200;
/** Calls of 30 minutes, in simulated time. */
const LONG_CALLS = { short: 10, full: 45 };
/** The most calls that are profiled: a server that is never idle is another one. */
const PROFILED_CALLS = 300;
const PROFILED_SECONDS = 5;
const STARTS = 5;
const WALL_CALLS = 200;
const WALL_SECONDS = 10;
const LATENCY_SECONDS = 30;
/** The most calls with other formats, which take more than Twilio's. */
const FORMAT_CALLS = 100;
/** Scenarios that are like `a` but for what the calls send. */
const FORMATS = [
  ["b", "pcm16k", "Calls of 16 kHz, sent as 16-bit PCM"],
  ["e", "bot24k", "Calls of 8 kHz whose bot speaks at 24 kHz: resampling"],
] as const;

const options = readOrExit();
const folder = await Deno.makeTempDir({ prefix: "earshot-bench-" });
const parts: string[] = [];
try {
  await measure(options, parts);
  if (options.write) await writePage(parts.join("\n\n"));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  Deno.exitCode = 1;
} finally {
  // What was measured before a scenario failed is worth its time too.
  console.log(parts.join("\n\n"));
  await Deno.remove(folder, { recursive: true });
}

/** @param parts is given the tables, with their headings, as they come to be */
async function measure(options: BenchOptions, parts: string[]): Promise<void> {
  const { scenarios } = options;
  const onProgress = (line: string) => console.error(line);
  if (scenarios.includes("d")) {
    parts.push("## The pipeline in process, for each call and tick of 50 ms");
    parts.push(inProcessTable(await measureInProcess([1, 100, 1000])));
  }
  if (scenarios.includes("l")) {
    parts.push("## From the ingest socket to the ear, in Chromium on this machine");
    parts.push(latencyTable(await measureLatency(folder, LATENCY_SECONDS)));
  }
  if (scenarios.includes("f")) {
    parts.push("## The wall of calls, in Chromium on this machine");
    parts.push(wallTable(await measureWall(folder, WALL_CALLS, WALL_SECONDS)));
  }
  if (scenarios.includes("t")) {
    parts.push("## Start, from the process to the first answer");
    parts.push(startTable(await measureStart(folder, STARTS)));
  }
  if (!/[abcegnpsw]/.test(scenarios)) return;
  const generator = await compileGenerator(folder);
  if (scenarios.includes("a")) {
    const live = await measureLive({ ...options, generator, folder, onProgress });
    parts.push(`## Calls, each with one listener and recorded (${options.store}:)`);
    parts.push(liveTable(live));
    const lines = doubts(live).map((line) => `- doubtful: ${line}`);
    if (lines.length > 0) parts.push(lines.join("\n"));
  }
  for (const [name, format, title] of FORMATS) {
    if (!scenarios.includes(name)) continue;
    const calls = [Math.min(options.calls[0], FORMAT_CALLS)];
    const shared = { ...options, calls, generator, folder, onProgress };
    parts.push(`## ${title}`);
    parts.push(liveTable(await measureLive({ ...shared, format })));
  }
  if (scenarios.includes("c")) {
    const crowds: LiveComparison[] = [];
    for (const listeners of options.crowds) {
      const shared = { ...options, calls: [1], generator, folder, onProgress };
      crowds.push(...await measureLive({ ...shared, listeners }));
    }
    parts.push("## One call with many listeners");
    parts.push(crowdTable(crowds));
  }
  if (scenarios.includes("n")) {
    parts.push("## One call with many listeners, against servers that only pass on");
    parts.push(fanOutTable(await measureFanOut({ ...options, generator, folder, onProgress })));
  }
  if (scenarios.includes("p")) {
    const peers = await measurePeers({ ...options, generator, folder, onProgress });
    parts.push("## Peers: servers that do the same job, with the same calls");
    parts.push(peersTable(peers));
  }
  if (scenarios.includes("s")) {
    const sustained = await measureSustained({ ...options, generator, folder, onProgress });
    parts.push("## Calls on one core until frames run late");
    parts.push(sustainedTable(sustained));
  }
  if (scenarios.includes("g")) {
    parts.push("## Memory");
    parts.push(memoryTable(await measureMemory(generator, folder, MEMORY_CALLS, options.full)));
    parts.push("## Memory over 30 minutes, simulated: what is still in use after a collection");
    const calls = options.full ? LONG_CALLS.full : LONG_CALLS.short;
    parts.push(longMemoryTable(await measureLongMemory(calls)));
  }
  if (scenarios.includes("w")) {
    const calls = options.calls.findLast((calls) => calls <= PROFILED_CALLS) ?? options.calls[0];
    const shared = { ...options, generator, folder, calls, seconds: PROFILED_SECONDS };
    parts.push(`## Where the time goes, with ${calls} calls`);
    parts.push(profileTables(await measureProfile(shared)));
  }
}

function readOrExit(): BenchOptions {
  try {
    const options = readOptions(Deno.args);
    if (options !== "help") return options;
    console.log(HELP);
    Deno.exit(0);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    console.error(error.message);
    Deno.exit(2);
  }
}
