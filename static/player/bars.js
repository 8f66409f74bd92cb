// @ts-check
/// <reference lib="dom" />
import { SPEECH_PEAK } from "./utterances.js";

/**
 * @typedef {object} BarArea Where bars are drawn, in CSS pixels.
 * @property {number} x of the first bar
 * @property {number} step from one bar to the next
 * @property {number} width of a bar
 * @property {number} height of both lanes together
 */

/** Loudness falls off like hearing does: quiet speech is to be seen as well. */
const SHAPE = 0.6;

/**
 * Draws bars of both sides, the user up from the middle, the bot down.
 *
 * @param {CanvasRenderingContext2D} canvas
 * @param {BarArea} area
 * @param {import("./peak_store.js").PeakStore} peaks
 * @param {{ first: number, bars: number, pixelsPerBar: number }} range `first` is a pixel; need not
 *   be whole
 * @param {import("./inks.js").Inks} inks
 */
export function drawBars(canvas, area, peaks, { first, bars, pixelsPerBar }, inks) {
  for (const side of /** @type {const} */ (["user", "bot"])) {
    // Colours change seldom: all loud bars of a side first, then the quiet ones.
    for (const isLoud of [true, false]) {
      canvas.fillStyle = isLoud ? inks[side] : inks.quiet;
      for (let bar = 0; bar < bars; bar++) {
        const from = Math.floor(first + bar * pixelsPerBar);
        if (from >= peaks.length) break;
        const to = Math.max(from + 1, Math.floor(first + (bar + 1) * pixelsPerBar));
        const peak = peaks.loudest(side, from, to);
        if (peak >= SPEECH_PEAK === isLoud) drawBar(canvas, area, side, bar, peak);
      }
    }
  }
}

/**
 * @param {CanvasRenderingContext2D} canvas
 * @param {BarArea} area
 * @param {import("./peak_store.js").Side} side
 * @param {number} bar
 * @param {number} peak
 */
function drawBar(canvas, { x, step, width, height }, side, bar, peak) {
  const middle = height / 2;
  const tall = Math.max(1, (peak / 127) ** SHAPE * (middle - 2));
  const y = side === "user" ? middle - 0.5 - tall : middle + 0.5;
  canvas.fillRect(x + bar * step, y, width, tall);
}
