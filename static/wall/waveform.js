// @ts-check
/// <reference lib="dom" />

/** Quiet speech has to be seen, too: what is drawn is the square root of the level. */
const LOUDEST = 128;

/** Width of a bar and of the gap behind it, in CSS pixels. */
const BAR = 2;
const STEP = 3;

/**
 * Heights of the bars of one side, 0 to 1: the loudest pixel of those that a bar stands for.
 *
 * @param {import("./peaks_loader.js").Peaks} peaks
 * @param {0 | 1} side 0 user, 1 bot
 * @param {number} count of bars
 */
function bars({ data, length }, side, count) {
  return Array.from({ length: count }, (_, index) => {
    const from = Math.floor(index * length / count);
    const to = Math.max(from + 1, Math.floor((index + 1) * length / count));
    let loudest = 0;
    for (let pixel = from; pixel < Math.min(to, length); pixel++) {
      const at = pixel * 4 + side * 2;
      loudest = Math.max(loudest, -data[at], data[at + 1]);
    }
    return Math.sqrt(Math.min(1, loudest / LOUDEST));
  });
}

/**
 * Draws a call: the user above the line, the bot below. Colours are the canvas's own `color` and
 * `border-top-color`.
 *
 * @param {HTMLCanvasElement} canvas
 * @param {import("./peaks_loader.js").Peaks} peaks
 */
export function drawWaveform(canvas, peaks) {
  const { clientWidth: width, clientHeight: height } = canvas;
  const context = canvas.getContext("2d");
  if (context === null || width === 0) return;
  const ratio = devicePixelRatio;
  canvas.width = Math.round(width * ratio);
  canvas.height = Math.round(height * ratio);
  context.scale(ratio, ratio);
  const { color, borderTopColor } = getComputedStyle(canvas);
  const count = Math.floor(width / STEP);
  const half = height / 2;
  for (const side of /** @type {const} */ ([0, 1])) {
    context.fillStyle = side === 0 ? color : borderTopColor;
    bars(peaks, side, count).forEach((level, index) => {
      const tall = Math.max(0.5, level * (half - 0.5));
      context.fillRect(index * STEP, side === 0 ? half - tall : half, BAR, tall);
    });
  }
}

/** Gives back a canvas's memory, for as long as nobody sees it. @param {HTMLCanvasElement} canvas */
export function clearWaveform(canvas) {
  canvas.width = canvas.height = 0;
}
