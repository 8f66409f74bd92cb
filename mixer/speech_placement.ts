import { CONTIGUOUS_MS, type Placement } from "./placement.ts";
import type { TrackBuffer } from "./track_buffer.ts";

/**
 * Places what the bot says: speech arrives faster than it is spoken and is spoken from the moment its
 * first chunk arrives. A chunk up to 100 ms late continues the speech before it; later than that the
 * caller heard the gap.
 */
export class SpeechPlacement implements Placement {
  readonly maxAhead: number;
  readonly #buffer: TrackBuffer;

  /** @param maxAheadMs how much unspoken speech may wait; more is refused */
  constructor(buffer: TrackBuffer, maxAheadMs: number) {
    this.#buffer = buffer;
    this.maxAhead = buffer.timeline.samples(maxAheadMs);
  }

  place(samples: Int16Array, arrival: number, lag: number): number | undefined {
    const buffer = this.#buffer;
    const { timeline } = buffer;
    const late = arrival - buffer.next;
    const idle = buffer.next === 0 || late > timeline.samples(CONTIGUOUS_MS) + lag;
    const position = idle ? arrival : buffer.next;
    if (position + samples.length > arrival + this.maxAhead) {
      buffer.stats.refused += samples.length;
      return undefined;
    }
    if (idle && buffer.next > 0) buffer.stats.gaps++;
    buffer.write(position, samples);
    return idle ? undefined : Math.max(0, late - samples.length);
  }

  settle(): void {}

  restart(): void {}
}
