import type { Call } from "./calls/call.ts";
import type { CallObserver, CallWarning } from "./calls/call_options.ts";
import type { Log } from "./log.ts";

/** Warnings about what is sent, or not. */
const SOUND = new Set(["track_silent", "both_silent", "clipping", "talk_over"]);

/** Says in the log what happens to calls: the beginnings, the ends and the warnings. */
export class CallLog implements CallObserver {
  readonly #log: Log;

  constructor(log: Log) {
    this.#log = log;
  }

  onStart({ details: { id } }: Call): void {
    this.#log.info("call started", { id });
  }

  onEnd({ details: { id } }: Call, reason: string): void {
    this.#log.info("call ended", { id, reason });
  }

  onWarning({ details: { id } }: Call, { active = true, ...warning }: CallWarning): void {
    // What is said in a call is for those who follow it; the log is for those who run the server.
    const isOfSound = SOUND.has(warning.code);
    if (!active) {
      this.#log[isOfSound ? "debug" : "info"]("call warning is over", { id, ...warning });
    } else this.#log[isOfSound ? "debug" : "warn"]("call warning", { id, ...warning });
  }
}
