import type { Clock } from "../mixer/clock.ts";
import type { RecordedEvent } from "../recordings/store.ts";
import { stereoToMix, stereoToSide, stereoToStereo } from "../recordings/stereo.ts";
import type { StereoConversion } from "../recordings/stereo.ts";
import { positionMessage } from "./event_view.ts";
import type { Listener } from "./listener.ts";
import type { Past, PastSlice } from "./past.ts";
import type { ViewOptions } from "./view.ts";

/** What a {@linkcode CatchUp} is made of. */
export interface CatchUpOptions {
  clock: Clock;
  past: Past;
  /** What happened so far, by position. */
  events: readonly RecordedEvent[];
  listener: Listener;
  view: ViewOptions;
  frameSamples: number;
  /** Where the next live frame begins. */
  edge: () => number;
  /** Lets the listener hear what is live, from the edge on. */
  join: () => void;
}

/** Most bytes queued for the socket while its listener catches up. */
const MAX_QUEUED_BYTES = 256 * 1024;
/** Events that may happen while a listener catches up, and still be told to it. */
const MAX_NEW_EVENTS = 1000;
/** Bytes sent before all others get their turn. */
const TURN_BYTES = 64 * 1024;
/** Frames of a hole that are sent at a time. */
const HOLE_FRAMES = 100;
/** How often a full socket is looked at, ms. */
const POLL_MS = 20;

/**
 * Sends a listener what it missed of a call, as fast as its socket takes it, and hands it over to the
 * live stream exactly where that goes on.
 */
export class CatchUp {
  readonly listener: Listener;
  readonly #options: CatchUpOptions;
  readonly #convert: StereoConversion;
  readonly #samples: Int16Array<ArrayBuffer>;
  readonly #bytes: Uint8Array<ArrayBuffer>;
  /** What happened, and has not been told yet. */
  readonly #events: RecordedEvent[];
  #nextEvent = 0;
  /** Where the listener expects the next frame, as far as it was told. */
  #expected = -1;
  #sentBytes = 0;

  constructor(options: CatchUpOptions) {
    const { listener, view: { channels, track }, frameSamples, events } = options;
    this.listener = listener;
    this.#options = options;
    this.#convert = channels === 2
      ? stereoToStereo
      : track === undefined
      ? stereoToMix
      : stereoToSide[track];
    this.#samples = new Int16Array(frameSamples * channels);
    this.#bytes = new Uint8Array(this.#samples.buffer);
    this.#events = [...events];
  }

  /** Something happens meanwhile: it is told when its time has come. */
  note(event: RecordedEvent): void {
    const { events } = this.#options;
    if (this.#events.length < events.length + MAX_NEW_EVENTS) this.#events.push(event);
  }

  /** Sends everything from `position`, whole frames, on. Settles when the listener is live or gone. */
  async run(position: number): Promise<void> {
    const { past, edge, join } = this.#options;
    try {
      this.#tellStart(position);
      while (!this.listener.ended) {
        if (position < edge()) {
          const slice = await past.read(position);
          position = slice === undefined ? edge() : await this.#sendSlice(
            slice.position > position ? this.#hole(position, slice) : slice,
          );
        } else if (this.listener.isNearlyIdle) {
          this.#tellEvents(Infinity);
          return join();
        } else if (!await this.#pause()) {
          return;
        }
      }
    } finally {
      past.close();
    }
  }

  /** Sends the frames of a slice. Answers where it ends. */
  async #sendSlice({ position, pcm }: PastSlice): Promise<number> {
    const { frameSamples } = this.#options;
    for (let at = 0; at < pcm.length; at += 2 * frameSamples) {
      const frame = pcm.subarray(at, at + 2 * frameSamples);
      const isTurnOver = this.#sentBytes >= TURN_BYTES;
      if (isTurnOver || this.listener.queuedBytes > MAX_QUEUED_BYTES) {
        if (!await this.#pause()) break;
        this.#sentBytes = 0;
      }
      this.#sendFrame(position, frame);
      position += frameSamples;
    }
    return position;
  }

  /** Silence in place of what nobody holds any more: time goes on. */
  #hole(position: number, next: PastSlice): PastSlice {
    const most = HOLE_FRAMES * this.#options.frameSamples;
    return { position, pcm: new Int16Array(2 * Math.min(most, next.position - position)) };
  }

  #sendFrame(position: number, frame: Int16Array): void {
    const { frameSamples, view } = this.#options;
    this.#tellEvents(position + frameSamples);
    if (!view.silenceAsPcm && isSilent(frame, view.track)) return;
    const isSecond = position % (20 * frameSamples) === 0;
    if (isSecond || position !== this.#expected) this.#tell(positionMessage(position));
    this.#convert(frame, frameSamples, this.#samples);
    this.listener.sendLast(this.#bytes);
    this.#sentBytes += this.#bytes.length;
    this.#expected = position + frameSamples;
  }

  /** Waits a turn, or until the queue is short enough. Answers false when the listener is gone. */
  async #pause(): Promise<boolean> {
    const { clock } = this.#options;
    let least = Infinity;
    do {
      await new Promise<void>((resolve) => {
        clock.setTimeout(resolve, this.#sentBytes >= TURN_BYTES ? 0 : POLL_MS);
      });
      this.#sentBytes = 0;
      const queued = this.listener.queuedBytes;
      // One who takes nothing is closed after a while, as anybody who is slow.
      if (queued > MAX_QUEUED_BYTES && queued >= least) this.listener.drop(false);
      else this.listener.tookSome();
      least = Math.min(least, queued);
    } while (!this.listener.ended && this.listener.queuedBytes > MAX_QUEUED_BYTES);
    return !this.listener.ended;
  }

  #tellStart(position: number): void {
    this.#tell(positionMessage(position));
    this.#expected = position;
    let pause: RecordedEvent | undefined;
    for (const event of this.#events) {
      if (event.position >= position) break;
      this.#nextEvent++;
      if (event.type === "paused") pause = event;
      else if (event.type === "resumed") pause = undefined;
    }
    if (pause !== undefined) this.#tell(JSON.stringify(pause));
  }

  /** Tells what happened before `position`. */
  #tellEvents(position: number): void {
    const events = this.#events;
    while (this.#nextEvent < events.length && events[this.#nextEvent].position < position) {
      this.#tell(JSON.stringify(events[this.#nextEvent++]));
    }
  }

  #tell(message: string): void {
    if (this.#options.view.withEvents) this.listener.sendLast(message);
  }
}

/** Whether a frame of interleaved stereo is nothing but zeros, on the side that is listened to. */
function isSilent(frame: Int16Array, track: "user" | "bot" | undefined): boolean {
  const step = track === undefined ? 1 : 2;
  for (let at = track === "bot" ? 1 : 0; at < frame.length; at += step) {
    if (frame[at] !== 0) return false;
  }
  return true;
}
