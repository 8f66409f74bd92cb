import assert from "node:assert/strict";
import type { RecorderOptions } from "../../recordings/recorder.ts";
import { assertSame } from "../support/same.ts";
import { anInfo, openOf, peaksOf, readAll } from "./store_contract.ts";
import {
  DELAY,
  FRAME,
  ramp,
  settle,
  setUp,
  stored,
  storeWith,
  Tape,
  writeFrames,
} from "./recorder_support.ts";

Deno.test.sanitizer({ ops: true, resources: true });

Deno.test("Recorder keeps both sides, left the user and right the bot, to the last sample", async () => {
  const { recorder, store, warnings } = setUp();
  await writeFrames(recorder, 0, 400);
  assert.equal(recorder.state, "recording");
  const info = await recorder.finish(402);
  assert.deepEqual(info, anInfo({ sampleRate: 80, state: "complete", samples: 402 }));
  assert.deepEqual([recorder.state, recorder.samplesWritten], ["complete", 402]);
  const { sha256: _, bytes: __, ...kept } = (await openOf(store))!.info;
  assert.deepEqual(kept, info);
  const { user, bot } = await stored(store);
  assert.deepEqual(user, ramp(402, 1));
  assert.deepEqual(bot, ramp(402, -2));
  assert.deepEqual(warnings, []);
});

Deno.test("Recorder gives the store the peaks of what it records", async () => {
  const user = new Tape(100, 300);
  const bot = new Tape(-200, 150);
  const { recorder, store } = setUp({ user, bot, info: anInfo({ sampleRate: 160 }) });
  await writeFrames(recorder, 0, 400);
  await recorder.finish(399);
  const recording = (await openOf(store))!;
  const pcm = await readAll(recording.read());
  assertSame(await recording.peaks(), peaksOf(pcm, 160), "peaks");
});

Deno.test("Recorder.pending() answers what was read and the store has not taken", async () => {
  const stuck = Promise.withResolvers<void>();
  const store = storeWith({ append: (count) => count === 1 ? stuck.promise : Promise.resolve() });
  const { recorder } = setUp({ store });
  await writeFrames(recorder, 0, DELAY + 52);
  assert.equal(recorder.samplesWritten, 20);
  const at = (from: number, to: number) =>
    Int16Array.from({ length: 2 * (to - from) }, (_, i) => (from + (i >> 1)) * (i % 2 ? -2 : 1));
  for (const [from, first] of [[0, 20], [20, 20], [23, 23], [41, 41], [51, 51]]) {
    const { position, pcm } = recorder.pending(from);
    assert.equal(position, first);
    assertSame(pcm, at(first, 52), `pending from ${from}`);
  }
  assert.equal(recorder.pending(52).pcm.length, 0);
  assert.equal(recorder.pending(99).pcm.length, 0);
  stuck.resolve();
  await settle();
  assert.deepEqual(recorder.pending(0).position, 40);
  await recorder.finish(52);
  assert.equal(recorder.pending(0).pcm.length, 0);
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

Deno.test("Recorder uses its few blocks again and again", async () => {
  const buffers = new Set<ArrayBufferLike>();
  const store = storeWith({ append: (_, { buffer }) => Promise.resolve(buffers.add(buffer)) });
  const { recorder } = setUp({ store });
  await writeFrames(recorder, 0, 2000);
  await recorder.finish(2000);
  assert.ok(buffers.size <= 3, `${buffers.size} buffers`);
  assert.deepEqual((await stored(store)).user, ramp(2000, 1));
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
  assert.equal(absurd.recorder.state, "capped");
  await absurd.recorder.finish(0);
});

Deno.test("Recorder.note() keeps events up to its limits and warns once", async () => {
  const { recorder, store, warnings } = setUp({ maxEvents: 3 });
  for (let position = 0; position < 9; position++) recorder.note({ type: "event", position });
  assert.deepEqual(warnings.map(({ code }) => code), ["recording_events_full"]);
  const { events } = await recorder.finish(8);
  assert.deepEqual(events.map(({ position }) => position), [0, 1, 2]);
  assert.deepEqual((await openOf(store))!.info.events, events);
});

Deno.test("Recorder.note() bounds the size of events and refuses what JSON cannot carry", async () => {
  const { recorder, warnings } = setUp({ maxEventCharacters: 1000 });
  const cyclic: Record<string, unknown> = {};
  cyclic.self = cyclic;
  recorder.note({ type: "event", name: "a", position: 0, data: cyclic });
  recorder.note({ type: "event", name: "b", position: 0, data: 1n });
  recorder.note({ type: "event", name: "c", position: 0, data: "x".repeat(1000) });
  recorder.note({ type: "event", name: "d", position: 0, data: "x".repeat(900) });
  recorder.note({ type: "event", name: "e", position: 0, data: "x".repeat(100) });
  const { events, state } = await recorder.finish(0);
  assert.deepEqual([events.map(({ name }) => name), state], [["d"], "complete"]);
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
