/**
 * Drives calls through 30 simulated minutes in a process of its own, so that its memory is theirs,
 * and prints what they take as JSON: an array of `LongMemory`.
 *
 * Usage: `deno run -A --v8-flags=--expose-gc bench/long_calls_process.ts CALLS OTHERS RECORDING [REWIND]`
 *
 * @module
 */
import { LongCalls } from "./long_calls.ts";
import { type LongMemory, MEASURED_AT_MINUTES } from "./long_memory.ts";
import { nowhere } from "./nowhere.ts";

/** Of V8, with the flag. */
declare const gc: () => void;

/** The other calls have filled all of their rings by then, and V8 has compiled what it will. */
const WARMUP_SECONDS = 600;

const [calls, others, recording, rewind] = Deno.args;
const long = new LongCalls({
  recording: recording === "true",
  ...(rewind !== undefined && { rewindSeconds: Number(rewind) }),
  store: nowhere,
});
long.start(Number(others));
await long.run(WARMUP_SECONDS);
const before = await liveBytes();
const measured: LongMemory[] = [];
long.start(Number(calls));
let minutes = 0;
for (const until of MEASURED_AT_MINUTES) {
  await long.run(60 * (until - minutes));
  minutes = until;
  measured.push({
    minutes,
    perCall: (await liveBytes() - before) / Number(calls),
    residentBytes: Deno.memoryUsage().rss,
  });
}
await long.close();
console.log(JSON.stringify(measured));

/** Bytes that are still reachable, on the heap and beside it, those of array buffers included. */
async function liveBytes(): Promise<number> {
  // The buffers of what one collection finds dead are let go of behind it.
  for (let round = 0; round < 3; round++) {
    gc();
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  const { heapUsed, external } = Deno.memoryUsage();
  return heapUsed + external;
}
