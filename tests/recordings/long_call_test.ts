import assert from "node:assert/strict";
import { runInNewContext } from "node:vm";
import v8 from "node:v8";
import { ManualClock } from "../../mixer/clock.ts";
import { FileStore } from "../../recordings/file.ts";
import { Recorder } from "../../recordings/recorder.ts";
import { inMemory, withRoot } from "./file_support.ts";
import { anInfo, openOf } from "./store_contract.ts";

Deno.test.sanitizer({ ops: true, resources: true });

const RATE = 8000;
const FRAME = 400;
const HOURS = 3;
/** Samples and peaks of these hours come to 350 MB. */
const MOST_GROWTH_BYTES = 1_000_000;

v8.setFlagsFromString("--expose-gc");
const gc: () => void = runInNewContext("gc");

/** Bytes that this process holds, once what nobody holds any more is gone. */
async function heldBytes(): Promise<number> {
  for (let turn = 0; turn < 3; turn++) {
    gc();
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  const { heapUsed, external } = Deno.memoryUsage();
  return heapUsed + external;
}

Deno.test(`A recording of ${HOURS} hours holds no more memory than one of minutes`, async () =>
  await withRoot(async (root) => {
    const store = await FileStore.open(root);
    const sound = Int16Array.from({ length: FRAME }, (_, index) => 100 * index);
    const side = {
      read(_position: number, output: Int16Array): number {
        output.set(sound);
        return output.length;
      },
    };
    const recorder = new Recorder({
      user: side,
      bot: side,
      store,
      clock: new ManualClock(),
      info: anInfo(),
      frameSamples: FRAME,
      maxSamples: (HOURS + 1) * 3600 * RATE,
      delaySamples: 5 * RATE,
    });
    const heldAt: number[] = [];
    const end = HOURS * 3600 * RATE;
    for (let position = 0; position < end; position += FRAME) {
      recorder.write(position);
      while (recorder.samplesWritten < position - 7 * RATE) {
        await new Promise((resolve) => setImmediate(resolve));
      }
      if (position % (1800 * RATE) === 600 * RATE) heldAt.push(await heldBytes());
    }
    const { state, samples } = await recorder.finish(end);
    assert.deepEqual([state, samples, recorder.samplesLost], ["complete", end, 0]);
    const growth = Math.max(...heldAt.slice(1)) - heldAt[0];
    console.log(
      `${HOURS} h: ${(heldAt[0] / 1e6).toFixed(1)} MB held, ${growth} bytes more at most`,
    );
    assert.ok(growth < MOST_GROWTH_BYTES, `${heldAt}`);
    const recording = (await openOf(store))!;
    assert.equal((await recording.peaks()).length, 4 * end / 100);
    assert.match(recording.info.sha256!, /^[0-9a-f]{64}$/);
  }, await inMemory()));
