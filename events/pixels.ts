import type { CallSink } from "../calls/call_sinks.ts";
import type { MixedFrame } from "../mixer/mixer.ts";
import { PIXEL_BYTES, PIXELS_PER_FRAME } from "../recordings/peaks.ts";

/**
 * Makes pixels of one frame each of pixels of base resolution: the least and the greatest of four.
 *
 * @param peaks of whole frames, or of a beginning of the last one
 */
export function framePixels(peaks: Int8Array): Int8Array<ArrayBuffer> {
  const perFrame = PIXELS_PER_FRAME * PIXEL_BYTES;
  const frames = Math.ceil(peaks.length / perFrame);
  const pixels = new Int8Array(frames * PIXEL_BYTES);
  for (let frame = 0; frame < frames; frame++) {
    const from = frame * perFrame;
    const to = Math.min(peaks.length, from + perFrame);
    for (let value = 0; value < PIXEL_BYTES; value++) {
      let outer = peaks[from + value];
      for (let at = from + value + PIXEL_BYTES; at < to; at += PIXEL_BYTES) {
        const isFurther = value % 2 === 0 ? peaks[at] < outer : peaks[at] > outer;
        if (isFurther) outer = peaks[at];
      }
      pixels[frame * PIXEL_BYTES + value] = outer;
    }
  }
  return pixels;
}

/** Pixels of the frames of a live call, collected until they are taken. */
export class PixelCollector implements CallSink {
  readonly #pixels: Int8Array<ArrayBuffer>;
  readonly #frameSamples: number;
  #from = 0;
  #length = 0;

  /** @param capacity most pixels that are held; beyond that the oldest are lost */
  constructor(frameSamples: number, capacity: number) {
    this.#frameSamples = frameSamples;
    this.#pixels = new Int8Array(capacity * PIXEL_BYTES);
  }

  /** Takes a frame and keeps nothing of it. */
  write(frame: MixedFrame): void {
    const index = frame.position / this.#frameSamples;
    if (this.#length === this.#pixels.length) this.#length = 0;
    if (this.#length === 0) this.#from = index;
    this.#put(frame.user);
    this.#put(frame.bot);
  }

  /** What has been collected, or `undefined`; the array is the caller's. */
  take(): { from: number; pixels: Int8Array<ArrayBuffer> } | undefined {
    if (this.#length === 0) return undefined;
    const pixels = this.#pixels.slice(0, this.#length);
    this.#length = 0;
    return { from: this.#from, pixels };
  }

  #put(samples: Int16Array): void {
    let least = samples[0];
    let greatest = samples[0];
    for (let index = 1; index < samples.length; index++) {
      const sample = samples[index];
      if (sample < least) least = sample;
      if (sample > greatest) greatest = sample;
    }
    this.#pixels[this.#length++] = least >> 8;
    this.#pixels[this.#length++] = greatest >> 8;
  }
}
