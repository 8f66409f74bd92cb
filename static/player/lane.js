// @ts-check
/// <reference lib="dom" />
import { BAR_STEP, LaneTile, TILE_WIDTH } from "./lane_tile.js";
import { markRanges } from "./mark_ranges.js";
import { move } from "./move.js";

/** Waveform pixels of a bar, from near to far. */
const ZOOMS = [1, 2, 4, 8, 16, 32];
const FIRST_ZOOM = 1;

/**
 * The scrolling waveform: a row of tiles that are drawn once and then only moved, which costs no
 * drawing at all. Tiles that leave on one side come back on the other.
 */
export class Lane {
  #element;
  #playhead;
  #edge;
  #inks;
  #timeline;
  /** @type {Map<number, LaneTile>} */
  #tiles = new Map();
  #ranges = markRanges([]);
  #width = 0;
  #height = 0;
  #zoom = FIRST_ZOOM;

  /**
   * @param {HTMLElement} element with a `.playhead` and an `.edge` inside
   * @param {import("./call_timeline.js").CallTimeline} timeline
   * @param {() => import("./inks.js").Inks} inks
   */
  constructor(element, timeline, inks) {
    this.#element = element;
    this.#timeline = timeline;
    this.#inks = inks;
    this.#playhead = /** @type {HTMLElement} */ (element.querySelector(".playhead"));
    this.#edge = /** @type {HTMLElement} */ (element.querySelector(".edge"));
    new ResizeObserver(() => this.#resize()).observe(element);
    this.#resize();
  }

  #resize() {
    const { clientWidth, clientHeight } = this.#element;
    if (clientWidth === this.#width && clientHeight === this.#height) return;
    this.#width = clientWidth;
    this.#height = clientHeight;
    this.#clear();
  }

  #clear() {
    for (const { canvas } of this.#tiles.values()) canvas.remove();
    this.#tiles.clear();
  }

  get #pixelsPerBar() {
    return ZOOMS[this.#zoom];
  }

  /** CSS pixels. */
  get pixelsPerSecond() {
    return BAR_STEP * this.#timeline.pixelsPerSecond / this.#pixelsPerBar;
  }

  /** Seconds from the left border to the right. */
  get span() {
    return this.#width / this.pixelsPerSecond;
  }

  /** @param {1 | -1} by in or out */
  zoom(by) {
    this.#zoom = Math.max(0, Math.min(ZOOMS.length - 1, this.#zoom - by));
    this.#clear();
  }

  /** Marks, colours or the whole call are others: all tiles are drawn again. */
  spoil() {
    this.#ranges = markRanges(this.#timeline.marks);
    for (const tile of this.#tiles.values()) tile.spoil();
  }

  /**
   * @param {{ start: number, position: number, edge: number | undefined }} view in seconds: of the
   *   left border, the playhead and the live edge, if there is one
   */
  show({ start, position, edge }) {
    if (this.#width === 0) return;
    const startX = Math.round(start * this.pixelsPerSecond * devicePixelRatio) / devicePixelRatio;
    const first = Math.floor(startX / TILE_WIDTH);
    const last = Math.floor((startX + this.#width) / TILE_WIDTH);
    const spare = this.#release(first, last);
    const drawing = {
      timeline: this.#timeline,
      ranges: this.#ranges,
      pixelsPerBar: this.#pixelsPerBar,
      inks: this.#inks(),
    };
    for (let index = first; index <= last; index++) {
      const tile = this.#tiles.get(index) ?? this.#place(index, spare.pop());
      move(tile.canvas, index * TILE_WIDTH - startX);
      tile.draw(drawing);
    }
    for (const { canvas } of spare) canvas.remove();
    move(this.#playhead, position * this.pixelsPerSecond - startX);
    this.#edge.hidden = edge === undefined;
    if (edge !== undefined) move(this.#edge, edge * this.pixelsPerSecond - startX);
  }

  /**
   * Takes the tiles that are out of sight.
   *
   * @param {number} first
   * @param {number} last
   */
  #release(first, last) {
    const spare = [];
    for (const [index, tile] of this.#tiles) {
      if (index >= first && index <= last) continue;
      this.#tiles.delete(index);
      spare.push(tile);
    }
    return spare;
  }

  /**
   * @param {number} index
   * @param {LaneTile | undefined} spare
   */
  #place(index, spare) {
    const tile = spare ?? new LaneTile();
    tile.place(index, this.#height);
    if (!tile.canvas.isConnected) this.#element.prepend(tile.canvas);
    this.#tiles.set(index, tile);
    return tile;
  }
}
