import type { MixedFrame } from "../mixer/mixer.ts";
import { BOT, USER } from "../mixer/mixer.ts";
import type { RecordedEvent } from "../recordings/store.ts";
import type { Past, PastSlice } from "./past.ts";

/** How much a {@linkcode Rewind} keeps. */
export interface RewindOptions {
  frameSamples: number;
  /** Frames that can be heard again. */
  frames: number;
}

/** Frames of a page: half a second. An array for each frame would cost almost as much again. */
const PAGE_FRAMES = 10;
/** Pages that wait to be used again: a pause after much talk gives the others back. */
const MAX_SPARE = 4;
/** Events that are kept, the last ones, and the longest of them, in characters of JSON. */
const MAX_EVENTS = 500;
const MAX_EVENT_CHARACTERS = 2048;
/** Frames that are read at a time. */
const SLICE_FRAMES = 20;

/** One side's samples, in pages; those without any sound are not there. */
type Pages = (Int16Array<ArrayBuffer> | undefined)[];

/**
 * The last minute of a call that is not recorded, or not any more, as it was heard live. It takes memory for sound
 * alone: for a side that supplied nothing, nothing is kept.
 */
export class Rewind {
  readonly #frameSamples: number;
  readonly #frames: number;
  readonly #user: Pages;
  readonly #bot: Pages;
  readonly #spare: Int16Array<ArrayBuffer>[] = [];
  readonly #events: RecordedEvent[] = [];
  /** Where the first frame began that it was given, and where the next one begins. */
  #first = Infinity;
  #end = 0;

  constructor({ frameSamples, frames }: RewindOptions) {
    this.#frameSamples = frameSamples;
    this.#frames = frames;
    // One more, because what is written to is a page that is not held whole any more.
    const pages = Math.ceil(frames / PAGE_FRAMES) + 1;
    this.#user = new Array(pages).fill(undefined);
    this.#bot = new Array(pages).fill(undefined);
  }

  /** First position that is held. */
  get begin(): number {
    const held = this.#frames * this.#frameSamples;
    return Math.max(Math.min(this.#first, this.#end), this.#end - held);
  }

  /** Bytes of samples that are held at present. */
  get heldBytes(): number {
    let pages = this.#spare.length;
    for (const page of this.#user) if (page !== undefined) pages++;
    for (const page of this.#bot) if (page !== undefined) pages++;
    return pages * 2 * PAGE_FRAMES * this.#frameSamples;
  }

  /** What happened in the time that is held. */
  get events(): readonly RecordedEvent[] {
    const { begin } = this;
    return this.#events.filter(({ position }) => position >= begin);
  }

  /** Keeps an event, unless it is very long. */
  note(event: RecordedEvent): void {
    if (JSON.stringify(event).length > MAX_EVENT_CHARACTERS) return;
    if (this.#events.length === MAX_EVENTS) this.#events.shift();
    this.#events.push(event);
  }

  /** Keeps a frame, which follows the one before, and forgets the oldest. */
  write({ position, sources, user, bot }: MixedFrame): void {
    this.#keep(this.#user, position, (sources & USER) === 0 ? undefined : user);
    this.#keep(this.#bot, position, (sources & BOT) === 0 ? undefined : bot);
    if (this.#first === Infinity) this.#first = position;
    this.#end = position + this.#frameSamples;
  }

  /** A reader for one who comes late. */
  past(): Past {
    const begin = () => this.begin;
    return {
      get begin() {
        return begin();
      },
      read: (position) => Promise.resolve(this.#read(position)),
      close: () => {},
    };
  }

  #read(position: number): PastSlice | undefined {
    const begin = Math.max(position, this.begin);
    const end = Math.min(this.#end, begin + SLICE_FRAMES * this.#frameSamples);
    if (begin >= end) return undefined;
    const pcm = new Int16Array(2 * (end - begin));
    for (let at = begin; at < end; at += this.#frameSamples) {
      this.#copy(this.#user, at, pcm, 2 * (at - begin));
      this.#copy(this.#bot, at, pcm, 2 * (at - begin) + 1);
    }
    return { position: begin, pcm };
  }

  #keep(pages: Pages, position: number, samples: Int16Array | undefined): void {
    const frame = position / this.#frameSamples;
    const index = Math.floor(frame / PAGE_FRAMES) % pages.length;
    const at = (frame % PAGE_FRAMES) * this.#frameSamples;
    if (at === 0) this.#release(pages, index);
    if (samples === undefined) return;
    const page = pages[index] ??= this.#emptyPage();
    page.set(samples, at);
  }

  #emptyPage(): Int16Array<ArrayBuffer> {
    const used = this.#spare.pop();
    return used?.fill(0) ?? new Int16Array(PAGE_FRAMES * this.#frameSamples);
  }

  #release(pages: Pages, index: number): void {
    const page = pages[index];
    if (page !== undefined && this.#spare.length < MAX_SPARE) this.#spare.push(page);
    pages[index] = undefined;
  }

  /** Puts a frame of one side into every second value of `output` from `to` on. */
  #copy(pages: Pages, position: number, output: Int16Array, to: number): void {
    const frame = position / this.#frameSamples;
    const page = pages[Math.floor(frame / PAGE_FRAMES) % pages.length];
    if (page === undefined) return;
    const from = (frame % PAGE_FRAMES) * this.#frameSamples;
    for (let index = 0; index < this.#frameSamples; index++) {
      output[to + 2 * index] = page[from + index];
    }
  }
}
