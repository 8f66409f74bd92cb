import type { Clock } from "./clock.ts";
import type { Ticker } from "./ticker.ts";
import type { Timeline } from "./timeline.ts";

/** What a `Track` is made of. */
export interface TrackOptions {
  clock: Clock;
  ticker: Ticker;
  timeline: Timeline;
  /** `live`: audio is what someone said a moment ago. `speech`: it is to be spoken from now on. */
  kind: "live" | "speech";
  /**
   * How much unspoken speech may wait, ms.
   * @default {120000}
   */
  maxAheadMs?: number;
  /** Told that `writable` was closed. */
  onClose?: () => void;
  /**
   * Asked when a window is read in which the audio runs out: what a resampler in front of the track
   * still holds back, if anything. Copied at once.
   */
  tail?: () => Int16Array | undefined;
  /**
   * Length of the fades at the edges of a gap, ms.
   * @default {5}
   */
  edgeFadeMs?: number;
}
