import type { Page } from "playwright-core";

const RATE = 8000;
const LOWEST_HZ = 400;
const STEP_HZ = 40;
/** Below half of telephone bandwidth, so that every device plays them alike. */
const MOST_SECONDS = 40;

/** Sound that says where it is: each second has a tone of its own. 8000 Hz, 16 bit. */
export function tellingTones(seconds: number): Uint8Array<ArrayBuffer> {
  if (seconds > MOST_SECONDS) {
    throw new RangeError(`Cannot make tones: at most ${MOST_SECONDS} s, received ${seconds}`);
  }
  const samples = new Int16Array(seconds * RATE);
  let phase = 0;
  for (let index = 0; index < samples.length; index++) {
    phase += (2 * Math.PI * (LOWEST_HZ + STEP_HZ * Math.floor(index / RATE))) / RATE;
    samples[index] = 8000 * Math.sin(phase);
  }
  return new Uint8Array(samples.buffer);
}

/** Which second of the tones a page, opened with `#tap`, has just played; -1 when it is none. */
export async function heardSecond(page: Page): Promise<number> {
  const hz = await page.evaluate<number>(`(() => {
    const tap = globalThis.earshotTap;
    if (tap === undefined) return 0;
    const wanted = tap.sampleRateHz / 5;
    const batches = [];
    for (let left = wanted, index = tap.batches.length - 1; left > 0 && index >= 0; index--) {
      batches.unshift(...tap.batches[index].samples.length ? [tap.batches[index].samples] : []);
      left -= tap.batches[index].samples.length;
    }
    const samples = batches.flatMap((batch) => Array.from(batch));
    let crossings = 0;
    for (let at = 1; at < samples.length; at++) {
      if (samples[at - 1] < 0 && samples[at] >= 0) crossings++;
    }
    return crossings * tap.sampleRateHz / samples.length;
  })()`);
  const second = (hz - LOWEST_HZ) / STEP_HZ;
  return Math.abs(second - Math.round(second)) < 0.3 ? Math.round(second) : -1;
}
