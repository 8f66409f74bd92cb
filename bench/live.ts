import { earshot, floor, type Store } from "./contestants.ts";
import { type Lateness, type LoadFormat, runLoad } from "./load_run.ts";
import { type Contestant, ServerProcess } from "./server_process.ts";
import { median, spread } from "./statistics.ts";

/** What to measure. */
export interface LiveOptions {
  /** Path of the compiled load generator. */
  generator: string;
  /** For recordings and logs. */
  folder: string;
  store: Store;
  /** Numbers of calls to measure with. */
  calls: readonly number[];
  /** What they send. @default "twilio" */
  format?: LoadFormat;
  /** Listeners of each call. @default 1 */
  listeners?: number;
  /** Runs of each server with each number of calls. */
  runs: number;
  /** Length of the measured part of a run, s. */
  seconds: number;
  onProgress: (line: string) => void;
}

/** One server under one load; medians over the runs. */
export interface LiveFigures {
  name: string;
  calls: number;
  /** Listeners of each call. */
  listeners: number;
  /** CPU of the server, as a share of one core. */
  cpu: number;
  /** (largest - smallest) / median of the same. */
  cpuSpread: number;
  /** How long others kept the server from its core, as a share of the time: no measure when large. */
  waiting: number;
  residentBytes: number;
  frameLatenessMs: Lateness;
  /** Frames that came, as a share of those that were due. */
  framesReceived: number;
  /** Of these the share that had 10 ms or more without sound, though both sides always have some. */
  holes: number;
  /** CPU of the load generator, as a share of one core: no measure of the server when near 1. */
  loadCpu: number;
  /** How late the load itself was, ms. */
  sendLatenessMs: Lateness;
}

/** {@linkcode LiveFigures} of Earshot and of the floor under the same load. */
export interface LiveComparison {
  earshot: LiveFigures;
  floor: LiveFigures;
  /** Median over the pairs of runs, one after the other, of Earshot's CPU by the floor's. */
  ratio: number;
  ratioSpread: number;
}

/** {@linkcode LiveFigures} of one run. */
export type Run = Omit<LiveFigures, "name" | "calls" | "cpuSpread">;

/**
 * Calls of 100 messages a second, recorded and listened to: Earshot and the floor in turns, so that
 * whatever else the machine does hits both.
 */
export async function measureLive(options: LiveOptions): Promise<LiveComparison[]> {
  const comparisons: LiveComparison[] = [];
  for (const calls of options.calls) {
    const floors: Run[] = [];
    const earshots: Run[] = [];
    for (let run = 0; run < options.runs; run++) {
      const recordings = await Deno.makeTempDir({ dir: options.folder });
      const frameBytes = options.format === "pcm16k" ? 1600 : 800;
      floors.push(await measure(floor(frameBytes), calls, options));
      earshots.push(await measure(earshot(options.store, recordings), calls, options));
      await Deno.remove(recordings, { recursive: true });
    }
    const ratios = earshots.map(({ cpu }, run) => cpu / floors[run].cpu);
    comparisons.push({
      earshot: middle("Earshot", calls, earshots),
      floor: middle("floor", calls, floors),
      ratio: median(ratios),
      ratioSpread: spread(ratios),
    });
  }
  return comparisons;
}

/** Measures one server once. */
export async function measure(
  contestant: Contestant,
  calls: number,
  options: Omit<LiveOptions, "calls" | "runs">,
): Promise<Run> {
  const { generator, folder, seconds, onProgress, format = "twilio", listeners = 1 } = options;
  const server = await ServerProcess.start(contestant, `${folder}/server.log`);
  try {
    const { warmupSeconds } = contestant;
    const run = await runLoad(generator, server, {
      calls,
      format,
      listeners,
      warmupSeconds,
      seconds,
    });
    const { before, after, result } = run;
    const cpu = (after.cpuSeconds - before.cpuSeconds) / run.seconds;
    const load = listeners === 1 ? `${calls} calls` : `${calls} calls with ${listeners} listeners`;
    onProgress(`${contestant.name}, ${load}: ${(cpu * 100).toFixed(1)} % of a core`);
    return {
      listeners,
      cpu,
      waiting: (after.waitSeconds - before.waitSeconds) / run.seconds,
      residentBytes: after.residentBytes,
      frameLatenessMs: result.frameLatenessMs,
      framesReceived: result.frames / (calls * listeners * 20 * result.seconds),
      holes: result.holes / Math.max(1, result.frames),
      loadCpu: result.cpuSeconds / result.seconds,
      sendLatenessMs: result.sendLatenessMs,
    };
  } finally {
    await server.stop();
  }
}

/** The medians of some runs. */
export function middle(name: string, calls: number, runs: readonly Run[]): LiveFigures {
  const of = (value: (run: Run) => number) => median(runs.map(value));
  const lateness = (value: (run: Run) => Lateness): Lateness => ({
    p50: of((run) => value(run).p50),
    p99: of((run) => value(run).p99),
    max: of((run) => value(run).max),
  });
  return {
    name,
    calls,
    listeners: runs[0].listeners,
    cpu: of(({ cpu }) => cpu),
    cpuSpread: spread(runs.map(({ cpu }) => cpu)),
    waiting: of(({ waiting }) => waiting),
    residentBytes: of(({ residentBytes }) => residentBytes),
    frameLatenessMs: lateness(({ frameLatenessMs }) => frameLatenessMs),
    framesReceived: of(({ framesReceived }) => framesReceived),
    holes: of(({ holes }) => holes),
    loadCpu: of(({ loadCpu }) => loadCpu),
    sendLatenessMs: lateness(({ sendLatenessMs }) => sendLatenessMs),
  };
}
