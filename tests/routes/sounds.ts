/** Sounds for the tests of whole calls, and what comes out of them. */

import { seededRandom } from "../support/random.ts";

/**
 * Noise whose ends are quiet, so that no edge of it is ever faded: what arrives must be what was
 * sent, to the bit.
 */
export function noise(samples: number, seed: number, peak = 12_000): Int16Array<ArrayBuffer> {
  const random = seededRandom(seed);
  const sound = Int16Array.from({ length: samples }, () => Math.round((random() * 2 - 1) * peak));
  sound.fill(0, 0, 2);
  sound.fill(0, samples - 2);
  return sound;
}

/** The same samples as little-endian bytes. */
export function bytesOf(samples: Int16Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  return new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength);
}

/** A WAV file as its header says it is; throws when the header does not fit the file. */
export function readWav(file: Uint8Array<ArrayBuffer>) {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const name = (at: number) => String.fromCharCode(...file.subarray(at, at + 4));
  if (name(0) !== "RIFF" || view.getUint32(4, true) !== file.length - 8) {
    throw new Error("Cannot read WAV: the RIFF size is wrong");
  }
  let at = 12;
  let channels = 0;
  let sampleRate = 0;
  while (name(at) !== "data") {
    if (name(at) === "fmt ") {
      channels = view.getUint16(at + 10, true);
      sampleRate = view.getUint32(at + 12, true);
    }
    at += 8 + view.getUint32(at + 4, true);
  }
  if (view.getUint32(at + 4, true) !== file.length - at - 8) {
    throw new Error("Cannot read WAV: the data size is wrong");
  }
  return { channels, sampleRate, samples: new Int16Array(file.slice(at + 8).buffer) };
}

/** Every second sample of two interleaved channels: 0 left, 1 right. */
export function channelOf(samples: Int16Array, channel: 0 | 1): Int16Array {
  return samples.filter((_, index) => index % 2 === channel);
}

/** Sum of two sides as the mix is defined: saturating, at unity gain. */
export function saturatingSum(a: Int16Array, b: Int16Array): Int16Array {
  return a.map((value, index) => Math.max(-32768, Math.min(32767, value + b[index])));
}
