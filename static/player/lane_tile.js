// @ts-check
/// <reference lib="dom" />
import { drawBars } from "./bars.js";
import { drawMarks, drawRanges } from "./mark_drawing.js";

/** From one bar to the next, in CSS pixels. */
export const BAR_STEP = 4;
const BAR_WIDTH = 3;
const TILE_BARS = 128;
export const TILE_WIDTH = TILE_BARS * BAR_STEP;

/**
 * @typedef {object} Drawing What tiles are drawn from.
 * @property {import("./call_timeline.js").CallTimeline} timeline
 * @property {readonly import("./mark_ranges.js").MarkRange[]} ranges
 * @property {number} pixelsPerBar waveform pixels
 * @property {import("./inks.js").Inks} inks
 */

/** A piece of the lane: 128 bars, drawn once; what comes later is added to it. */
export class LaneTile {
  canvas = document.createElement("canvas");
  #context = /** @type {CanvasRenderingContext2D} */ (this.canvas.getContext("2d"));
  #height = 0;
  #index = -1;
  /** Waveform pixels that there were when it was drawn last. */
  #drawn = -1;

  /**
   * Makes it the tile of another place, blank.
   *
   * @param {number} index
   * @param {number} height CSS pixels
   */
  place(index, height) {
    const scale = devicePixelRatio;
    this.#index = index;
    this.#height = height;
    this.spoil();
    this.canvas.width = Math.round(TILE_WIDTH * scale);
    this.canvas.height = Math.round(height * scale);
    this.canvas.style.height = `${height}px`;
    this.#context.setTransform(scale, 0, 0, scale, 0, 0);
  }

  /** Draws all of it again next time. */
  spoil() {
    this.#drawn = -1;
  }

  /** @param {Drawing} drawing */
  draw({ timeline, ranges, pixelsPerBar, inks }) {
    const { peaks, marks, sampleRate } = timeline;
    const first = this.#index * TILE_BARS * pixelsPerBar;
    const known = Math.max(0, Math.min(peaks.length - first, TILE_BARS * pixelsPerBar));
    if (known === this.#drawn) return;
    const bar = Math.max(0, Math.floor(this.#drawn / pixelsPerBar));
    const x = bar * BAR_STEP;
    const context = this.#context;
    context.clearRect(x, 0, TILE_WIDTH - x, this.#height);
    context.save();
    context.beginPath();
    context.rect(x, 0, TILE_WIDTH - x, this.#height);
    context.clip();
    const pixelsPerSecond = BAR_STEP * timeline.pixelsPerSecond / pixelsPerBar;
    const area = {
      fromSeconds: first / timeline.pixelsPerSecond,
      pixelsPerSecond,
      width: TILE_WIDTH,
      height: this.#height,
      hasWords: true,
    };
    const shownRanges = ranges.map((range) => ({
      ...range,
      to: Math.min(range.to, peaks.length * timeline.samplesPerPixel),
    }));
    drawRanges(context, area, shownRanges, sampleRate, inks);
    drawBars(
      context,
      { x, step: BAR_STEP, width: BAR_WIDTH, height: this.#height },
      peaks,
      { first: first + bar * pixelsPerBar, bars: TILE_BARS - bar, pixelsPerBar },
      inks,
    );
    drawMarks(context, area, marks, sampleRate, inks);
    context.restore();
    this.#drawn = known;
  }
}
