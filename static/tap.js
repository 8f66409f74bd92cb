// @ts-check
/// <reference lib="dom" />

const LONGEST_SECONDS = 600;
/** One every 50 ms. */
const MOST_MARKS = LONGEST_SECONDS * 20;

/**
 * @typedef {object} Mark
 * @property {number} frame
 * @property {number} position
 * @property {number} edge
 * @property {boolean} playing
 * @property {boolean} live
 * @property {number} speed
 */

/**
 * What was played, for tests: `globalThis.earshotTap` on a page opened with `#tap`. Taken before the
 * volume control, at the device's rate, as batches `{ frame, samples }` in which `frame` is the audio
 * context's number of the first sample. Batches follow each other without a gap while the context
 * runs. At most ten minutes: older batches go.
 */
export class Tap {
  /** @type {{ frame: number, samples: Float32Array }[]} */
  batches = [];
  /**
   * What the worklet said of itself: `position` is that of context frame `frame`.
   *
   * @type {Mark[]}
   */
  marks = [];
  /** Whose time the frames count. */
  context;
  sampleRateHz;
  #frames = 0;

  /** @param {Pick<AudioContext, "sampleRate">} context */
  constructor(context) {
    this.context = context;
    this.sampleRateHz = context.sampleRate;
  }

  /** @param {{ frame: number, samples: Float32Array }} batch is kept, not copied */
  add({ frame, samples }) {
    this.batches.push({ frame, samples });
    this.#frames += samples.length;
    while (this.#frames > LONGEST_SECONDS * this.sampleRateHz) {
      this.#frames -= this.batches.shift()?.samples.length ?? this.#frames;
    }
  }

  /** @param {Mark} status */
  mark({ frame, position, edge, playing, live, speed }) {
    this.marks.push({ frame, position, edge, playing, live, speed });
    if (this.marks.length > MOST_MARKS) this.marks.shift();
  }

  /** All of it in one piece, beginning at `batches[0].frame`. */
  samples() {
    const first = this.batches[0]?.frame ?? 0;
    const last = this.batches.at(-1);
    const all = new Float32Array(last ? last.frame + last.samples.length - first : 0);
    for (const { frame, samples } of this.batches) all.set(samples, frame - first);
    return all;
  }
}
