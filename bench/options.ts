import { parseArgs } from "node:util";
import type { Store } from "./contestants.ts";

/** What the benchmark is asked to do. */
export interface BenchOptions {
  calls: number[];
  /** Numbers of listeners of scenarios `c` and `n`. */
  crowds: number[];
  runs: number;
  seconds: number;
  store: Store;
  /** Names of the scenarios to run, see {@linkcode HELP}. */
  scenarios: string;
  /** Measure longer, and more. */
  full: boolean;
  /** Write docs/performance.md as well. */
  write: boolean;
}

/** Printed with `--help`. */
export const HELP = `Measures Earshot against a floor server that does nothing.

  --full           all scenarios, 100 to 500 calls, longer runs: about an hour
                   (default: scenarios adgt, 300 calls, less than 2 minutes)
  --calls 100,300  numbers of calls
  --runs 2         runs of each server (--full: 3)
  --seconds 5      measured part of a run (--full: 10)
  --store file     recordings in files, or memory
  --crowds 1000    numbers of listeners of one call (scenarios c and n)
  --scenarios adgt a: Twilio calls, b: PCM of 16 kHz, c: one call with many listeners,
                   d: the pipeline in process, e: a bot of 24 kHz,
                   g: memory, at once and over 30 simulated minutes,
                   f: the wall of calls in Chromium (needs chromium),
                   n: the same as c, against nats-server and icecast2 (needs both),
                   l: latency in Chromium (needs chromium and sox),
                   t: start, w: where the time goes, by V8's profiler,
                   p: peers in Go, Node.js and Python (needs go, npm, python3-websockets,
                   python3-numpy),
                   s: calls until frames run late, from the largest of --calls on (needs npm)
  --write          write docs/performance.md as well`;

/**
 * Reads the command line.
 *
 * @throws {TypeError} when something in it is not known
 */
export function readOptions(args: string[]): BenchOptions | "help" {
  const { values } = parseArgs({
    args,
    options: {
      full: { type: "boolean", default: false },
      calls: { type: "string" },
      crowds: { type: "string" },
      runs: { type: "string" },
      seconds: { type: "string" },
      store: { type: "string", default: "file" },
      scenarios: { type: "string" },
      write: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return "help";
  const { full, store, scenarios = full ? "abcdefglnpstw" : "adgt", write } = values;
  if (store !== "file" && store !== "memory") {
    throw new TypeError(`Cannot measure: --store takes file or memory, received ${store}`);
  }
  const calls = values.calls ?? (full ? "100,200,300,400,500" : "300");
  return {
    calls: calls.split(",").map((text) => positive("calls", text)),
    crowds: (values.crowds ?? (full ? "500,1000,2000,4000" : "1000"))
      .split(",")
      .map((text) => positive("crowds", text)),
    runs: positive("runs", values.runs ?? (full ? "3" : "2")),
    seconds: positive("seconds", values.seconds ?? (full ? "10" : "5")),
    store,
    scenarios,
    full,
    write,
  };
}

function positive(name: string, text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value > 0 && value <= 5000) return value;
  throw new TypeError(`Cannot measure: --${name} takes whole numbers from 1, received ${text}`);
}
