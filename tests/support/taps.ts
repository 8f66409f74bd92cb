import type { Page } from "playwright-core";

/** What the page played, all of its sounds together, from the first on. */
export interface Played {
  /** Loudest sample of each 10 ms, 0 to 1. */
  readonly peaks: number[];
  /** The same of each sound alone, in the order in which they began. */
  readonly sounds: number[][];
}

/**
 * Keeps all taps of a page that is opened with `#tap`: a page may play two sounds at a time, each of an
 * audio context of its own. Their common time is that of their arrival at the page, least delayed.
 */
export async function keepTaps(page: Page): Promise<void> {
  await page.addInitScript(() => {
    interface Batch {
      frame: number;
      samples: Float32Array;
    }
    interface Tap {
      sampleRateHz: number;
      batches: Batch[];
      add(batch: Batch): void;
    }
    const taps: { tap: Tap; startMs: number }[] = [];
    Object.defineProperty(globalThis, "earshotTap", {
      set(tap: Tap) {
        const kept = { tap, startMs: Infinity };
        const add = tap.add.bind(tap);
        tap.add = (batch) => {
          // When frame 0 was, if this batch came without delay.
          const playedMs = ((batch.frame + batch.samples.length) * 1000) / tap.sampleRateHz;
          kept.startMs = Math.min(kept.startMs, performance.now() - playedMs);
          add(batch);
        };
        taps.push(kept);
      },
    });
    Object.assign(globalThis, { earshotTaps: taps });
  });
}

/** @param page whose taps are kept, see {@linkcode keepTaps} */
export function playedBy(page: Page): Promise<Played> {
  return page.evaluate(() => {
    interface Kept {
      startMs: number;
      tap: { sampleRateHz: number; batches: { frame: number; samples: Float32Array }[] };
    }
    const { earshotTaps: taps } = globalThis as unknown as { earshotTaps: Kept[] };
    const begin = Math.min(
      ...taps.map(({ tap, startMs }) => startMs + (tap.batches[0].frame * 1000) / tap.sampleRateHz),
    );
    const sounds = taps.map(({ tap, startMs }) => {
      const peaks: number[] = [];
      for (const { frame, samples } of tap.batches) {
        for (let index = 0; index < samples.length; index++) {
          const atMs = startMs + ((frame + index) * 1000) / tap.sampleRateHz - begin;
          const at = Math.floor(atMs / 10);
          peaks[at] = Math.max(peaks[at] ?? 0, Math.abs(samples[index]));
        }
      }
      return Array.from(peaks, (peak) => peak ?? 0);
    });
    const length = Math.max(...sounds.map((peaks) => peaks.length));
    const peaks = Array.from(
      { length },
      (_, index) => Math.max(...sounds.map((sound) => sound[index] ?? 0)),
    );
    return { peaks, sounds };
  });
}
