/**
 * What the sides of a call say, and how it is told from everything else.
 *
 * @module
 */
import assert from "node:assert/strict";
import { channelOf } from "./sounds.ts";

/** Of the call, and of what its sides send. */
export const RATE = 16_000;
export const USER_RATE = 8000;
export const BOT_RATE = 24_000;

/** What the sides say when it may be heard, and what they say only while the call is paused. */
export const PLAIN_HZ = { user: 300, bot: 410 };
export const QUEUED_HZ = 900;
export const SECRET_HZ = { user: 2000, bot: 2600 };
export const PLAIN = 2000;
export const SECRET = 8000;
/** Most amplitude of a secret that the edges and the noise of what is not secret may look like. */
const MOST = 60;
/** Two plain tones at the most, and what their edges add; a secret alone is 31. */
const MOST_PEAK = 2 * (PLAIN >> 8) + 1;

/** One side's mouth. */
export class Voice {
  #at = 0;
  constructor(readonly rate: number) {}

  /** The next `ms` of a tone. */
  say(hz: number, amplitude: number, ms: number): Int16Array<ArrayBuffer> {
    return Int16Array.from({ length: this.rate * ms / 1000 }, () => {
      return Math.round(amplitude * Math.sin(2 * Math.PI * hz * this.#at++ / this.rate));
    });
  }
}

/** G.711 mu-law, well enough for a test. */
export function mulaw(samples: Int16Array): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(samples, (sample) => {
    const sign = sample < 0 ? 0x80 : 0;
    const magnitude = Math.min(32_635, Math.abs(sample)) + 132;
    const exponent = Math.floor(Math.log2(magnitude)) - 7;
    return ~(sign | exponent << 4 | (magnitude >> exponent + 3) & 15) & 0xff;
  });
}

/** No secret in any 20 ms of stereo, neither side's on either side; what is plain can be heard. */
export function assertClean(stereo: Int16Array, what: string): void {
  for (const [channel, side] of [[0, "user"], [1, "bot"]] as const) {
    const samples = channelOf(stereo, channel);
    for (const hz of Object.values(SECRET_HZ)) {
      const found = loudest(samples, hz);
      assert.ok(found <= MOST, `${what}: ${found} of ${hz} Hz on the ${side}'s side`);
    }
    const plain = loudest(samples, PLAIN_HZ[side]);
    assert.ok(plain > 0.9 * PLAIN, `${what}: the ${side} is heard, ${plain}`);
  }
}

/** No peak is as high as a secret; some tell of what is plain. */
export function assertCleanPeaks(peaks: Int8Array, what: string): void {
  const highest = peaks.reduce((most, peak) => Math.max(most, Math.abs(peak)), 0);
  assert.ok(highest > 0 && highest <= MOST_PEAK, `${what}: a peak of ${highest}`);
}

/** The greatest amplitude of a tone in any 20 ms of a signal. */
function loudest(samples: Int16Array, hz: number): number {
  const length = RATE / 50;
  const angle = 2 * Math.PI * hz / RATE;
  const hann = (i: number) => 1 - Math.cos(2 * Math.PI * i / length);
  const cos = Float64Array.from({ length }, (_, i) => hann(i) * Math.cos(angle * i));
  const sin = Float64Array.from({ length }, (_, i) => hann(i) * Math.sin(angle * i));
  let most = 0;
  for (let from = 0; from + length <= samples.length; from += length / 2) {
    let [re, im] = [0, 0];
    for (let i = 0; i < length; i++) {
      re += cos[i] * samples[from + i];
      im += sin[i] * samples[from + i];
    }
    most = Math.max(most, 2 * Math.hypot(re, im) / length);
  }
  return most;
}
