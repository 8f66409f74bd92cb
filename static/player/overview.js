// @ts-check
/// <reference lib="dom" />
import { drawBars } from "./bars.js";
import { overviewSpan } from "./lane_window.js";
import { drawMarks, drawRanges } from "./mark_drawing.js";
import { markRanges } from "./mark_ranges.js";
import { move } from "./move.js";

const STEP = 2;
const BAR_WIDTH = 1.5;

/**
 * The whole call at a glance. While the call runs it spans a round length ahead of it, so that only
 * the columns that are new have to be drawn.
 */
export class Overview {
  #element;
  #canvas;
  #context;
  #view;
  #needle;
  #timeline;
  #inks;
  #width = 0;
  #height = 0;
  #span = 0;
  /** Columns drawn for good. */
  #drawn = 0;

  /**
   * @param {HTMLElement} element with a canvas, a `.view` and a `.needle` inside
   * @param {import("./call_timeline.js").CallTimeline} timeline
   * @param {() => import("./inks.js").Inks} inks
   */
  constructor(element, timeline, inks) {
    this.#element = element;
    this.#timeline = timeline;
    this.#inks = inks;
    this.#canvas = /** @type {HTMLCanvasElement} */ (element.querySelector("canvas"));
    this.#context = /** @type {CanvasRenderingContext2D} */ (this.#canvas.getContext("2d"));
    this.#view = /** @type {HTMLElement} */ (element.querySelector(".view"));
    this.#needle = /** @type {HTMLElement} */ (element.querySelector(".needle"));
    new ResizeObserver(() => this.#resize()).observe(element);
    this.#resize();
  }

  /** Seconds from the left border to the right. */
  get span() {
    return this.#span;
  }

  #resize() {
    const { clientWidth, clientHeight } = this.#element;
    this.#width = clientWidth;
    this.#height = clientHeight;
    this.#canvas.width = Math.round(clientWidth * devicePixelRatio);
    this.#canvas.height = Math.round(clientHeight * devicePixelRatio);
    this.#context.setTransform(devicePixelRatio, 0, 0, devicePixelRatio, 0, 0);
    this.spoil();
  }

  /** All of it is drawn again next time. */
  spoil() {
    this.#drawn = 0;
  }

  /**
   * @param {{ start: number, span: number, position: number }} view in seconds: what the lane shows,
   *   and the playhead
   */
  show({ start, span, position }) {
    if (this.#width === 0) return;
    const timeline = this.#timeline;
    const whole = overviewSpan(timeline.endSeconds, timeline.state !== "ended");
    if (whole !== this.#span) this.spoil();
    this.#span = whole;
    this.#draw();
    const perSecond = this.#width / whole;
    const left = Math.min(this.#width, start * perSecond);
    move(this.#view, left);
    const width = `${Math.round(Math.min(this.#width - left, span * perSecond))}px`;
    if (this.#view.style.width !== width) this.#view.style.width = width;
    move(this.#needle, Math.min(this.#width, position * perSecond));
  }

  #draw() {
    const { peaks, pixelsPerSecond, sampleRate, marks } = this.#timeline;
    const perColumn = this.#span * pixelsPerSecond * STEP / this.#width;
    const columns = Math.min(Math.ceil(this.#width / STEP), Math.ceil(peaks.length / perColumn));
    const whole = Math.floor(peaks.length / perColumn);
    if (this.#drawn > 0 && whole <= this.#drawn) return;
    const context = this.#context;
    const x = this.#drawn * STEP;
    const area = {
      fromSeconds: 0,
      pixelsPerSecond: this.#width / this.#span,
      width: this.#width,
      height: this.#height,
      hasWords: false,
    };
    context.clearRect(x, 0, this.#width - x, this.#height);
    context.save();
    context.beginPath();
    context.rect(x, 0, this.#width - x, this.#height);
    context.clip();
    const end = peaks.length * this.#timeline.samplesPerPixel;
    const ranges = markRanges(marks).map((range) => ({ ...range, to: Math.min(range.to, end) }));
    drawRanges(context, area, ranges, sampleRate, this.#inks());
    drawBars(
      context,
      { x, step: STEP, width: BAR_WIDTH, height: this.#height },
      peaks,
      { first: this.#drawn * perColumn, bars: columns - this.#drawn, pixelsPerBar: perColumn },
      this.#inks(),
    );
    drawMarks(
      context,
      area,
      marks.filter(({ type }) => type === "barge-in"),
      sampleRate,
      this.#inks(),
    );
    context.restore();
    this.#drawn = whole;
  }
}
