import assert from "node:assert/strict";
import { ManualClock } from "../../mixer/clock.ts";
import { setUp, writeFrames } from "./recorder_support.ts";
import { S3Bench, until } from "./s3_support.ts";
import { keep, openOf, patternBytes, readAll } from "./store_contract.ts";

/** What a recording takes of the spool beside its sound. */
const SPOOLED_RECORDING_BYTES = 16 * 1024;

const DELAY = 40;
const BLOCK_BYTES = 80;

Deno.test("a recorder leaves a marked gap while S3 is away and the spool is full", async () => {
  await using bench = await S3Bench.start();
  const clock = new ManualClock(0, Date.now());
  bench.server.faults = () => ({ status: 503, code: "SlowDown" });
  const waiting = patternBytes(64_000);
  const spoolBytes = 2 * SPOOLED_RECORDING_BYTES + waiting.length + 2 * BLOCK_BYTES;
  // In memory, so that the recorder, whose time passes at once, never waits for a disk.
  const store = await bench.open({ clock, spoolBytes, spoolFolder: null });
  await until(async () => {
    if (!bench.server.isBusy) await clock.advance(100);
    return store.status.isInTrouble;
  });
  await keep(store, waiting, { callId: "CA0" });
  const { recorder, warnings } = setUp({ store, clock });
  await writeFrames(recorder, 0, DELAY + 200);
  await until(() => warnings.length === 1);
  assert.deepEqual(warnings.map(({ code }) => code), ["recording_failed"]);
  assert.equal(recorder.samplesWritten, 40, "two blocks went into the spool");
  bench.server.faults = () => undefined;
  await until(async () => {
    if (store.status.isInTrouble && !bench.server.isBusy) await clock.advance(1000);
    return store.status.waiting === 1;
  });
  let position = DELAY + 200;
  await until(async () => {
    if (!bench.server.isBusy) await clock.advance(1000);
    await writeFrames(recorder, position, position += 20);
    return recorder.samplesWritten > 200 || position > 5000;
  });
  const info = await recorder.finish(position);
  const [gap] = info.markers;
  assert.deepEqual([info.state, gap.type, info.markers.length], ["complete", "gap", 1]);
  await until(async () => {
    if (store.status.isInTrouble && !bench.server.isBusy) await clock.advance(1000);
    return store.status.waiting === 0;
  });
  const recording = (await openOf(store))!;
  assert.deepEqual(recording.info.markers, info.markers);
  const samples = new Int16Array((await readAll(recording.read())).buffer);
  assert.equal(samples.length, 2 * info.samples);
  const { samples: lost } = gap.data as { samples: number };
  for (let at = 0; at < info.samples; at++) {
    const isLost = at >= gap.position && at < gap.position + lost;
    assert.equal(samples[2 * at], isLost ? 0 : at, `sample ${at}`);
  }
});
