import assert from "node:assert/strict";
import { MemoryStore } from "../../recordings/memory.ts";
import {
  Recorder,
  type RecorderOptions,
  type RecorderWarning,
  type RepairedSource,
} from "../../recordings/recorder.ts";
import { RecordingExistsError, type RecordingStore } from "../../recordings/store.ts";
import { anInfo, keep, patternBytes, readAll } from "./store_contract.ts";

const FRAME = 4;
const DELAY = 40;

/** One side of a call: sample `i` of what was supplied has the value `i * step`. */
class Tape implements RepairedSource {
  readonly samples = new Int16Array(10_000);
  /** Positions that were read, in order. */
  readonly reads: number[] = [];
  readonly #step: number;

  constructor(step: number, until = 10_000) {
    this.#step = step;
    this.supply(0, until);
  }

  supply(from: number, to: number): void {
    for (let i = from; i < to; i++) this.samples[i] = i * this.#step;
  }

  read(position: number, output: Int16Array): number {
    this.reads.push(position);
    output.set(this.samples.subarray(position, position + output.length));
    return output.length;
  }
}

function setUp(changes: Partial<RecorderOptions> = {}) {
  const user = new Tape(1);
  const bot = new Tape(-2);
  const store = new MemoryStore();
  const warnings: RecorderWarning[] = [];
  const recorder = new Recorder({
    user,
    bot,
    store,
    info: anInfo(),
    frameSamples: FRAME,
    maxSamples: 10_000,
    delaySamples: DELAY,
    blockFrames: 5,
    maxBlocks: 3,
    onWarning: (warning) => warnings.push(warning),
    ...changes,
  });
  return { user, bot, store, warnings, recorder };
}

/** Lets everything that waits for nothing outside make progress. */
const settle = () => new Promise<void>((resolve) => setTimeout(resolve, 0));

/** Mixes frames at the pace of the store, as time would. */
async function writeFrames(recorder: Recorder, from: number, to: number): Promise<void> {
  for (let position = from; position < to; position += FRAME) {
    recorder.write(position);
    if (position % (5 * FRAME) === 0) await settle();
  }
}

/** What the store has: the left and right samples. */
async function stored(store: RecordingStore): Promise<{ user: Int16Array; bot: Int16Array }> {
  const bytes = await readAll((await store.open("CA1"))!.read());
  const samples = new Int16Array(bytes.buffer);
  return {
    user: samples.filter((_, index) => index % 2 === 0),
    bot: samples.filter((_, index) => index % 2 === 1),
  };
}

function ramp(length: number, step: number): Int16Array {
  return Int16Array.from({ length }, (_, index) => index * step);
}

/** A store of which one step is replaced. */
function storeWith(
  steps: {
    create?: () => Promise<unknown>;
    append?: (count: number, pcm: Uint8Array) => Promise<unknown>;
    finish?: () => Promise<unknown>;
  },
): RecordingStore {
  const inner = new MemoryStore();
  let appends = 0;
  return {
    async create(info) {
      await steps.create?.();
      const writer = await inner.create(info);
      return {
        append: async (pcm) => {
          await steps.append?.(appends++, pcm);
          await writer.append(pcm);
        },
        finish: async (final) => {
          await steps.finish?.();
          await writer.finish(final);
        },
      };
    },
    open: (callId) => inner.open(callId),
    list: () => inner.list(),
    delete: (callId) => inner.delete(callId),
  };
}

Deno.test("Recorder keeps both sides, left the user and right the bot, to the last sample", async () => {
  const { recorder, store, warnings } = setUp();
  await writeFrames(recorder, 0, 400);
  assert.equal(recorder.state, "recording");
  const info = await recorder.finish(402);
  assert.deepEqual(info, anInfo({ state: "complete", samples: 402 }));
  assert.deepEqual([recorder.state, recorder.samplesWritten], ["complete", 402]);
  assert.deepEqual((await store.open("CA1"))!.info, info);
  const { user, bot } = await stored(store);
  assert.deepEqual(user, ramp(402, 1));
  assert.deepEqual(bot, ramp(402, -2));
  assert.deepEqual(warnings, []);
});

Deno.test("Recorder.write() reads each frame once, in order, and exactly the delay later", async () => {
  const { recorder, user, bot } = setUp();
  for (let position = 0; position < 200; position += FRAME) {
    recorder.write(position);
    const expected = position < DELAY ? undefined : position - DELAY;
    assert.equal(user.reads.at(-1), expected);
    await settle();
  }
  await recorder.finish(200);
  const inOrder = Array.from({ length: 50 }, (_, index) => index * FRAME);
  assert.deepEqual(user.reads, inOrder);
  assert.deepEqual(bot.reads, inOrder);
});

Deno.test("Recorder keeps sound that was late for the listeners but not for the recording", async () => {
  const user = new Tape(1, 100);
  const { recorder, store } = setUp({ user });
  await writeFrames(recorder, 0, 140);
  // The frames at 100 to 136 were mixed as silence; the delay ends at 100.
  user.supply(96, 140);
  await writeFrames(recorder, 140, 200);
  await recorder.finish(200);
  const expected = ramp(200, 1);
  expected.fill(0, 140);
  assert.deepEqual((await stored(store)).user, expected);
});

Deno.test("Recorder does not keep sound that came later than the delay", async () => {
  const user = new Tape(1, 100);
  const { recorder, store } = setUp({ user });
  await writeFrames(recorder, 0, 144);
  user.supply(100, 120); // The frame at 100 was written with the mixed one at 140.
  await recorder.finish(144);
  const expected = ramp(144, 1);
  expected.fill(0, 100, 104);
  expected.fill(0, 120);
  assert.deepEqual((await stored(store)).user, expected);
});

Deno.test("Recorder keeps exactly maxSamples and lets the call go on", async () => {
  for (const maxSamples of [0, 1, 98, 100, 101]) {
    const { recorder, store, user } = setUp({ maxSamples });
    await writeFrames(recorder, 0, 400);
    assert.equal(recorder.state, "capped");
    await settle();
    assert.equal(recorder.samplesWritten, maxSamples, "what was capped is written at once");
    const reads = user.reads.length;
    await writeFrames(recorder, 400, 440);
    assert.equal(user.reads.length, reads);
    const info = await recorder.finish(440);
    assert.deepEqual([info.state, info.samples, recorder.state], [
      "complete",
      maxSamples,
      "complete",
    ]);
    assert.deepEqual((await stored(store)).bot, ramp(maxSamples, -2));
  }
});

Deno.test("Recorder.finish() keeps exactly maxSamples of what the delay line holds", async () => {
  const { recorder, store } = setUp({ maxSamples: 30 });
  await writeFrames(recorder, 0, 40);
  assert.equal((await recorder.finish(40)).samples, 30);
  assert.deepEqual((await stored(store)).user, ramp(30, 1));
});

Deno.test("Recorder.finish() keeps calls shorter than the delay, and empty ones", async () => {
  for (const length of [0, 1, FRAME, 38, DELAY]) {
    const { recorder, store } = setUp();
    for (let position = 0; position + FRAME <= length; position += FRAME) recorder.write(position);
    const info = await recorder.finish(length);
    assert.deepEqual([info.state, info.samples], ["complete", length]);
    assert.deepEqual((await stored(store)).user, ramp(length, 1));
  }
});

Deno.test("Recorder.finish() ends once, however often it is called", async () => {
  let finishes = 0;
  const store = storeWith({ finish: () => Promise.resolve(finishes++) });
  const { recorder } = setUp({ store });
  await writeFrames(recorder, 0, 60);
  const [first, second] = await Promise.all([recorder.finish(60), recorder.finish(80)]);
  assert.deepEqual(second, first);
  recorder.write(60);
  recorder.note({ type: "late", position: 60 });
  assert.deepEqual(await recorder.finish(100), first);
  assert.equal(first.samples, 60);
  assert.equal(finishes, 1);
});

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

Deno.test("Recorder uses its few blocks again and again", async () => {
  const buffers = new Set<ArrayBufferLike>();
  const store = storeWith({ append: (_, { buffer }) => Promise.resolve(buffers.add(buffer)) });
  const { recorder } = setUp({ store });
  await writeFrames(recorder, 0, 2000);
  await recorder.finish(2000);
  assert.ok(buffers.size <= 3, `${buffers.size} buffers`);
  assert.deepEqual((await stored(store)).user, ramp(2000, 1));
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
  const { info: kept } = (await store.open("CA1"))!;
  assert.deepEqual([kept.state, kept.samples], ["failed", 60], "it is ended once the store wakes");
  assert.deepEqual((await stored(store)).user, ramp(60, 1));
});

Deno.test("Recorder.finish() gives up a store that hangs when its signal says so", async () => {
  for (const hanging of ["create", "append", "finish"]) {
    const stuck = Promise.withResolvers<void>();
    const { recorder, warnings } = setUp({ store: storeWith({ [hanging]: () => stuck.promise }) });
    await writeFrames(recorder, 0, 60);
    const controller = new AbortController();
    const finished = recorder.finish(60, controller.signal);
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
  await recorder.finish(0, controller.signal);
  controller.abort();
  assert.equal((await recorder.finish(0, controller.signal)).state, "complete");
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
  assert.deepEqual((await store.open("CA1"))!.info, info);
  assert.deepEqual((await stored(store)).user, ramp(40, 1));
});

Deno.test("Recorder fails when the recording cannot begin or end", async () => {
  const taken = new MemoryStore();
  await keep(taken, patternBytes(8));
  const refused = setUp({ store: taken });
  await writeFrames(refused.recorder, 0, 100);
  assert.equal((await refused.recorder.finish(100)).state, "failed");
  assert.equal(refused.warnings[0].message.includes(new RecordingExistsError("CA1").message), true);
  assert.deepEqual(await readAll((await taken.open("CA1"))!.read()), patternBytes(8));

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

Deno.test("Recorder.write() keeps its place when positions are skipped, repeated or absurd", async () => {
  const { recorder, store } = setUp();
  await writeFrames(recorder, 0, 60);
  for (const position of [92, 92, 0, -4, NaN]) recorder.write(position);
  assert.equal(recorder.state, "recording");
  await recorder.finish(96);
  assert.deepEqual((await stored(store)).user, ramp(96, 1));
  const absurd = setUp();
  absurd.recorder.write(1e9);
  assert.equal(absurd.recorder.state, "failed");
  await absurd.recorder.finish(0);
});

Deno.test("Recorder.note() keeps events up to its limits and warns once", async () => {
  const { recorder, store, warnings } = setUp({ maxEvents: 3 });
  for (let position = 0; position < 9; position++) recorder.note({ type: "clear", position });
  assert.deepEqual(warnings.map(({ code }) => code), ["recording_events_full"]);
  const { events } = await recorder.finish(8);
  assert.deepEqual(events.map(({ position }) => position), [0, 1, 2]);
  assert.deepEqual((await store.open("CA1"))!.info.events, events);
});

Deno.test("Recorder.note() bounds the size of events and refuses what JSON cannot carry", async () => {
  const { recorder, warnings } = setUp({ maxEventCharacters: 1000 });
  const cyclic: Record<string, unknown> = {};
  cyclic.self = cyclic;
  recorder.note({ type: "a", position: 0, data: cyclic });
  recorder.note({ type: "b", position: 0, data: 1n });
  recorder.note({ type: "c", position: 0, data: "x".repeat(1000) });
  recorder.note({ type: "d", position: 0, data: "x".repeat(900) });
  recorder.note({ type: "e", position: 0, data: "x".repeat(100) });
  const { events, state } = await recorder.finish(0);
  assert.deepEqual([events.map(({ type }) => type), state], [["d"], "complete"]);
  assert.equal(warnings.length, 1);
});

Deno.test("Recorder refuses numbers that do not fit", () => {
  const wrong: Partial<RecorderOptions>[] = [
    { frameSamples: 0 },
    { frameSamples: 0.5 },
    { delaySamples: 41 },
    { delaySamples: -4 },
    { maxSamples: -1 },
    { blockFrames: 0 },
    { maxBlocks: 1 },
    { maxEvents: NaN },
  ];
  for (const changes of wrong) assert.throws(() => setUp(changes), RangeError);
});
