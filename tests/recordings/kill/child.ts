/**
 * Records many calls at once, faster than time, until it is killed: real recorders and a real store.
 * Tells each step of 50 ms once all calls have taken it. Arguments: the folder, the number of calls.
 *
 * @module
 */
import { ManualClock } from "../../../mixer/clock.ts";
import { FileStore } from "../../../recordings/file.ts";
import { Recorder } from "../../../recordings/recorder.ts";
import { FRAME, positionOf, RATE, sampleOf } from "./signal.ts";

const DELAY = 5 * RATE;

const [root, calls] = Deno.args;
const store = await FileStore.open(root);
const clock = new ManualClock();

const side = (call: number, name: "user" | "bot") => ({
  read(position: number, output: Int16Array): number {
    for (let i = 0; i < output.length; i++) output[i] = sampleOf(call, name, position + i);
    return output.length;
  },
});

const recorders = Array.from({ length: Number(calls) }, (_, call) =>
  new Recorder({
    user: side(call, "user"),
    bot: side(call, "bot"),
    store,
    clock,
    info: {
      version: 2,
      callId: `CA${call}`,
      organisation: "acme",
      sampleRate: RATE,
      channels: 2,
      startedAt: 0,
      state: "recording",
      samples: 0,
      metadata: {},
      markers: [],
      events: [],
    },
    frameSamples: FRAME,
    maxSamples: 3600 * RATE,
    delaySamples: DELAY,
    onWarning: ({ message }) => console.error(message),
  }));

/** Whether the store has yet to take a whole block that was filled by this step. */
function isBehind(step: number): boolean {
  return recorders.some((recorder, call) => {
    const read = positionOf(call, step) - DELAY;
    return read - recorder.samplesWritten > 1.1 * RATE;
  });
}

const encoder = new TextEncoder();
const turn = () => new Promise<void>((resolve) => setImmediate(resolve));
for (const call of recorders.keys()) {
  while (await store.describe({ organisation: "acme", callId: `CA${call}` }) === null) await turn();
}
for (let step = 1;; step++) {
  for (const [call, recorder] of recorders.entries()) {
    const from = positionOf(call, step - 1);
    if (positionOf(call, step) === from) continue;
    if (from % RATE === 0) recorder.note({ type: "event", position: from });
    recorder.write(from);
  }
  Deno.stdout.writeSync(encoder.encode(`${step}\n`));
  // Time would go faster than files are written.
  do await turn(); while (isBehind(step));
}
