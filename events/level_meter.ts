import type { CallSink } from "../calls/call_sinks.ts";
import type { MixedFrame } from "../mixer/mixer.ts";
import { FLOOR_DBFS } from "../mixer/pcm.ts";

/** The loudest sample of each side since somebody last looked. */
export class LevelMeter implements CallSink {
  #user = 0;
  #bot = 0;
  #wasHeard = false;

  /** Takes a frame; allocates nothing and keeps nothing of it. */
  write(frame: MixedFrame): void {
    this.#user = peakOf(frame.user, this.#user);
    this.#bot = peakOf(frame.bot, this.#bot);
  }

  /**
   * Peaks of user and bot in whole dBFS since the last call, or `undefined` for a call that is silent
   * and was so before.
   */
  take(): [user: number, bot: number] | undefined {
    const levels: [number, number] = [decibels(this.#user), decibels(this.#bot)];
    const isHeard = this.#user > 0 || this.#bot > 0;
    const isNews = isHeard || this.#wasHeard;
    this.#wasHeard = isHeard;
    this.#user = this.#bot = 0;
    return isNews ? levels : undefined;
  }
}

function peakOf(samples: Int16Array, atLeast: number): number {
  let peak = atLeast;
  for (let index = 0; index < samples.length; index++) {
    const sample = samples[index];
    const magnitude = sample < 0 ? -sample : sample;
    if (magnitude > peak) peak = magnitude;
  }
  return peak;
}

function decibels(peak: number): number {
  return peak === 0 ? FLOOR_DBFS : Math.max(FLOOR_DBFS, Math.round(20 * Math.log10(peak / 32768)));
}
