import { BENCH_KEY } from "./contestants.ts";
import { pinned } from "./pinned.ts";
import type { ProcessUsage } from "./process_usage.ts";
import type { ServerProcess } from "./server_process.ts";

/** The core the load generator is pinned to. */
const LOAD_CORE = 1;

/**
 * What the calls send: Twilio's JSON, 16-bit PCM of 16 kHz, a bot of 24 kHz in a call of 8 kHz, or
 * finished frames to a broker.
 */
export type LoadFormat = "twilio" | "pcm16k" | "bot24k" | "nats" | "icecast";

/** A load on a server. */
export interface Load {
  calls: number;
  /** @default "twilio" */
  format?: LoadFormat;
  /** For each call. @default 1 */
  listeners?: number;
  /** @default true */
  recording?: boolean;
  warmupSeconds: number;
  /** How long is measured, s. */
  seconds: number;
}

/** How late something was, ms. */
export interface Lateness {
  p50: number;
  p99: number;
  max: number;
}

/** What the load generator measured; counts are those of the measurement. */
export interface LoadResult {
  seconds: number;
  /** CPU time of the generator itself, s. */
  cpuSeconds: number;
  openCalls: number;
  openListeners: number;
  /** Status that refused a socket, if any was refused. */
  httpStatus: number;
  sent: number;
  refused: number;
  frames: number;
  /** Frames in which both sides were missing for 10 ms or more, though they never were silent. */
  holes: number;
  sendLatenessMs: Lateness;
  frameLatenessMs: Lateness;
}

/** A {@linkcode LoadResult} and the server's usage at its beginning and its end. */
export interface LoadRun {
  result: LoadResult;
  before: ProcessUsage;
  after: ProcessUsage;
  /** Wall time between the two, s. */
  seconds: number;
}

/**
 * Puts a load on a server and measures both over the steady part of it.
 *
 * @param generator path of the compiled load generator
 * @throws {Deno.errors.ConnectionAborted} when sockets were refused or lost: then nothing was measured
 */
export async function runLoad(
  generator: string,
  server: ServerProcess,
  { calls, listeners = 1, recording = true, warmupSeconds, seconds, format = "twilio" }: Load,
): Promise<LoadRun> {
  const options = {
    port: server.port,
    token: BENCH_KEY,
    calls,
    format,
    listeners,
    recording: recording ? 1 : 0,
    warmup: warmupSeconds,
    seconds,
  };
  const words = Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)]);
  const child = pinned(LOAD_CORE, generator, words, { stdin: "piped", stdout: "piped" });
  try {
    const lines = linesOf(child.stdout);
    await lines.next();
    const before = server.usage();
    const beforeMs = performance.now();
    const { value: last } = await lines.next();
    const after = server.usage();
    const afterMs = performance.now();
    if (last === undefined) throw new Error("Cannot measure: the load generator ended early");
    const result: LoadResult = JSON.parse(last);
    check(result, calls, calls * listeners);
    return { result, before, after, seconds: (afterMs - beforeMs) / 1000 };
  } finally {
    // The generator holds its sockets until its input ends.
    await child.stdin.close().catch(() => {});
    await child.status;
  }
}

function check(result: LoadResult, calls: number, listeners: number): void {
  const { openCalls, openListeners, httpStatus } = result;
  if (openCalls === calls && openListeners === listeners) return;
  throw new Deno.errors.ConnectionAborted(
    `Cannot measure: of ${calls} calls ${openCalls} and of ${listeners} listeners ${openListeners} ` +
      `were connected at the end, HTTP status ${httpStatus}`,
  );
}

async function* linesOf(stream: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const bytes of stream) {
    const lines = (rest + decoder.decode(bytes, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    yield* lines;
  }
}
