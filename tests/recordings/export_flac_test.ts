import assert from "node:assert/strict";
import { ManualClock, systemClock } from "../../mixer/clock.ts";
import { exportFlac } from "../../recordings/export_flac.ts";
import { type ExportOptions, exportView } from "../../recordings/export_view.ts";
import { FlacPool } from "../../recordings/flac_pool.ts";
import { run, testWith } from "../support/programs.ts";
import { assertSame } from "../support/same.ts";
import {
  bytesOf,
  expectedSamples,
  type ReadRecording,
  recordingOf,
  twoVoices,
} from "./export_support.ts";
import { readAll } from "./store_contract.ts";

/** A pool of one thread. */
function onePool() {
  const pool = new FlacPool({ clock: systemClock, maxActive: 1 });
  return { pool, [Symbol.dispose]: () => pool.close() };
}

function flacOf(recording: ReadRecording, pool: FlacPool, options: ExportOptions = {}) {
  const view = exportView(recording.info, options);
  return exportFlac(recording, view, { pool, clock: systemClock });
}

/** What a program makes of a FLAC file: its samples as bytes. */
const decode = {
  ffmpeg: (flac: Uint8Array<ArrayBuffer>) =>
    run("ffmpeg", ["-v", "error", "-i", "-", "-f", "s16le", "-"], flac),
  sox: (flac: Uint8Array<ArrayBuffer>) =>
    run(
      "sox",
      ["-D", "-V1", "-t", "flac", "-", "-t", "raw", "-e", "signed", "-b", "16", "-"],
      flac,
    ),
};

testWith(
  ["ffmpeg", "sox"],
  "exportFlac() is bit-exact in every view, for ffmpeg and sox",
  async () => {
    using made = onePool();
    const stereo = twoVoices(60_000, 11);
    const recording = recordingOf(stereo);
    const views: ExportOptions[] = [
      {},
      { track: "user" },
      { track: "bot" },
      { channels: 2 },
      { channels: 2, start: 12_345, end: 43_210 },
      { start: 59_999 },
      { start: 4096, end: 8192 },
    ];
    for (const options of views) {
      const flac = await readAll(await flacOf(recording, made.pool, options));
      const expected = bytesOf(expectedSamples(stereo, options));
      const name = JSON.stringify(options);
      const [ffmpeg, sox] = await Promise.all([decode.ffmpeg(flac), decode.sox(flac)]);
      assertSame(ffmpeg, expected, `ffmpeg, ${name}`);
      assertSame(sox, expected, `sox, ${name}`);
    }
  },
);

Deno.test("exportFlac() tells rate, channels and length at its head, and takes an empty part", async () => {
  using made = onePool();
  const recording = recordingOf(twoVoices(20_000, 12), { sampleRate: 16_000 });
  for (const [options, samples] of [[{ channels: 2 }, 20_000], [{ start: 20_000 }, 0]] as const) {
    const flac = await readAll(await flacOf(recording, made.pool, options));
    assert.equal(new TextDecoder().decode(flac.subarray(0, 4)), "fLaC");
    // RFC 9639, 8.2: 20 bits of rate, 3 of channels - 1, 5 of bits - 1, 36 of length.
    const packed = new DataView(flac.buffer).getBigUint64(18);
    assert.deepEqual(
      [packed >> 44n, (packed >> 41n) & 7n, (packed >> 36n) & 31n, packed & 0xfffffffffn],
      [16_000n, "channels" in options ? 1n : 0n, 15n, BigInt(samples)],
    );
  }
});

Deno.test("exportFlac() encodes no faster than it is read", async () => {
  using made = onePool();
  const recording = recordingOf(twoVoices(400_000, 13));
  const reader = (await flacOf(recording, made.pool)).getReader();
  assert.equal(recording.given.bytes, 0);
  await reader.read();
  assert.equal(recording.given.bytes, 0);
  for (let chunk = 1; chunk <= 5; chunk++) {
    await reader.read();
    assert.ok(recording.given.bytes <= chunk * 65_536 + 30_001, `${recording.given.bytes} bytes`);
  }
  await reader.cancel();
});

testWith(
  ["ffmpeg"],
  "exportFlac() leaves nothing of a cancelled stream in the encoder",
  async () => {
    using made = onePool();
    const stereo = twoVoices(100_000, 14);
    for (let chunks = 0; chunks < 4; chunks++) {
      const reader = (await flacOf(recordingOf(stereo), made.pool)).getReader();
      for (let chunk = 0; chunk < chunks; chunk++) await reader.read();
      // Also in the middle of a read, which then finds the stream closed.
      const pending = chunks % 2 === 1 ? reader.read() : undefined;
      await reader.cancel();
      await pending;
      assert.equal(made.pool.active, 0);
    }
    const flac = await readAll(await flacOf(recordingOf(stereo), made.pool));
    assertSame(await decode.ffmpeg(flac), bytesOf(expectedSamples(stereo, {})), "the next stream");
    assert.equal(made.pool.broken, 0);
  },
);

Deno.test("exportFlac() fails with its recording, and gives the encoder back", async () => {
  using made = onePool();
  const short = recordingOf(twoVoices(30_000, 15), { samples: 40_000 });
  const stream = await flacOf(short, made.pool);
  await assert.rejects(() => readAll(stream), /early/);
  assert.deepEqual([made.pool.active, made.pool.broken], [0, 0]);
});

Deno.test("exportFlac() takes the encoder from a reader that reads nothing", async () => {
  using made = onePool();
  const clock = new ManualClock();
  const recording = recordingOf(twoVoices(400_000, 16));
  const view = exportView(recording.info);
  const stalled = await exportFlac(recording, view, { pool: made.pool, clock, maxStallMs: 1000 });
  const reader = stalled.getReader();
  for (let chunk = 0; chunk < 3; chunk++) {
    await clock.advance(900);
    await reader.read();
  }
  const next = made.pool.acquire();
  await clock.advance(1000);
  const encoder = await next;
  await assert.rejects(() => reader.read(), /nothing was read for 1000 ms/);
  made.pool.release(encoder);
  assert.equal(clock.pendingTimers, 0);
});

Deno.test("exportFlac() takes the encoder from a reader that plays for time", async () => {
  using made = onePool();
  const clock = new ManualClock();
  const recording = recordingOf(twoVoices(2_000_000, 16));
  const view = exportView(recording.info);
  const limits = { maxStallMs: 1000, maxIdleMs: 3000 };
  const stream = await exportFlac(recording, view, { pool: made.pool, clock, ...limits });
  const reader = stream.getReader();
  for (let chunk = 0; chunk < 3; chunk++) {
    await clock.advance(900);
    await reader.read();
  }
  await clock.advance(299);
  assert.equal(made.pool.active, 1);
  await clock.advance(1);
  await assert.rejects(() => reader.read(), /nothing was read for 300 ms/);
  const encoder = await made.pool.acquire();
  made.pool.release(encoder);
});
