import type { Clock } from "../mixer/clock.ts";
import type { RecorderWarning } from "./recorder_options.ts";

/** Between two warnings of one recording, ms. */
const QUIET_MS = 10_000;

/** Why sound was lost: the store refused it, or did not keep up. */
export type LossReason = "refused" | "slow";

/** What a {@linkcode Losses} is told of and whom it tells. */
export interface LossesOptions {
  callId: string;
  clock: Clock;
  onWarning: (warning: RecorderWarning) => void;
  onGap: (samples: number) => void;
}

/** Counts the sound that a store does not take, and tells an operator: once, not for every block. */
export class Losses {
  readonly #options: LossesOptions;
  #samples = 0;
  /** Those that the store has no silence for yet. */
  #missing = 0;
  #reason: LossReason = "slow";
  #isRefused = false;
  /** What was told and is not over. */
  #told: RecorderWarning["code"] | undefined;
  #toldMs = -Infinity;

  constructor(options: LossesOptions) {
    this.#options = options;
  }

  /** Samples per channel that were lost. */
  get samples(): number {
    return this.#samples;
  }

  /** Those of them that the store has no silence for yet. */
  get missing(): number {
    return this.#missing;
  }

  /** Why sound was lost last. */
  get reason(): LossReason {
    return this.#reason;
  }

  /** The store refused, and is asked again. */
  refused(error: unknown): void {
    this.#isRefused = true;
    this.#tell("recording_failed", `the store refuses, it is asked again: ${messageOf(error)}`);
  }

  /** The store takes again. */
  over(): void {
    this.#isRefused = false;
    const code = this.#told;
    this.#told = undefined;
    if (code === undefined) return;
    const { callId, onWarning } = this.#options;
    const message = `The store takes the recording of call ${callId} again`;
    onWarning({ code, message, active: false });
  }

  /** So many samples are lost, because the store has not taken what came before. */
  add(samples: number): void {
    if (!this.#isRefused) this.#tell("recording_too_slow", "the store fell behind by all blocks");
    this.#count(samples);
  }

  /** The store has silence in place of so many samples. */
  filled(samples: number): void {
    this.#missing = Math.max(0, this.#missing - samples);
  }

  /** The recording is given up, and so many samples with it. */
  giveUp(code: "recording_failed" | "recording_too_slow", why: string, samples = 0): void {
    this.#warn(code, why);
    if (samples > 0) this.#count(samples);
  }

  #count(samples: number): void {
    this.#samples += samples;
    this.#missing += samples;
    this.#reason = this.#isRefused ? "refused" : "slow";
    this.#options.onGap(samples);
  }

  #tell(code: RecorderWarning["code"], why: string): void {
    const nowMs = this.#options.clock.now();
    if (this.#told !== undefined || nowMs - this.#toldMs < QUIET_MS) return;
    this.#told = code;
    this.#toldMs = nowMs;
    this.#warn(code, why);
  }

  #warn(code: RecorderWarning["code"], why: string): void {
    const { callId, onWarning } = this.#options;
    onWarning({ code, message: `Cannot go on recording call ${callId}: ${why}` });
  }
}

/** What an error says, whatever was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
