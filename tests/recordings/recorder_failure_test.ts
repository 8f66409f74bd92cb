import assert from "node:assert/strict";
import { MemoryStore } from "../../recordings/memory.ts";
import { RecordingExistsError } from "../../recordings/store.ts";
import { keep, openOf, patternBytes, readAll } from "./store_contract.ts";
import {
  DELAY,
  FRAME,
  ramp,
  settle,
  setUp,
  stored,
  storeWith,
  writeFrames,
} from "./recorder_support.ts";

Deno.test.sanitizer({ ops: true, resources: true });

Deno.test("Recorder.finish() waits for a slow store with more than the queue takes", async () => {
  const store = storeWith({ append: settle });
  const { recorder } = setUp({ store, delaySamples: 400, blockFrames: 1, maxBlocks: 2 });
  for (let position = 0; position < 400; position += FRAME) recorder.write(position);
  const info = await recorder.finish(400);
  assert.deepEqual([info.state, info.samples], ["complete", 400]);
  assert.deepEqual((await stored(store)).bot, ramp(400, -2));
});

Deno.test("Recorder queues what comes before the store has begun", async () => {
  const begin = Promise.withResolvers<void>();
  const store = storeWith({ create: () => begin.promise });
  const { recorder, warnings } = setUp({ store });
  for (let position = 0; position < DELAY + 50; position += FRAME) recorder.write(position);
  begin.resolve();
  await settle();
  await recorder.finish(90);
  assert.deepEqual((await stored(store)).user, ramp(90, 1));
  assert.deepEqual(warnings, []);
});

Deno.test("Recorder fails with one warning when the store falls behind by all blocks", async () => {
  const stuck = Promise.withResolvers<void>();
  const store = storeWith({ append: (count) => count === 2 ? stuck.promise : Promise.resolve() });
  const { recorder, warnings, user } = setUp({ store });
  // Two blocks of 20 samples are taken; the third is stuck and two more are queued or being filled.
  await writeFrames(recorder, 0, DELAY + 100);
  assert.equal(recorder.state, "recording");
  await writeFrames(recorder, DELAY + 100, DELAY + 300);
  assert.equal(recorder.state, "failed");
  assert.equal(user.reads.length, 25);
  assert.deepEqual(warnings.map(({ code }) => code), ["recording_too_slow"]);
  assert.match(warnings[0].message, /call CA1/);
  const info = await recorder.finish(DELAY + 300);
  assert.deepEqual([info.state, info.samples], ["failed", 40]);
  assert.deepEqual((await stored(store)).user, ramp(40, 1));
  stuck.resolve();
  await settle();
  const { info: kept } = (await openOf(store))!;
  assert.deepEqual([kept.state, kept.samples], ["failed", 60], "it is ended once the store wakes");
  assert.deepEqual((await stored(store)).user, ramp(60, 1));
});

Deno.test("Recorder.finish() gives up a store that hangs when its signal says so", async () => {
  for (const hanging of ["create", "append", "finish"]) {
    const stuck = Promise.withResolvers<void>();
    const { recorder, warnings } = setUp({ store: storeWith({ [hanging]: () => stuck.promise }) });
    await writeFrames(recorder, 0, 60);
    const controller = new AbortController();
    const finished = recorder.finish(60, { signal: controller.signal });
    assert.equal(await Promise.race([finished, settle()]), undefined);
    controller.abort();
    assert.equal((await finished).state, "failed");
    assert.deepEqual(warnings.map(({ code }) => code), ["recording_too_slow"]);
    stuck.resolve();
    await settle();
    assert.equal(recorder.state, "failed");
  }
});

Deno.test("Recorder.finish() does not mind a signal that comes too late", async () => {
  const { recorder, warnings } = setUp();
  const controller = new AbortController();
  await recorder.finish(0, { signal: controller.signal });
  controller.abort();
  assert.equal((await recorder.finish(0, { signal: controller.signal })).state, "complete");
  assert.deepEqual(warnings, []);
});

Deno.test("Recorder fails with one warning when the store refuses, and keeps what it took", async () => {
  const store = storeWith({
    append: (count) => count < 2 ? Promise.resolve() : Promise.reject(new Error("disk full")),
  });
  const { recorder, warnings } = setUp({ store });
  await writeFrames(recorder, 0, 400);
  assert.equal(recorder.state, "failed");
  const { code, message } = warnings[0];
  assert.deepEqual([code, warnings.length], ["recording_failed", 1]);
  assert.match(message, /disk full/);
  const info = await recorder.finish(400);
  assert.deepEqual([info.state, info.samples], ["failed", 40]);
  const { sha256: _, bytes: __, ...kept } = (await openOf(store))!.info;
  assert.deepEqual(kept, info);
  assert.deepEqual((await stored(store)).user, ramp(40, 1));
});

Deno.test("Recorder fails when the recording cannot begin or end", async () => {
  const taken = new MemoryStore();
  await keep(taken, patternBytes(8));
  const refused = setUp({ store: taken });
  await writeFrames(refused.recorder, 0, 100);
  assert.equal((await refused.recorder.finish(100)).state, "failed");
  assert.equal(refused.warnings[0].message.includes(new RecordingExistsError("CA1").message), true);
  assert.deepEqual(await readAll((await openOf(taken))!.read()), patternBytes(8));

  const store = storeWith({ finish: () => Promise.reject(new Error("no manifest")) });
  const { recorder, warnings } = setUp({ store });
  assert.equal((await recorder.finish(8)).state, "failed");
  assert.deepEqual(warnings.map(({ code }) => code), ["recording_failed"]);
});

Deno.test("Recorder.write() turns a track that throws into a failed recording", async () => {
  const bot = {
    read(): number {
      throw new Error("gone");
    },
  };
  const { recorder, warnings } = setUp({ bot });
  recorder.write(DELAY);
  assert.equal(recorder.state, "failed");
  assert.match(warnings[0].message, /gone/);
  assert.equal((await recorder.finish(DELAY)).state, "failed");
});
