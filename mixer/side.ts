import type { Clock } from "./clock.ts";
import { createDecoder, type Decoder, type TrackFormat } from "./decode.ts";
import type { Holdback } from "./holdback.ts";
import type { StreamHeader } from "./stream_header.ts";
import { Track, type TrackOptions } from "./track.ts";

/** After so long without a payload a new one may be another utterance, ms. */
const PAUSE_MS = 1000;

/** What a {@linkcode Side} is made of. */
export interface SideOptions extends TrackOptions {
  clock: Clock;
  format: TrackFormat;
  holdback: Holdback;
}

/** One side of a call from the wire to the timeline: a decoder and a track. */
export class Side {
  readonly track: Track;
  readonly #holdback: Holdback;
  #decoder: Decoder;
  #format: TrackFormat;
  #arrivedMs = -Infinity;

  /** @throws {RangeError} when the format is not supported */
  constructor(options: SideOptions) {
    const { format, holdback, timeline } = options;
    const tail = () => this.#decoder.heldSamples > 0 ? this.#decoder.flush() : undefined;
    this.#decoder = createDecoder(format, timeline.sampleRate);
    this.#format = format;
    this.#holdback = holdback;
    this.track = new Track({ ...options, tail });
  }

  /**
   * Takes a payload that arrived at `nowMs` on the clock; it stays the caller's.
   *
   * @param mediaMs the sender's time of the first sample, ms since its stream began
   * @param sequence the sender's number of the payload
   * @param lagMs by how much the event loop lagged behind when it arrived, ms; as of now if left out
   * @returns whether there was room for it; without, it is discarded whole
   * @throws {RangeError} when the payload is above 1 MiB; nothing has happened then
   */
  push(
    payload: Uint8Array,
    nowMs: number,
    mediaMs?: number,
    sequence?: number,
    lagMs?: number,
  ): boolean {
    const { track } = this;
    const heldBefore = this.#decoder.heldSamples;
    const samples = this.#decoder.decode(payload, nowMs - this.#arrivedMs > PAUSE_MS);
    this.#arrivedMs = nowMs;
    const startMs = mediaMs === undefined
      ? undefined
      : mediaMs - track.timeline.milliseconds(heldBefore);
    const refused = track.stats.refused;
    const late = track.push(samples, startMs, sequence, this.#decoder.heldSamples, nowMs, lagMs);
    if (late !== undefined) this.#holdback.observe(late);
    return track.stats.refused === refused;
  }

  /** Chunks of PCM16 at the call's rate go in here; one that lies too far ahead waits for room. */
  get writable(): WritableStream<Int16Array> {
    return this.track.writable;
  }

  /** The header of a file that came in place of samples, if one did. */
  get header(): StreamHeader | undefined {
    return this.#decoder.header;
  }

  /** What the sender said that it sends. */
  get format(): TrackFormat {
    return this.#format;
  }

  /**
   * The sender starts anew, with another clock and maybe in another format.
   *
   * @throws {RangeError} when the format is not supported; nothing has changed then
   */
  restart(format?: TrackFormat): void {
    if (format === undefined) this.#decoder.reset();
    else {
      this.#decoder = createDecoder(format, this.track.timeline.sampleRate);
      this.#format = format;
    }
    this.track.restart();
  }

  /** Barge-in: discards what has not been heard. Returns how many samples. */
  clear(): number {
    this.#decoder.reset();
    return this.track.clear();
  }
}
