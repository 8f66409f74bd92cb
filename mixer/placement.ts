/**
 * Decides where on the timeline a chunk of audio belongs. One implementation for each thing a sender
 * may tell us: nothing but the audio's arrival, its media time, or that it is speech to be spoken now.
 */
export interface Placement {
  /** How far ahead of its arrival audio may lie, in samples; what is further ahead is refused. */
  readonly maxAhead: number;
  /**
   * Places a chunk. The samples stay the caller's.
   *
   * @param samples PCM at the call's rate
   * @param arrival position of the instant at which the chunk's last sample was there
   * @param lag by how much the event loop delayed that, in samples
   * @param mediaTime the sender's time of the first sample in samples, if it tells
   * @returns how late the chunk was in samples, or `undefined` if that says nothing about the network
   */
  place(
    samples: Int16Array,
    arrival: number,
    lag: number,
    mediaTime: number | undefined,
  ): number | undefined;
  /** Places what could not be decided yet, if at `now` it can; at `Infinity` it always can. */
  settle(now: number): void;
  /** The sender starts anew at `now`: its clock and its numbers mean nothing any more. */
  restart(now: number): void;
}

/** Furthest into the future that live audio may be, ms. */
export const LIVE_AHEAD_MS = 1000;

/** Audio this much later than expected is still contiguous, ms. */
export const CONTIGUOUS_MS = 100;

/** A sender whose first chunk is no later than this began when the call did, ms. */
export const PROMPT_START_MS = 100;

/** Arrival this much earlier than expected is noise, ms. */
export const EARLY_NOISE_MS = 2;
