import assert from "node:assert/strict";
import { ManualClock } from "../../mixer/clock.ts";
import { RecordingReader } from "../../static/feed/recording_reader.js";
import { RecordingSource } from "../../static/feed/recording_source.js";
import { indexSound } from "./index_sound.ts";
import { SimulatedCall } from "./simulated_call.ts";
import { encodeWav } from "./wav.ts";

const silence = (_: number, samples: number) => new Int16Array(2 * samples);

/** What a reader finds in a file that begins with these bytes and has so many in all. */
function formatOf(bytes: Uint8Array<ArrayBuffer>, total: number) {
  const headers = { "content-range": `bytes 0-${bytes.length - 1}/${total}` };
  const answer = () => Promise.resolve(new Response(bytes, { status: 206, headers }));
  return new RecordingReader("http://host/r", answer).open();
}

Deno.test("RecordingReader.open() finds the samples behind any chunks, and in files that were never finished", async () => {
  const { bytes, total } = encodeWav(8000, 1000, silence, { first: 0, last: 4095 });
  assert.deepEqual(await formatOf(bytes, total), {
    sampleRate: 8000,
    channels: 2,
    offset: 80,
    length: 1000,
  });
  const view = new DataView(bytes.buffer);
  for (const size of [0, 0xffffffff]) {
    view.setUint32(76, size, true);
    assert.equal((await formatOf(bytes, 80 + 4 * 5000 + 3)).length, 5000);
  }
  // RF64
  view.setUint32(0, 0x34364652, true);
  assert.equal((await formatOf(bytes, 80 + 4 * 1_500_000_000)).length, 1_500_000_000);
});

Deno.test("RecordingReader.open() refuses what is no WAV file", async () => {
  await assert.rejects(() => formatOf(new Uint8Array(0), 0), /no WAV file/);
  await assert.rejects(() => formatOf(new Uint8Array(100), 100), /no WAV file/);
  const { bytes } = encodeWav(8000, 1000, silence, { first: 0, last: 4095 });
  await assert.rejects(() => formatOf(bytes.slice(0, 70), 70), /no data/);
});

Deno.test("RecordingReader refuses a server that knows no ranges, and does not read all of it", async () => {
  let cancelled = false;
  const body = new ReadableStream({ cancel: () => void (cancelled = true) });
  const reader = new RecordingReader("http://host/r", () => Promise.resolve(new Response(body)));
  await assert.rejects(() => reader.open(), /expected status 206, received 200/);
  assert.equal(cancelled, true);
});

/** A source on a recording of 30 s, and what it says. */
function source(fails: () => boolean = () => false) {
  const call = new SimulatedCall(indexSound, { endsMs: 30_000, rateHz: 8000 });
  call.step(100_000);
  const clock = new ManualClock();
  const pieces: { position: number; samples: number }[] = [];
  const states: string[] = [];
  let ended = 0;
  const created = new RecordingSource("http://host/calls/a/recording?token=k", {
    openSocket: () => assert.fail(),
    fetch: (url, init) =>
      fails() ? Promise.reject(new TypeError("no network")) : call.fetch(url, init),
    setTimeout: (callback, ms) => clock.setTimeout(callback, ms),
    clearTimeout: (timer) => clock.clearTimeout(timer),
    now: () => clock.now(),
    random: () => 1,
  }, {
    onOpen: () => void states.push("open"),
    onFrame: (pcm, position) => void pieces.push({ position, samples: pcm.byteLength / 4 }),
    onEnd: () => ended++,
    onState: ({ state }) => void states.push(state),
  });
  return { call, clock, pieces, states, source: created, ended: () => ended };
}

Deno.test("RecordingSource fetches 5 s at a time, and only when less than 10 s are left", async () => {
  const { clock, pieces, source: recording, call } = source();
  recording.seek(16_000);
  await clock.advance(0);
  assert.equal(pieces.length, 20);
  assert.deepEqual(pieces[0], { position: 16_000, samples: 2000 });
  recording.fill(10);
  await clock.advance(0);
  assert.equal(pieces.length, 20);
  recording.fill(9.9);
  recording.fill(9.9);
  await clock.advance(0);
  assert.equal(pieces.length, 40);
  assert.equal(pieces[39].position + 2000, 16_000 + 80_000);
  assert.equal(call.ranges, 3);
});

Deno.test("RecordingSource.seek() forgets what is under way", async () => {
  const { clock, pieces, source: recording } = source();
  recording.seek(0);
  recording.seek(120_000);
  await clock.advance(0);
  assert.equal(pieces[0].position, 120_000);
});

Deno.test("RecordingSource ends once, and can be taken back from its end", async () => {
  const { clock, pieces, source: recording, ended } = source();
  recording.seek(239_000);
  await clock.advance(0);
  recording.fill(0);
  await clock.advance(0);
  recording.fill(0);
  await clock.advance(0);
  assert.deepEqual([pieces.length, pieces[0].samples, ended()], [1, 1000, 1]);
  recording.seek(0);
  await clock.advance(0);
  assert.equal(pieces[1].position, 0);
});

Deno.test("RecordingSource tries again with longer waits, and gives up after six times", async () => {
  let failing = true;
  const { clock, pieces, states, source: recording } = source(() => failing);
  recording.seek(0);
  await clock.advance(0);
  failing = false;
  await clock.advance(500);
  assert.deepEqual([states, pieces.length], [["reconnecting", "open"], 20]);
  failing = true;
  recording.fill(0);
  for (let n = 0; n < 10; n++) await clock.advance(10_000);
  assert.deepEqual(states.slice(2), [...Array(5).fill("reconnecting"), "refused"]);
  assert.equal(clock.pendingTimers, 0);
});
