import { MuteList } from "./mute_list.ts";
import { SampleRing } from "./sample_ring.ts";
import type { Timeline } from "./timeline.ts";

/** How long a mixed frame stays readable and repairable, ms: the recorder's delay. */
export const REPAIR_MS = 5000;

/** How long the recorder may take to read a window once its delay is over, ms. */
const READ_SLACK_MS = 400;

/**
 * How far audio may be ahead of the mixer beside what its placement allows, ms: the longest stall that
 * loses nothing. Without an end, a track that nobody reads would grow for ever.
 */
const UNREAD_MS = 30_000;

/** What a track's ring holds without growing, ms. */
const RING_MS = 6000;

/** What became of a track's audio, in samples at the call's rate unless said. Counts only go up. */
export interface TrackStats {
  /** Received, after decoding. */
  received: number;
  /** Too late for the live frame, in time for the recording. */
  repaired: number;
  /** Too late for the recording too. */
  lost: number;
  /** Already there: repeated, or overlapping what came first. */
  repeated: number;
  /** Refused because it lies too far in the future. */
  refused: number;
  /** Received while the call was paused, or for a time at which it was, and therefore not kept. */
  redacted: number;
  /** Discarded by a barge-in, or unspoken at the end of the call. */
  cleared: number;
  /** Silence put in, and left out, to follow the sender's clock. */
  inserted: number;
  skipped: number;
  /** Number of real gaps. */
  gaps: number;
  /** Number of times the sender's clock was given up and found anew. */
  reanchored: number;
}

/** The samples of one side of a call, and what those who place them need to know. */
export class TrackBuffer {
  readonly timeline: Timeline;
  readonly ring: SampleRing;
  readonly mutes = new MuteList();
  readonly stats: TrackStats = {
    received: 0,
    repaired: 0,
    lost: 0,
    repeated: 0,
    refused: 0,
    redacted: 0,
    cleared: 0,
    inserted: 0,
    skipped: 0,
    gaps: 0,
    reanchored: 0,
  };
  /** Where the next contiguous sample goes. */
  next = 0;
  /** Everything before this position has been mixed. */
  mixedTo = 0;
  readonly #history: number;
  readonly #furthest: number;

  /** @param maxAheadMs how far ahead of its arrival audio may lie */
  constructor(timeline: Timeline, maxAheadMs: number) {
    this.timeline = timeline;
    this.ring = new SampleRing(timeline.samples(RING_MS));
    this.#history = timeline.samples(REPAIR_MS + READ_SLACK_MS);
    this.#furthest = timeline.samples(maxAheadMs + UNREAD_MS);
  }

  /** Stores `samples[from..to)` at `position`, unless it is too late, there already, or redacted. */
  write(position: number, samples: Int16Array, from = 0, to = samples.length): void {
    const end = position + to - from;
    if (end > this.mixedTo + this.#furthest) {
      this.stats.refused += to - from;
      return;
    }
    if (this.next < end) this.next = end;
    if (this.mutes.active) {
      this.stats.redacted += end - position;
      return;
    }
    let cursor = Math.max(position, this.ring.base);
    this.stats.lost += Math.min(cursor, end) - position;
    while (cursor < end) {
      const stop = Math.min(end, this.mutes.nextAt(cursor));
      this.#store(cursor, samples, from + cursor - position, from + stop - position);
      cursor = Math.min(end, this.mutes.endAt(stop));
      this.stats.redacted += cursor - stop;
    }
  }

  /**
   * Moves the last run back by at most `distance`, because it turned out to have been placed too late;
   * not before `floor` or into what is there already. What has been mixed is moved only with `force`.
   *
   * @returns by how many samples
   */
  moveLastRunBack(distance: number, floor: number, force = false): number {
    const { lastStart, end, endBeforeLast } = this.ring.runs;
    if (end !== this.next || this.mutes.active) return 0;
    if (lastStart < this.mixedTo && !force) return 0;
    const room = lastStart - Math.max(this.ring.base, endBeforeLast, floor);
    const by = Math.max(0, Math.min(distance, room));
    if (by === 0) return 0;
    this.ring.moveLastRunBack(by);
    this.next -= by;
    return by;
  }

  /** The mixer is done with everything before `position`. */
  mixed(position: number): void {
    this.mixedTo = position;
    const retired = position - this.#history;
    if (retired <= 0) return;
    this.ring.retire(retired);
    this.mutes.removeBefore(retired);
  }

  #store(position: number, samples: Int16Array, from: number, to: number): void {
    if (to <= from) return;
    const written = this.ring.write(position, samples, from, to);
    this.stats.repeated += to - from - written;
    const late = Math.min(this.mixedTo - position, written);
    if (late > 0) this.stats.repaired += late;
  }
}
