import type { Call } from "./calls/call.ts";
import type { CallObserver, CallWarning } from "./calls/call_options.ts";
import type { Log } from "./log.ts";

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
    if (active) this.#log.warn("call warning", { id, ...warning });
    else this.#log.info("call warning is over", { id, ...warning });
  }
}
