import { extrapolate, MAX_HISTORY } from "./linear_prediction.ts";
import { raisedCosine } from "./pcm.ts";
import type { SampleRing } from "./sample_ring.ts";

/** A step no larger than this is not heard as a click (-60 dBFS). */
const SMALL_STEP = 32;

/** What came before a gap, to be continued. Shared: it is used at once. */
const history = new Int16Array(MAX_HISTORY);

/** Stretches of a timeline that must not be heard. */
export interface Mutes {
  /** The first muted position at or after `position`, or `Infinity`. */
  nextAt(position: number): number;
  /** Where the mute that covers `position` ends, or `position` itself. */
  endAt(position: number): number;
}

/**
 * Reads a track window by window, in order, and takes the clicks out of its edges: sound that breaks
 * off rings out into the gap, sound that starts anywhere but at zero fades in. Continuous sound is
 * never touched.
 *
 * Each reader keeps its own state, because each hears other edges: what was a hole when the live
 * frame was mixed may have been filled when the recorder reads the same window.
 */
export class TrackReader {
  readonly #ring: SampleRing;
  readonly #mutes: Mutes;
  readonly #fade: Float32Array;
  /** What rings out: the sound before a gap, continued and faded. */
  readonly #tail: Int16Array;
  /** Next sample of the tail to be added; the tail's length when it is over. */
  #tailAt: number;
  /** Next step of the fade-in; the fade's length when it is over. */
  #fadeInAt: number;
  /** Whether the last sample read was held. */
  #sounding = false;
  /** Where the sound began that the last sample read belongs to. */
  #soundStart = 0;

  /** @param length of the fades in samples; 0 leaves the edges as they are */
  constructor(ring: SampleRing, mutes: Mutes, length: number) {
    this.#ring = ring;
    this.#mutes = mutes;
    this.#fade = raisedCosine(length);
    this.#tail = new Int16Array(length);
    this.#tailAt = length;
    this.#fadeInAt = length;
  }

  /**
   * Fills `output` with the window that begins at `position`; windows are read in order, without gaps.
   *
   * @returns how many of its samples the track supplied; 0 is silence
   */
  read(position: number, output: Int16Array): number {
    const length = output.length;
    let supplied = this.#ring.read(position, output);
    const end = position + length;
    const muted = this.#mutes.nextAt(position) < end;
    if (muted) supplied = this.#mute(position, output);
    const steady = this.#tailAt === this.#tail.length && this.#fadeInAt === this.#fade.length;
    if (steady && supplied === (this.#sounding ? length : 0)) return supplied;
    this.#smooth(position, output);
    return supplied;
  }

  #silence(position: number, output: Int16Array): void {
    const end = position + output.length;
    let from = this.#mutes.nextAt(position);
    while (from < end) {
      const to = Math.min(end, this.#mutes.endAt(from));
      output.fill(0, from - position, to - position);
      from = this.#mutes.nextAt(to);
    }
  }

  /** Zeros what must not be heard; answers how many supplied samples are left. */
  #mute(position: number, output: Int16Array): number {
    this.#silence(position, output);
    const end = position + output.length;
    let supplied = 0;
    for (let cursor = this.#nextSounding(position); cursor < end;) {
      const stop = Math.min(end, this.#soundingUntil(cursor));
      supplied += stop - cursor;
      cursor = this.#nextSounding(stop);
    }
    return supplied;
  }

  /** Walks over the edges in the window. */
  #smooth(position: number, output: Int16Array): void {
    const end = position + output.length;
    let cursor = position;
    while (cursor < end) {
      const start = Math.min(end, this.#nextSounding(cursor));
      if (start > cursor) {
        if (this.#sounding) this.#beginTail(cursor);
        this.#ringOut(output, cursor - position, start - position);
        this.#sounding = false;
      }
      if (start === end) break;
      const stop = Math.min(end, this.#soundingUntil(start));
      if (!this.#sounding) {
        const first = output[start - position];
        this.#fadeInAt = Math.abs(first) > SMALL_STEP ? 0 : this.#fade.length;
        this.#soundStart = start;
      }
      this.#fadeIn(output, start - position, stop - position);
      this.#ringOut(output, start - position, stop - position);
      this.#sounding = true;
      cursor = stop;
    }
  }

  #nextSounding(position: number): number {
    let next = this.#ring.runs.nextAt(position);
    for (let unmuted = this.#mutes.endAt(next); unmuted > next;) {
      next = this.#ring.runs.nextAt(unmuted);
      unmuted = this.#mutes.endAt(next);
    }
    return next;
  }

  #soundingUntil(position: number): number {
    return Math.min(this.#ring.runs.endAt(position), this.#mutes.nextAt(position));
  }

  /** Prepares the tail of a sound that broke off at `end`. */
  #beginTail(end: number): void {
    const length = Math.min(MAX_HISTORY, end - this.#soundStart);
    const heard = history.subarray(MAX_HISTORY - length);
    this.#ring.read(end - length, heard);
    const before = length > 1 ? heard[length - 2] : 0;
    const step = Math.max(Math.abs(heard[length - 1]), Math.abs(before));
    this.#tailAt = step > SMALL_STEP ? 0 : this.#tail.length;
    if (this.#tailAt === this.#tail.length) return;
    extrapolate(heard, this.#tail);
    for (let index = 0; index < this.#tail.length; index++) {
      this.#tail[index] = Math.round(this.#tail[index] * this.#fade[index]);
    }
  }

  #ringOut(output: Int16Array, from: number, to: number): void {
    for (let index = from; index < to && this.#tailAt < this.#tail.length; index++) {
      const sum = output[index] + this.#tail[this.#tailAt++];
      output[index] = sum > 32767 ? 32767 : sum < -32768 ? -32768 : sum;
    }
  }

  #fadeIn(output: Int16Array, from: number, to: number): void {
    const { length } = this.#fade;
    for (let index = from; index < to && this.#fadeInAt < length; index++) {
      output[index] = Math.round(output[index] * this.#fade[length - 1 - this.#fadeInAt++]);
    }
  }
}
