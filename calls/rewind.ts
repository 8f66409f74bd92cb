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

/** Arrays that wait to be used again: a pause after much talk gives the others back. */
const MAX_SPARE = 40;
/** Events that are kept, the last ones. */
const MAX_EVENTS = 500;
/** Frames that are read at a time. */
const SLICE_FRAMES = 20;

type Side = Int16Array<ArrayBuffer> | undefined;

/**
 * The last minute of a call that is not recorded, as it was heard live. It takes memory for sound
 * alone: for a side that supplied nothing, nothing is kept.
 */
export class Rewind {
  readonly #frameSamples: number;
  readonly #frames: number;
  readonly #user: Side[];
  readonly #bot: Side[];
  readonly #spare: Int16Array<ArrayBuffer>[] = [];
  readonly #events: RecordedEvent[] = [];
  /** Where the next frame begins. */
  #end = 0;

  constructor({ frameSamples, frames }: RewindOptions) {
    this.#frameSamples = frameSamples;
    this.#frames = frames;
    this.#user = new Array<Side>(frames).fill(undefined);
    this.#bot = new Array<Side>(frames).fill(undefined);
  }

  /** First position that is held. */
  get begin(): number {
    return Math.max(0, this.#end - this.#frames * this.#frameSamples);
  }

  /** Bytes of samples that are held at present. */
  get heldBytes(): number {
    let sides = this.#spare.length;
    for (const side of this.#user) if (side !== undefined) sides++;
    for (const side of this.#bot) if (side !== undefined) sides++;
    return sides * 2 * this.#frameSamples;
  }

  /** What happened in the time that is held. */
  get events(): readonly RecordedEvent[] {
    const { begin } = this;
    return this.#events.filter(({ position }) => position >= begin);
  }

  /** Keeps an event. */
  note(event: RecordedEvent): void {
    if (this.#events.length === MAX_EVENTS) this.#events.shift();
    this.#events.push(event);
  }

  /** Keeps a frame, which follows the one before, and forgets the oldest. */
  write(frame: MixedFrame): void {
    const slot = this.#slotOf(frame.position);
    this.#keep(this.#user, slot, (frame.sources & USER) === 0 ? undefined : frame.user);
    this.#keep(this.#bot, slot, (frame.sources & BOT) === 0 ? undefined : frame.bot);
    this.#end = frame.position + this.#frameSamples;
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
      const slot = this.#slotOf(at);
      interleave(this.#user[slot], pcm, 2 * (at - begin));
      interleave(this.#bot[slot], pcm, 2 * (at - begin) + 1);
    }
    return { position: begin, pcm };
  }

  #slotOf(position: number): number {
    return (position / this.#frameSamples) % this.#frames;
  }

  #keep(sides: Side[], slot: number, samples: Side): void {
    let held = sides[slot];
    if (samples === undefined) {
      if (held !== undefined && this.#spare.length < MAX_SPARE) this.#spare.push(held);
      sides[slot] = undefined;
      return;
    }
    held ??= this.#spare.pop() ?? new Int16Array(this.#frameSamples);
    held.set(samples);
    sides[slot] = held;
  }
}

/** Every second value of `output` from `at` on becomes a sample; zeros stay where there is none. */
function interleave(samples: Side, output: Int16Array, at: number): void {
  if (samples === undefined) return;
  for (let index = 0; index < samples.length; index++) output[at + 2 * index] = samples[index];
}
