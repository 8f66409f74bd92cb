import assert from "node:assert/strict";
import { exportWav } from "../../recordings/export.ts";
import type { ExportOptions } from "../../recordings/export_view.ts";
import { WAV_HEADER_BYTES, wavHeader } from "../../recordings/wav.ts";
import { run, testWith } from "../support/programs.ts";
import { seededRandom } from "../support/random.ts";
import { assertSame } from "../support/same.ts";
import {
  bytesOf,
  computedRecording,
  expectedSamples,
  recordingOf,
  twoVoices,
} from "./export_support.ts";
import { readAll } from "./store_contract.ts";

const VIEWS: ExportOptions[] = [{}, { track: "user" }, { track: "bot" }, { channels: 2 }];
const SEED = 20260102;
const CASES = 1000;

Deno.test(`exportWav() gives any bytes of the file as they are in the whole (seed ${SEED})`, async () => {
  const random = seededRandom(SEED);
  const upTo = (limit: number) => Math.floor(random() * (limit + 1));
  const stereo = twoVoices(40_000, SEED);
  for (let round = 0; round < CASES; round++) {
    // Most are short, so that cuts fall into the header and next to each other.
    const samples = upTo(round % 10 === 0 ? 40_000 : 60);
    const recording = recordingOf(stereo.slice(0, 2 * samples), {}, 1 + upTo(40_000));
    const start = upTo(samples);
    const part = random() < 0.5 ? {} : { start, end: start + 1 + upTo(samples) };
    const options = { ...VIEWS[upTo(3)], ...part };
    const wav = exportWav(recording, options);
    const whole = await readAll(wav.stream());
    assert.equal(whole.length, wav.byteLength);
    const told = `case ${round}, ${JSON.stringify(options)}`;
    const sound = bytesOf(expectedSamples(stereo.subarray(0, 2 * samples), options));
    assertSame(whole.subarray(WAV_HEADER_BYTES), sound, told);
    const cuts = Array.from({ length: upTo(4) }, () => upTo(wav.byteLength));
    const bounds = [0, ...cuts.sort((a, b) => a - b), wav.byteLength];
    const parts: Uint8Array[] = [];
    for (let i = 1; i < bounds.length; i++) {
      parts.push(await readAll(wav.stream(bounds[i - 1], bounds[i])));
      assert.equal(parts.at(-1)!.length, bounds[i] - bounds[i - 1], told);
    }
    assertSame(new Uint8Array(await new Blob(parts as BlobPart[]).arrayBuffer()), whole, told);
  }
});

Deno.test("exportWav() reads the samples that a range touches and no others", async () => {
  const recording = recordingOf(twoVoices(1000, 1));
  const mix = exportWav(recording);
  const reads = async (start: number, end?: number) => {
    recording.reads.length = 0;
    await readAll(mix.stream(start, end));
    return recording.reads;
  };
  assert.deepEqual(await reads(0, WAV_HEADER_BYTES), []);
  assert.deepEqual(await reads(WAV_HEADER_BYTES, WAV_HEADER_BYTES + 2), [{ start: 0, end: 4 }]);
  // The last byte of sample 499 and the first of sample 500.
  const middle = WAV_HEADER_BYTES + 999;
  assert.deepEqual(await reads(middle, middle + 2), [{ start: 4 * 499, end: 4 * 501 }]);
  assert.deepEqual(await reads(mix.byteLength - 1), [{ start: 4 * 999, end: 4 * 1000 }]);
  const part = exportWav(recording, { channels: 2, start: 300, end: 400 });
  recording.reads.length = 0;
  await readAll(part.stream(WAV_HEADER_BYTES + 4));
  assert.deepEqual(recording.reads, [{ start: 4 * 301, end: 4 * 400 }]);
});

Deno.test("exportWav() seeks in a file of more than 4 GiB, whose head is RF64", async () => {
  const samples = 3_000_000_000;
  const give = (start: number, end: number) => {
    const bytes = new Uint8Array(end - start);
    for (let i = 0; i < bytes.length; i++) bytes[i] = Math.floor((start + i) / 4) & 0x7f;
    return bytes;
  };
  const recording = computedRecording(samples, give, { sampleRate: 16_000 });
  for (const [options, channels] of [[{ track: "user" }, 1], [{ channels: 2 }, 2]] as const) {
    const wav = exportWav(recording, options);
    const dataBytes = samples * channels * 2;
    assert.equal(wav.byteLength, WAV_HEADER_BYTES + dataBytes);
    const header = await readAll(wav.stream(0, WAV_HEADER_BYTES));
    assert.deepEqual(header, wavHeader({ sampleRate: 16_000, channels, dataBytes }));
    assert.equal(new TextDecoder().decode(header.subarray(0, 4)), "RF64");
    const last = await readAll(wav.stream(wav.byteLength - 3));
    const value = (samples - 1) & 0x7f;
    assert.deepEqual(
      last,
      Uint8Array.of(channels === 1 ? (samples - 2) & 0x7f : value, value, value),
    );
  }
  assert.ok(recording.given.bytes <= 16, `${recording.given.bytes} bytes read`);
});

Deno.test("exportWav() leaves out what the recording does not have, and tells parts apart", () => {
  const recording = recordingOf(twoVoices(8000, 2));
  const view = (options: ExportOptions) => exportWav(recording, options).view;
  assert.equal(exportWav(recording, { start: 9000 }).byteLength, WAV_HEADER_BYTES);
  assert.equal(view({ start: 2000, end: 9_000_000 }).name, "CA1-0.25-1");
  assert.equal(view({ track: "bot", end: 4001 }).name, "CA1-bot-0-0.500125");
  assert.equal(view({ end: 8000 }).name, "CA1");
  const tags = [{}, { track: "bot" }, { channels: 2 }, { start: 1 }, { end: 7999 }, {
    start: 2,
    end: 9,
  }]
    .map((options) => view(options as ExportOptions).tag);
  assert.equal(new Set(tags).size, tags.length);
  assert.equal(view({ end: 10_000 }).tag, view({}).tag);
  const later = recordingOf(twoVoices(8000, 2), { startedAt: 1 });
  assert.notEqual(exportWav(later).view.tag, view({}).tag);
  const recovered = recordingOf(twoVoices(8000, 2), { state: "recovered" });
  assert.notEqual(exportWav(recovered).view.tag, view({}).tag);
  for (
    const part of [{ start: 5, end: 5 }, { start: -1 }, { start: 0.5 }, { end: 1.5 }, { end: 0 }]
  ) {
    assert.throws(() => exportWav(recording, part), RangeError, JSON.stringify(part));
  }
  assert.throws(() => exportWav(recording).stream(-1), RangeError);
});

testWith(["sox"], "exportWav() is bit-exact with sox trim and remix", async () => {
  const folder = await Deno.makeTempDir({ prefix: "export-" });
  try {
    const stereo = twoVoices(50_000, 3);
    const recording = recordingOf(stereo);
    const whole = `${folder}/whole.wav`;
    await Deno.writeFile(whole, exportWav(recording, { channels: 2 }).stream());
    for (const [start, end] of [[0, 50_000], [1, 2], [12_345, 45_678], [49_999, 50_000]]) {
      for (
        const [options, remix] of [
          [{}, ["remix", "-m", "1,2"]],
          [{ track: "user" }, ["remix", "1"]],
          [{ track: "bot" }, ["remix", "2"]],
          [{ channels: 2 }, []],
        ] as const
      ) {
        const { view } = exportWav(recording, { ...options, start, end });
        const path = `${folder}/${view.name}.wav`;
        await Deno.writeFile(path, exportWav(recording, { ...options, start, end }).stream());
        const trim = ["trim", `${start}s`, `=${end}s`];
        const theirs = await run("sox", ["-D", "-V1", whole, "-t", "raw", "-", ...trim, ...remix]);
        const ours = await run("sox", ["-D", "-V1", path, "-t", "raw", "-"]);
        assertSame(ours, theirs, view.name);
      }
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
