import { IngestError } from "../ingest/provider.ts";

/** How long a socket may take until its call has started, ms. */
export const START_WITHIN_MS = 5000;
const MESSAGES = 16;
const BYTES = 64 * 1024;

/** What a socket may send until its call has started: enough to start one, too little to do harm. */
export class StartAllowance {
  #messages = 0;
  #bytes = 0;

  /** The error for a socket that takes too long. */
  static overdue(): IngestError {
    return new IngestError(
      "not_started",
      `No start message within ${START_WITHIN_MS / 1000} s`,
    );
  }

  /**
   * Counts a message.
   *
   * @throws {IngestError} `not_started` when it is one too many
   */
  take(message: string | ArrayBuffer): void {
    this.#messages++;
    this.#bytes += typeof message === "string" ? message.length : message.byteLength;
    if (this.#messages <= MESSAGES && this.#bytes <= BYTES) return;
    throw new IngestError(
      "not_started",
      `Cannot take more: the call must start within ${MESSAGES} messages and ${BYTES} bytes`,
    );
  }
}
