// @ts-check
/// <reference lib="dom" />
import { button, element, setText } from "./elements.js";
import { clockText } from "../states.js";
import { describeMark } from "./mark_text.js";

/** A scroll this soon after a hand's move is its doing. */
const HAND_MS = 1000;

/**
 * What was said and what happened, a line each, at its time. It follows the sound until the reader
 * scrolls or walks through it; a line that is chosen is where the sound goes.
 */
export class LineList {
  #list = element("lines");
  #follow = button("follow");
  #nothing = element("nothing");
  #dropped = element("dropped");
  #timeline;
  /** @type {Map<import("./mark_text.js").Mark, HTMLButtonElement>} in the order of the page */
  #lines = new Map();
  /** @type {HTMLButtonElement | undefined} */
  #current;
  #isFollowing = true;
  #handAt = -Infinity;

  /**
   * @param {import("./call_timeline.js").CallTimeline} timeline
   * @param {(seconds: number) => void} onSeek
   */
  constructor(timeline, onSeek) {
    this.#timeline = timeline;
    this.#list.addEventListener("click", ({ target }) => {
      const line = target instanceof Element ? target.closest("button") : null;
      if (line) onSeek(Number(line.dataset.at));
    });
    this.#list.addEventListener("keydown", (event) => this.#walk(event));
    // The list scrolls by itself as well, and when it is resized: only a hand's scroll counts.
    for (const type of ["wheel", "touchmove", "pointerdown"]) {
      this.#list.addEventListener(type, ({ target }) => {
        if (type !== "pointerdown" || target === this.#list) this.#handAt = performance.now();
      }, { passive: true });
    }
    this.#list.addEventListener("scroll", () => {
      if (performance.now() - this.#handAt < HAND_MS) this.follow(false);
    }, { passive: true });
    new ResizeObserver(() => this.#reveal()).observe(this.#list);
    this.#follow.addEventListener("click", () => this.follow(!this.#isFollowing));
  }

  get isFollowing() {
    return this.#isFollowing;
  }

  /** @param {boolean} isFollowing */
  follow(isFollowing) {
    if (this.#isFollowing === isFollowing) return;
    this.#isFollowing = isFollowing;
    this.#follow.ariaPressed = String(isFollowing);
    this.#follow.textContent = isFollowing ? "Following" : "Follow";
    if (isFollowing) this.#reveal();
  }

  /** Marks have come or gone. */
  refresh() {
    const { marks, sampleRate } = this.#timeline;
    const shown = new Set(marks);
    for (const [mark, line] of this.#lines) {
      if (shown.has(mark)) continue;
      line.parentElement?.remove();
      this.#lines.delete(mark);
      if (line === this.#current) this.#current = undefined;
    }
    /** @type {Map<import("./mark_text.js").Mark, HTMLButtonElement>} */
    const lines = new Map();
    let next = this.#list.firstElementChild;
    for (const mark of marks) {
      const line = this.#lines.get(mark) ?? newLine(mark, sampleRate);
      lines.set(mark, line);
      const item = /** @type {HTMLElement} */ (line.parentElement);
      if (item === next) next = next.nextElementSibling;
      else this.#list.insertBefore(item, next);
    }
    this.#lines = lines;
    const { droppedMarks } = this.#timeline;
    this.#dropped.hidden = droppedMarks === 0;
    setText(this.#dropped, `${droppedMarks} earlier lines are not shown.`);
    this.#nothing.hidden = marks.length > 0;
    this.#list.hidden = marks.length === 0;
    if (!this.#list.querySelector('[tabindex="0"]')) {
      const [first] = lines.values();
      if (first) first.tabIndex = 0;
    }
    this.#reveal();
  }

  /** Marks the line that is being heard. @param {number} seconds */
  show(seconds) {
    const samples = (seconds + 0.05) * this.#timeline.sampleRate;
    const { marks } = this.#timeline;
    const index = marks.findLastIndex(({ position }) => position <= samples);
    const line = index < 0 ? undefined : this.#lines.get(marks[index]);
    if (line === this.#current) return;
    this.#current?.removeAttribute("aria-current");
    this.#current = line;
    line?.setAttribute("aria-current", "true");
    if (line && !this.#list.contains(document.activeElement)) this.#makeStop(line);
    this.#reveal();
  }

  /** Scrolls no further than needed, and the page not at all. */
  #reveal() {
    const item = this.#current?.parentElement;
    if (!this.#isFollowing || !item) return;
    const list = this.#list;
    const top = item.getBoundingClientRect().top - list.getBoundingClientRect().top;
    const by = top + item.offsetHeight - list.clientHeight * 0.8;
    if (Math.abs(by) < 1) return;
    list.scrollTop += by;
  }

  /** The list is one stop of the Tab key, at the line that is heard. @param {HTMLElement} line */
  #makeStop(line) {
    const stop = this.#list.querySelector('[tabindex="0"]');
    if (stop instanceof HTMLElement) stop.tabIndex = -1;
    line.tabIndex = 0;
  }

  /** @param {KeyboardEvent} event */
  #walk(event) {
    const item = event.target instanceof Element ? event.target.closest("li") : null;
    if (item === null || event.ctrlKey || event.metaKey || event.altKey) return;
    const to = {
      ArrowUp: item.previousElementSibling,
      ArrowDown: item.nextElementSibling,
      Home: this.#list.firstElementChild,
      End: this.#list.lastElementChild,
    }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    const line = to?.querySelector("button");
    if (!line) return;
    this.follow(false);
    this.#makeStop(line);
    line.focus();
  }
}

/**
 * The line of a mark, in a list item of its own. All of it is text: who sent it is not trusted.
 *
 * @param {import("./mark_text.js").Mark} mark
 * @param {number} sampleRate
 */
function newLine(mark, sampleRate) {
  const { kind, label, text } = describeMark(mark, sampleRate);
  const seconds = mark.position / sampleRate;
  const line = Object.assign(document.createElement("button"), { type: "button", tabIndex: -1 });
  line.className = "line";
  line.dataset.kind = kind;
  line.dataset.at = String(seconds);
  const time = Object.assign(document.createElement("time"), { textContent: clockText(seconds) });
  const body = document.createElement("span");
  const who = Object.assign(document.createElement("b"), { textContent: label, dir: "auto" });
  const said = Object.assign(document.createElement("span"), { textContent: text, dir: "auto" });
  said.className = "said";
  body.append(who, " ", said);
  line.append(time, body);
  const item = document.createElement("li");
  item.append(line);
  return line;
}
