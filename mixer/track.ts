import { ArrivalPlacement } from "./arrival_placement.ts";
import type { Clock } from "./clock.ts";
import { LIVE_AHEAD_MS, type Placement } from "./placement.ts";
import { raisedCosine } from "./pcm.ts";
import { SequenceWindow } from "./sequence_window.ts";
import { SpeechPlacement } from "./speech_placement.ts";
import type { Ticker } from "./ticker.ts";
import type { Timeline } from "./timeline.ts";
import { TimestampPlacement } from "./timestamp_placement.ts";
import { TrackBuffer, type TrackStats } from "./track_buffer.ts";
import type { TrackOptions } from "./track_options.ts";
import { TrackReader } from "./track_reader.ts";
import { readableOf, writableOf } from "./track_streams.ts";

export type { TrackOptions } from "./track_options.ts";

/** How long a barge-in takes to fade out what is discarded, ms. */
const CLEAR_FADE_MS = 10;

/**
 * One side of a call on its timeline. Shaped like a TransformStream: chunks of PCM16 at the call's rate
 * go in by `writable` (or, without the cost of a stream, by {@linkcode push}), windows of 50 ms come
 * out by `readable`, or are read by the mixer.
 */
export class Track {
  readonly timeline: Timeline;
  readonly #clock: Clock;
  readonly #ticker: Ticker;
  readonly #buffer: TrackBuffer;
  readonly #untimed: Placement;
  readonly #timed: TimestampPlacement;
  readonly #sequences = new SequenceWindow();
  readonly #reader: TrackReader;
  readonly #edgeFadeMs: number;
  readonly #tail: (() => Int16Array | undefined) | undefined;
  readonly #onClose: (() => void) | undefined;
  #isClosed = false;

  constructor(options: TrackOptions) {
    const { clock, ticker, timeline, kind, maxAheadMs = 120_000, edgeFadeMs = 5 } = options;
    this.#tail = options.tail;
    this.#onClose = options.onClose;
    this.timeline = timeline;
    this.#clock = clock;
    this.#ticker = ticker;
    this.#edgeFadeMs = edgeFadeMs;
    if (kind === "live") {
      this.#buffer = new TrackBuffer(timeline, LIVE_AHEAD_MS);
      this.#untimed = new ArrivalPlacement(this.#buffer);
      this.#timed = new TimestampPlacement(this.#buffer);
    } else {
      this.#buffer = new TrackBuffer(timeline, maxAheadMs);
      this.#untimed = new SpeechPlacement(this.#buffer, maxAheadMs);
      this.#timed = new TimestampPlacement(this.#buffer, maxAheadMs);
    }
    this.#reader = this.reader();
  }

  /** What became of this track's audio so far. */
  get stats(): Readonly<TrackStats> {
    return this.#buffer.stats;
  }

  /** Where the audio received so far ends, in samples. */
  get end(): number {
    return this.#buffer.next;
  }

  /**
   * Takes a chunk that has just arrived and copies it to its place.
   *
   * @param samples PCM16 at the call's rate; stays the caller's
   * @param mediaMs the sender's time of the first sample, if it tells, ms since its stream began
   * @param sequence the sender's number of this chunk, for senders that may repeat
   * @param held samples that the decoder still holds back of what has arrived
   * @param nowMs the instant of its arrival on the clock
   * @param lagMs by how much the event loop lagged behind then, ms
   * @returns how late it was in samples, or `undefined` if that says nothing about the network
   */
  push(
    samples: Int16Array,
    mediaMs?: number,
    sequence?: number,
    held = 0,
    nowMs: number = this.#clock.now(),
    lagMs: number = this.#ticker.lagMs(nowMs),
  ): number | undefined {
    if (samples.length === 0) return undefined;
    const { stats } = this.#buffer;
    stats.received += samples.length;
    if (sequence !== undefined && this.#sequences.isRepeated(sequence)) {
      stats.repeated += samples.length;
      return undefined;
    }
    const arrival = this.timeline.positionAt(nowMs);
    const lag = this.timeline.samples(lagMs);
    const there = this.#untimed instanceof SpeechPlacement ? arrival : arrival - held;
    const late = mediaMs === undefined
      ? this.#untimed.place(samples, there, lag, undefined)
      : this.#timed.place(samples, there, lag, this.timeline.samples(mediaMs));
    // What our own event loop held up was not late: the mixer waits for it anyway.
    return late === undefined ? undefined : Math.max(0, late - lag);
  }

  /**
   * Barge-in: discards what has not been heard, after a fade of 10 ms.
   *
   * @param heardTo the last position the caller is known to have heard, if that is known
   * @returns how many samples were discarded
   */
  clear(heardTo = Infinity): number {
    const buffer = this.#buffer;
    const now = this.timeline.positionAt(this.#clock.now());
    const cut = Math.max(buffer.mixedTo, Math.floor(Math.min(now, heardTo)));
    const fade = raisedCosine(this.timeline.samples(CLEAR_FADE_MS));
    const end = Math.min(buffer.next, cut + fade.length);
    if (end <= cut) return 0;
    const discarded = buffer.next - end;
    buffer.ring.applyGains(cut, fade);
    buffer.ring.removeFrom(end);
    buffer.next = end;
    buffer.stats.cleared += discarded;
    // A sender that counts what it sent has counted what was discarded, too.
    this.#timed.restart(now);
    return discarded;
  }

  /** Nothing that arrives from now on is kept or heard, until {@linkcode resume}; time goes on. */
  pause(): void {
    this.#flush();
    this.#buffer.mutes.begin(this.timeline.positionAt(this.#clock.now()));
  }

  /** Ends a {@linkcode pause}. */
  resume(): void {
    // While the pause lasts, lest anything of it is heard after it.
    this.#flush();
    this.#buffer.mutes.end(this.timeline.positionAt(this.#clock.now()));
  }

  /** The sender starts anew: its clock and sequence numbers mean nothing any more. */
  restart(): void {
    const now = this.timeline.positionAt(this.#clock.now());
    this.#untimed.restart(now);
    this.#timed.restart(now);
    this.#sequences.reset();
  }

  /**
   * Fills `output` with the window at `position` as it is known now. The mixer's way to read: windows
   * come in order, and what was read may not be discarded any more.
   *
   * @returns how many samples the track supplied
   */
  read(position: number, output: Int16Array, nowMs: number = this.#clock.now()): number {
    this.#untimed.settle(this.timeline.positionAt(nowMs));
    const end = position + output.length;
    if (this.#buffer.next < end) this.#writeTail();
    const supplied = this.#reader.read(position, output);
    this.#buffer.mixed(end);
    return supplied;
  }

  /** A reader of its own for someone who reads the same windows again, up to 5 s later. */
  reader(): TrackReader {
    const fadeSamples = this.timeline.samples(this.#edgeFadeMs);
    return new TrackReader(this.#buffer.ring, this.#buffer.mutes, fadeSamples);
  }

  /**
   * Chunks of PCM16 go in here; what lies too far ahead waits until there is room. Closing it ends
   * `readable`.
   */
  get writable(): WritableStream<Int16Array> {
    return writableOf(this, this.#clock, () => {
      this.#flush();
      this.#isClosed = true;
      this.#onClose?.();
    });
  }

  /**
   * Windows of 50 ms, each an array of its own, 100 ms after their time. For a track that no mixer
   * reads. Ends with `writable`, when all has been given.
   */
  get readable(): ReadableStream<Int16Array> {
    return readableOf(this, this.#ticker, () => this.#isClosed);
  }

  /** Whether so many samples more would not lie too far ahead. */
  hasRoom(samples: number): boolean {
    const now = this.timeline.positionAt(this.#clock.now());
    return this.#buffer.next + samples <= now + this.#untimed.maxAhead;
  }

  /** Puts in its place what still waits, for a decision or in the decoder. */
  #flush(): void {
    this.#untimed.settle(Infinity);
    this.#writeTail();
  }

  #writeTail(): void {
    const tail = this.#tail?.();
    if (tail !== undefined) this.#buffer.write(this.#buffer.next, tail);
  }
}
