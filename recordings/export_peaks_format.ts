/**
 * The formats of the program audiowaveform, version 2, 8 bits: what waveform viewers read.
 *
 * @module
 */
import type { PeaksView } from "./export_peaks.ts";

/** Bytes before the values of {@linkcode peaksDat}. */
export const DAT_HEADER_BYTES = 24;

const VERSION = 2;
const CHANNELS = 2;
const IS_8_BIT = 1;

/** Values that are made text before others get their turn: a fraction of a millisecond. */
const TURN_VALUES = 4096;

type Shape = Pick<PeaksView, "sampleRate" | "samplesPerPixel" | "length">;

/** The binary format: a header of six little-endian 32-bit numbers, then the values. */
export function peaksDat(shape: Shape, values: Int8Array): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(DAT_HEADER_BYTES + values.length);
  const view = new DataView(bytes.buffer);
  view.setInt32(0, VERSION, true);
  view.setUint32(4, IS_8_BIT, true);
  view.setInt32(8, shape.sampleRate, true);
  view.setInt32(12, shape.samplesPerPixel, true);
  view.setUint32(16, shape.length, true);
  view.setInt32(20, CHANNELS, true);
  bytes.set(values, DAT_HEADER_BYTES);
  return bytes;
}

/** The JSON format, made piece by piece as it is read. */
export function peaksJson(shape: Shape, values: Int8Array): ReadableStream<Uint8Array> {
  const { sampleRate: sample_rate, samplesPerPixel: samples_per_pixel, length } = shape;
  const head = { version: VERSION, channels: CHANNELS, sample_rate, samples_per_pixel };
  const open = JSON.stringify({ ...head, bits: 8, length, data: [] }).slice(0, -2);
  const encoder = new TextEncoder();
  let at = 0;
  return new ReadableStream({
    pull(controller) {
      const part = values.subarray(at, at + TURN_VALUES);
      const before = at === 0 ? open : ",";
      at += part.length;
      const isLast = at === values.length;
      controller.enqueue(encoder.encode(before + part.join() + (isLast ? "]}" : "")));
      if (isLast) controller.close();
    },
  }, { highWaterMark: 0 });
}
