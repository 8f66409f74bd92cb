import type { Clock } from "../mixer/clock.ts";

/** Bytes, or characters, of a message of a listener. */
const MAX_LENGTH = 4096;
/** Messages of one in a second. */
const MAX_PER_SECOND = 20;

/** What a listener may say, who has nothing to say: enough for a sign of life. */
export class MessageAllowance {
  readonly #clock: Clock;
  #beganMs = -Infinity;
  #count = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Counts a message. Answers whether it may be. */
  take(message: string | ArrayBuffer): boolean {
    const nowMs = this.#clock.now();
    if (nowMs - this.#beganMs >= 1000) {
      this.#beganMs = nowMs;
      this.#count = 0;
    }
    const length = typeof message === "string" ? message.length : message.byteLength;
    return ++this.#count <= MAX_PER_SECOND && length <= MAX_LENGTH;
  }
}
