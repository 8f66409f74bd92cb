import type { Clock } from "../mixer/clock.ts";
import type { RecorderWarning } from "./recorder_options.ts";

/** Between two warnings of one recording, ms. */
const QUIET_MS = 10_000;

/** Why sound was lost: the store refused it, or did not keep up. */
export type LossReason = "refused" | "slow";

/** Tells an operator that a store does not take what it is given: once, not for every block. */
export class Trouble {
  readonly #callId: string;
  readonly #clock: Clock;
  readonly #onWarning: (warning: RecorderWarning) => void;
  #isRefused = false;
  /** What was told and is not over. */
  #told: RecorderWarning["code"] | undefined;
  #toldMs = -Infinity;

  constructor(callId: string, clock: Clock, onWarning: (warning: RecorderWarning) => void) {
    this.#callId = callId;
    this.#clock = clock;
    this.#onWarning = onWarning;
  }

  /** The store refused, and is asked again. */
  refused(error: unknown): void {
    this.#isRefused = true;
    this.#tell("recording_failed", `the store refuses, it is asked again: ${messageOf(error)}`);
  }

  /** Sound is lost because the store has not taken what came before. */
  lost(): void {
    if (!this.#isRefused) this.#tell("recording_too_slow", "the store fell behind by all blocks");
  }

  /** Why sound that is lost now is lost. */
  get lossReason(): LossReason {
    return this.#isRefused ? "refused" : "slow";
  }

  /** The store takes again. */
  over(): void {
    this.#isRefused = false;
    const code = this.#told;
    this.#told = undefined;
    if (code === undefined) return;
    const message = `The store takes the recording of call ${this.#callId} again`;
    this.#onWarning({ code, message, active: false });
  }

  /** The recording is given up. */
  failed(code: RecorderWarning["code"], reason: string): void {
    this.#warn(code, reason);
  }

  #tell(code: RecorderWarning["code"], reason: string): void {
    const nowMs = this.#clock.now();
    if (this.#told !== undefined || nowMs - this.#toldMs < QUIET_MS) return;
    this.#told = code;
    this.#toldMs = nowMs;
    this.#warn(code, reason);
  }

  #warn(code: RecorderWarning["code"], reason: string): void {
    this.#onWarning({ code, message: `Cannot go on recording call ${this.#callId}: ${reason}` });
  }
}

/** What an error says, whatever was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
