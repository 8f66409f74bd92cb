import assert from "node:assert/strict";
import {
  MAX_PEAK_PIXELS,
  mergePeaks,
  type PeaksOptions,
  peaksView,
} from "../../recordings/export_peaks.ts";
import { peaksDat, peaksJson } from "../../recordings/export_peaks_format.ts";
import { samplesPerPixel } from "../../recordings/peaks.ts";
import { seededRandom } from "../support/random.ts";
import { assertSame } from "../support/same.ts";
import { bytesOf, twoVoices } from "./export_support.ts";
import { anInfo, peaksOf, readAll } from "./store_contract.ts";

/** What a store gives of the peaks of these samples, and what it was asked for. */
function peaksAt(stereo: Int16Array<ArrayBuffer>, sampleRate = 8000) {
  const all = peaksOf(bytesOf(stereo), sampleRate);
  const asked: [number | undefined, number | undefined][] = [];
  return {
    info: anInfo({ samples: stereo.length / 2, sampleRate, state: "complete" }),
    asked,
    peaks(start?: number, end?: number) {
      asked.push([start, end]);
      return Promise.resolve(all.slice(4 * (start ?? 0), 4 * (end ?? Infinity)));
    },
  };
}

/** The peaks of the samples themselves, sample by sample. */
function computed(stereo: Int16Array, from: number, to: number, perPixel: number): Int8Array {
  const values: number[] = [];
  for (let start = from; start < to; start += perPixel) {
    const sides = [[] as number[], [] as number[]];
    for (let i = start; i < Math.min(to, start + perPixel); i++) {
      sides[0].push(stereo[2 * i]);
      sides[1].push(stereo[2 * i + 1]);
    }
    for (const side of sides) values.push(Math.min(...side) >> 8, Math.max(...side) >> 8);
  }
  return Int8Array.from(values);
}

Deno.test("mergePeaks() gives what the samples themselves give, at any resolution (seed 71)", async () => {
  const random = seededRandom(71);
  for (let round = 0; round < 60; round++) {
    const sampleRate = round % 2 === 0 ? 8000 : 16_000;
    const base = samplesPerPixel(sampleRate);
    const samples = 1 + Math.floor(random() * 60_000);
    const stereo = twoVoices(samples, round);
    const recording = peaksAt(stereo, sampleRate);
    const perPixel = base * (1 + Math.floor(random() * 50));
    const start = round % 3 === 0 ? 0 : Math.floor(random() * samples);
    const end = round % 3 === 0 ? undefined : start + 1 + Math.floor(random() * samples);
    const options = { samplesPerPixel: perPixel, start, ...(end && { end }) };
    const view = peaksView(recording.info, options);
    const merged = await mergePeaks(recording, view);
    const from = Math.floor(start / base) * base;
    const to = Math.min(samples, Math.ceil((end ?? samples) / base) * base);
    assert.deepEqual([view.samplesPerPixel, 4 * view.length], [perPixel, merged.length]);
    assertSame(merged, computed(stereo, from, to, perPixel), JSON.stringify(options));
  }
});

Deno.test("mergePeaks() reads three hours in turns, and merges across them", async () => {
  const pixels = 3 * 3600 * 80;
  const factor = 700;
  // Only the first of those that become one is loud.
  const value = (pixel: number) => pixel % factor === 0 ? 1 + (pixel / factor) % 100 : 0;
  const asked: number[] = [];
  const recording = {
    peaks(start = 0, end = pixels) {
      asked.push(end - start);
      const values = new Int8Array(4 * (end - start));
      for (let i = 0; i < end - start; i++) values[4 * i + 1] = value(start + i);
      return Promise.resolve(values);
    },
  };
  const info = anInfo({ samples: 3 * 3600 * 8000, state: "complete" });
  const view = peaksView(info, { samplesPerPixel: 100 * factor });
  const merged = await mergePeaks(recording, view);
  assert.ok(asked.every((count) => count <= 16_384), `${asked}`);
  for (let pixel = 0; pixel < view.length; pixel++) {
    assert.equal(merged[4 * pixel + 1], value(pixel * factor), `pixel ${pixel}`);
  }
});

Deno.test("peaksView() chooses the finest resolution of so many pixels, within its limits", () => {
  const hour = anInfo({ samples: 3600 * 8000, state: "complete" });
  const shape = (options: PeaksOptions) => {
    const { samplesPerPixel, length } = peaksView(hour, options);
    return [samplesPerPixel, length];
  };
  assert.deepEqual(shape({}), [14_400, 2000]);
  assert.deepEqual(shape({ pixels: 1999 }), [14_500, 1987]);
  assert.deepEqual(shape({ pixels: 1 }), [3600 * 8000, 1]);
  assert.deepEqual(shape({ pixels: MAX_PEAK_PIXELS }), [200, 144_000]);
  assert.deepEqual(shape({ samplesPerPixel: 100, end: 8000 }), [100, 80]);
  assert.deepEqual(shape({ start: 3600 * 8000 }), [100, 0]);
  // 250,000 pixels at base resolution are too many, with or without being asked for.
  const long = anInfo({ samples: 25_000_000, state: "complete" });
  assert.throws(() => peaksView(long, { samplesPerPixel: 100 }), /takes 200 or more for so long/);
  assert.equal(peaksView(long, { samplesPerPixel: 200 }).length, 125_000);
  const refused: PeaksOptions[] = [
    { samplesPerPixel: 150 },
    { samplesPerPixel: 0 },
    { samplesPerPixel: 100, pixels: 10 },
    { pixels: 0 },
    { pixels: 1.5 },
    { pixels: MAX_PEAK_PIXELS + 1 },
  ];
  for (const options of refused) {
    assert.throws(() => peaksView(hour, options), RangeError, JSON.stringify(options));
  }
});

Deno.test("peaksView() has a tag for each content of its own", () => {
  const info = anInfo({ samples: 80_000, state: "complete" });
  const tag = (options: PeaksOptions, changes = {}) =>
    peaksView({ ...info, ...changes }, options).tag;
  const tags = [
    tag({}),
    tag({ samplesPerPixel: 200 }),
    tag({ start: 100 }),
    tag({ end: 100 }),
    tag({}, { samples: 80_100 }),
    tag({}, { startedAt: 1 }),
    tag({}, { state: "recovered" }),
  ];
  assert.equal(new Set(tags).size, tags.length, tags.join());
  assert.equal(tag({ samplesPerPixel: 100 }), tag({ pixels: 800 }));
  assert.equal(tag({ end: 4000 }), tag({ end: 4000 }, { samples: 160_000, state: "recording" }));
});

Deno.test("peaksDat() and peaksJson() are audiowaveform's formats, version 2", async () => {
  const shape = { sampleRate: 16_000, samplesPerPixel: 400, length: 12_345 };
  const random = seededRandom(72);
  const values = Int8Array.from({ length: 4 * shape.length }, () => random() * 256 - 128);
  const dat = peaksDat(shape, values);
  const view = new DataView(dat.buffer);
  assert.deepEqual(
    [0, 4, 8, 12, 16, 20].map((at) => view.getInt32(at, true)),
    [2, 1, 16_000, 400, 12_345, 2],
  );
  assertSame(new Int8Array(dat.buffer, 24), values, "dat");
  const { data, ...head } = JSON.parse(
    new TextDecoder().decode(await readAll(peaksJson(shape, values))),
  );
  assert.deepEqual(head, {
    version: 2,
    channels: 2,
    sample_rate: 16_000,
    samples_per_pixel: 400,
    bits: 8,
    length: 12_345,
  });
  assertSame(data, values, "json");
  const empty = await readAll(peaksJson({ ...shape, length: 0 }, new Int8Array(0)));
  assert.deepEqual(JSON.parse(new TextDecoder().decode(empty)).data, []);
});
