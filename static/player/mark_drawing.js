// @ts-check
/// <reference lib="dom" />
import { markKind } from "./mark_text.js";

/**
 * @typedef {object} MarkArea
 * @property {number} fromSeconds of the area's left border
 * @property {number} pixelsPerSecond CSS pixels
 * @property {number} width
 * @property {number} height
 * @property {boolean} hasWords whether there is room for words
 */

/** A sign reaches this far to both sides of its moment. */
const REACH = 6;

/**
 * Veils the stretches without sound.
 *
 * @param {CanvasRenderingContext2D} canvas
 * @param {MarkArea} area
 * @param {readonly import("./mark_ranges.js").MarkRange[]} ranges
 * @param {number} sampleRate
 * @param {import("./inks.js").Inks} inks
 */
export function drawRanges(canvas, area, ranges, sampleRate, inks) {
  for (const { kind, from, to } of ranges) {
    const left = Math.max(0, (from / sampleRate - area.fromSeconds) * area.pixelsPerSecond);
    const right = (to / sampleRate - area.fromSeconds) * area.pixelsPerSecond;
    const width = Math.min(area.width, right) - left;
    if (!(width > 0)) continue;
    canvas.save();
    canvas.beginPath();
    canvas.rect(left, 0, Math.max(2, width), area.height);
    canvas.clip();
    canvas.strokeStyle = kind === "gap" ? inks.warn : inks.veil;
    canvas.lineWidth = 0.75;
    canvas.beginPath();
    // Stripes keep their place over tiles: their distance divides a tile's width.
    const first = Math.floor((left - area.height) / 8) * 8;
    for (let x = first; x < left + width; x += 8) {
      canvas.moveTo(x, area.height);
      canvas.lineTo(x + area.height, 0);
    }
    canvas.stroke();
    canvas.restore();
    const start = (from / sampleRate - area.fromSeconds) * area.pixelsPerSecond;
    if (area.hasWords) drawLabel(canvas, start, area.height, kind, inks);
  }
}

/**
 * @param {CanvasRenderingContext2D} canvas
 * @param {number} x
 * @param {number} height
 * @param {"paused" | "gap"} kind
 * @param {import("./inks.js").Inks} inks
 */
function drawLabel(canvas, x, height, kind, inks) {
  const text = kind === "gap" ? "lost" : "private";
  const em = parseFloat(getComputedStyle(document.documentElement).fontSize) * 0.7;
  canvas.font = `600 ${em}px system-ui, sans-serif`;
  const { width } = canvas.measureText(text);
  canvas.fillStyle = inks.page;
  canvas.fillRect(x, height - 1.8 * em, width + em, 1.5 * em);
  canvas.fillStyle = kind === "gap" ? inks.warn : inks.text;
  canvas.fillText(text, x + 0.5 * em, height - 0.7 * em);
}

/**
 * Draws a sign for each mark that is not somebody's words: a line for a barge-in, a diamond for an
 * event, a ring for a key that was pressed.
 *
 * @param {CanvasRenderingContext2D} canvas
 * @param {MarkArea} area
 * @param {readonly import("./mark_text.js").Mark[]} marks
 * @param {number} sampleRate
 * @param {import("./inks.js").Inks} inks
 */
export function drawMarks(canvas, area, marks, sampleRate, inks) {
  for (const mark of marks) {
    const x = (mark.position / sampleRate - area.fromSeconds) * area.pixelsPerSecond;
    if (x < -REACH || x > area.width + REACH) continue;
    const kind = markKind(mark);
    if (kind === "barge-in") drawBargeIn(canvas, x, area.height, inks.warn);
    else if (kind === "event") drawDiamond(canvas, x, inks.text);
    else if (kind === "dtmf") drawRing(canvas, x, inks.text);
  }
}

/**
 * @param {CanvasRenderingContext2D} canvas
 * @param {number} x
 * @param {number} height
 * @param {string} ink
 */
function drawBargeIn(canvas, x, height, ink) {
  canvas.fillStyle = ink;
  canvas.fillRect(x - 0.75, 0, 1.5, height);
  canvas.beginPath();
  canvas.moveTo(x - 5, 0);
  canvas.lineTo(x + 5, 0);
  canvas.lineTo(x, 8);
  canvas.fill();
}

/**
 * @param {CanvasRenderingContext2D} canvas
 * @param {number} x
 * @param {string} ink
 */
function drawDiamond(canvas, x, ink) {
  canvas.fillStyle = ink;
  canvas.beginPath();
  canvas.moveTo(x, 1);
  canvas.lineTo(x + 4, 5);
  canvas.lineTo(x, 9);
  canvas.lineTo(x - 4, 5);
  canvas.fill();
}

/**
 * @param {CanvasRenderingContext2D} canvas
 * @param {number} x
 * @param {string} ink
 */
function drawRing(canvas, x, ink) {
  canvas.strokeStyle = ink;
  canvas.lineWidth = 1.5;
  canvas.beginPath();
  canvas.arc(x, 5, 3.5, 0, 2 * Math.PI);
  canvas.stroke();
}
