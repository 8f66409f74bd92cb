/** Duration of a frame: the mixer's step and the size of every message to a listener, ms. */
export const FRAME_MS = 50;

/** Sample rates a call can have, Hz. */
export type CallRate = 8000 | 16000;

/**
 * Where a call's samples are in time. Position 0 is the instant the call began; every position is a
 * whole number of samples since then. Derived from the monotonic clock, never counted.
 */
export class Timeline {
  /** Samples per second of every track, frame and recording of the call. */
  readonly sampleRate: CallRate;
  /** Samples in a frame: 400 at 8 kHz, 800 at 16 kHz. */
  readonly frameSamples: number;
  /** The clock's time at position 0, ms. */
  readonly startMs: number;

  constructor(sampleRate: CallRate, startMs: number) {
    this.sampleRate = sampleRate;
    this.frameSamples = (sampleRate * FRAME_MS) / 1000;
    this.startMs = startMs;
  }

  /** The position of an instant on the clock, rounded down. */
  positionAt(nowMs: number): number {
    // The clock's fractions of a millisecond are binary: without the nudge an instant that is exactly
    // on a sample may come out one sample early.
    return Math.floor(((nowMs - this.startMs) * this.sampleRate) / 1000 + 1e-6);
  }

  /** A duration in samples, rounded to the nearest. */
  samples(durationMs: number): number {
    return Math.round((durationMs * this.sampleRate) / 1000);
  }

  /** A number of samples as a duration in ms. */
  milliseconds(samples: number): number {
    return (samples * 1000) / this.sampleRate;
  }
}
