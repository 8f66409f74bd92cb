import assert from "node:assert/strict";
import { MemoryStore } from "../../recordings/memory.ts";
import { RecordingExistsError } from "../../recordings/store.ts";
import { keep, openOf, patternBytes, readAll } from "./store_contract.ts";
import {
  DELAY,
  FRAME,
  ramp,
  rampWithGap,
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

Deno.test("Recorder puts marked silence where a hanging store took nothing, and warns once", async () => {
  const stuck = Promise.withResolvers<void>();
  const store = storeWith({ append: (count) => count === 2 ? stuck.promise : Promise.resolve() });
  let told = 0;
  const { recorder, warnings, user } = setUp({ store, onGap: (samples) => void (told += samples) });
  // Two blocks of 20 samples are taken; the third is stuck and two more are queued.
  await writeFrames(recorder, 0, DELAY + 100);
  assert.equal(warnings.length, 0);
  await writeFrames(recorder, DELAY + 100, DELAY + 300);
  assert.equal(recorder.state, "recording");
  assert.equal(user.reads.length, 75, "every window is read, lest the next be faded in");
  assert.deepEqual([recorder.samplesWritten, recorder.samplesLost, told], [40, 200, 200]);
  assert.deepEqual(warnings.map(({ code }) => code), ["recording_too_slow"]);
  assert.match(warnings[0].message, /call CA1/);
  stuck.resolve();
  await settle();
  await writeFrames(recorder, DELAY + 300, DELAY + 400);
  const info = await recorder.finish(DELAY + 400);
  assert.deepEqual([info.state, info.samples, recorder.samplesLost], ["complete", 440, 200]);
  assert.deepEqual(info.markers, [
    { type: "gap", position: 100, data: { samples: 200, reason: "slow" } },
  ]);
  assert.deepEqual((await stored(store)).user, rampWithGap(440, 1, 100, 300));
  assert.deepEqual((await stored(store)).bot, rampWithGap(440, -2, 100, 300));
  assert.equal(warnings.length, 1);
});

Deno.test("Recorder.pending() answers zeros for what was lost", async () => {
  const stuck = Promise.withResolvers<void>();
  const store = storeWith({ append: (count) => count === 0 ? stuck.promise : Promise.resolve() });
  const { recorder } = setUp({ store });
  await writeFrames(recorder, 0, DELAY + 100);
  const { position, pcm } = recorder.pending(10);
  assert.deepEqual([position, pcm.length], [10, 180]);
  assert.deepEqual(
    pcm.filter((_, index) => index % 2 === 0),
    rampWithGap(100, 1, 60, 100).subarray(10),
  );
  stuck.resolve();
  await settle();
  await recorder.finish(DELAY + 100);
});

Deno.test("Recorder asks a store that refuses again, ever more seldom, and loses nothing at first", async () => {
  const asked: number[] = [];
  let isFull = true;
  const store = storeWith({
    append: () => {
      asked.push(clock.now());
      return isFull ? Promise.reject(new Error("disk full")) : Promise.resolve();
    },
  });
  const { recorder, warnings, clock } = setUp({ store });
  await writeFrames(recorder, 0, DELAY + 56);
  for (let second = 0; second < 20; second++) await clock.advance(1000);
  assert.deepEqual(asked, [0, 250, 750, 1750, 3750, 7750, 12_750, 17_750]);
  assert.equal(recorder.state, "recording");
  assert.deepEqual(warnings.map(({ code }) => code), ["recording_failed"]);
  assert.match(warnings[0].message, /disk full/);
  isFull = false;
  await clock.advance(5000);
  const info = await recorder.finish(DELAY + 56);
  assert.deepEqual([info.state, info.samples, info.markers], ["complete", 96, []]);
  assert.deepEqual((await stored(store)).user, ramp(96, 1));
  assert.equal(recorder.samplesLost, 0);
});

Deno.test("Recorder goes on behind a marked gap when there is room again", async () => {
  let isFull = false;
  const full = () => isFull ? Promise.reject(new Error("disk full")) : Promise.resolve();
  const store = storeWith({ append: full, skip: full, update: full });
  const { recorder, warnings, clock } = setUp({ store });
  await writeFrames(recorder, 0, DELAY + 40);
  await settle();
  isFull = true;
  recorder.note({ type: "paused", position: 200 });
  await writeFrames(recorder, DELAY + 40, DELAY + 400);
  isFull = false;
  await clock.advance(6000);
  await settle();
  await writeFrames(recorder, DELAY + 400, DELAY + 500);
  await settle();
  isFull = true;
  await writeFrames(recorder, DELAY + 500, DELAY + 800);
  isFull = false;
  await clock.advance(6000);
  const info = await recorder.finish(DELAY + 800);
  assert.deepEqual([info.state, info.samples], ["complete", 840]);
  assert.deepEqual(info.markers, [
    { type: "gap", position: 100, data: { samples: 300, reason: "refused" } },
    { type: "paused", position: 200 },
    { type: "gap", position: 560, data: { samples: 240, reason: "refused" } },
  ]);
  const expected = rampWithGap(840, 1, 100, 400).fill(0, 560, 800);
  assert.deepEqual((await stored(store)).user, expected);
  assert.deepEqual(warnings.map(({ code }) => code), ["recording_failed"], "but once in 10 s");
  assert.equal(recorder.samplesLost, 540);
});

Deno.test("Recorder begins late when the store can not before, and keeps the time", async () => {
  let isAway = true;
  const store = storeWith({
    create: () => isAway ? Promise.reject(new Error("away")) : Promise.resolve(),
  });
  const { recorder, clock } = setUp({ store });
  await writeFrames(recorder, 0, DELAY + 200);
  isAway = false;
  await clock.advance(5000);
  const { samples, markers } = await recorder.finish(DELAY + 200);
  assert.deepEqual([samples, markers.length], [240, 1]);
  assert.deepEqual((await stored(store)).user, rampWithGap(240, 1, 60, 200));
});

Deno.test("Recorder.finish() gives up a store that hangs when its signal says so", async () => {
  for (const hanging of ["create", "append", "finish"]) {
    const stuck = Promise.withResolvers<void>();
    const store = storeWith({ [hanging]: () => stuck.promise });
    const { recorder, warnings } = setUp({ store });
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
    const { info } = (await openOf(store))!;
    const state = hanging === "finish" ? "complete" : "failed";
    assert.deepEqual([info.state, info.samples], [state, 60], "it is ended once the store wakes");
  }
});

Deno.test("Recorder.finish() gives up a store that refuses, which ends the recording when it can", async () => {
  let isFull = false;
  const full = () => isFull ? Promise.reject(new Error("disk full")) : Promise.resolve();
  const store = storeWith({ append: full, skip: full, finish: full });
  const { recorder, clock, warnings } = setUp({ store });
  await writeFrames(recorder, 0, DELAY + 40);
  await settle();
  isFull = true;
  await writeFrames(recorder, DELAY + 40, DELAY + 200);
  const controller = new AbortController();
  const finished = recorder.finish(DELAY + 200, { signal: controller.signal });
  controller.abort();
  assert.equal((await finished).state, "failed");
  assert.equal(recorder.samplesLost, 200);
  await clock.advance(60_000);
  assert.equal((await openOf(store))!.info.state, "recording");
  isFull = false;
  await clock.advance(5000);
  const { info } = (await openOf(store))!;
  assert.deepEqual([info.state, info.samples], ["failed", 240], "time is kept to the end");
  assert.deepEqual(info.markers, [
    { type: "gap", position: 40, data: { samples: 200, reason: "refused" } },
  ]);
  assert.deepEqual((await stored(store)).user, rampWithGap(240, 1, 40, 240));
  assert.equal(clock.pendingTimers, 0);
  assert.deepEqual(warnings.map(({ code }) => code), ["recording_failed", "recording_too_slow"]);
});

Deno.test("Recorder.finish() does not mind a signal that comes too late", async () => {
  const { recorder, warnings } = setUp();
  const controller = new AbortController();
  await recorder.finish(0, { signal: controller.signal });
  controller.abort();
  assert.equal((await recorder.finish(0, { signal: controller.signal })).state, "complete");
  assert.deepEqual(warnings, []);
});

Deno.test("Recorder fails when the recording cannot begin or end", async () => {
  const taken = new MemoryStore();
  await keep(taken, patternBytes(8));
  const refused = setUp({ store: taken });
  await writeFrames(refused.recorder, 0, 100);
  assert.equal((await refused.recorder.finish(100)).state, "failed");
  assert.equal(refused.warnings[0].message.includes(new RecordingExistsError("CA1").message), true);
  assert.deepEqual(await readAll((await openOf(taken))!.read()), patternBytes(8));

  const store = storeWith({ finish: () => Promise.reject(new RangeError("too large")) });
  const { recorder, warnings } = setUp({ store });
  assert.equal((await recorder.finish(8)).state, "failed");
  assert.deepEqual(warnings.map(({ code }) => code), ["recording_failed"]);
});

Deno.test("Recorder lets the store keep what was noted every 5 s, while the call runs", async () => {
  const told: [samples: number, markers: number, events: number][] = [];
  const store = storeWith({
    update: ({ samples, markers, events }) =>
      Promise.resolve(told.push([samples, markers.length, events.length])),
  });
  const { recorder } = setUp({ store, maxSamples: 1200 });
  for (let second = 0; second < 30; second++) {
    if (second === 3 || second === 22) recorder.note({ type: "paused", position: 80 * second });
    if (second === 7) recorder.note({ type: "event", position: 80 * second });
    await writeFrames(recorder, 80 * second, 80 * (second + 1));
  }
  assert.deepEqual(told, [[300, 1, 0], [620, 1, 1], [1200, 2, 1]]);
  assert.deepEqual((await openOf(store))!.info.markers.length, 2, "and also once it is capped");
  const { samples } = await recorder.finish(2400);
  assert.equal(samples, 1200);
  assert.deepEqual((await stored(store)).user, ramp(1200, 1));
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
