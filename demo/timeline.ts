/** A sentence, where it stands in its side's audio file, and when it is spoken. */
export interface Utterance {
  /** Since the round began. */
  readonly startMs: number;
  /** Range in `user.mulaw` or `bot.mulaw`, the end exclusive: 8 bytes a millisecond. */
  readonly startByte: number;
  readonly endByte: number;
  readonly text: string;
}

/** One round of the demo call, as `timeline.json` holds it. Times in ms since the round began. */
export interface Timeline {
  readonly durationMs: number;
  /**
   * Line noise within `user.mulaw`, repeated wherever the user neither speaks nor is muted. Byte
   * `8 * (t % its length in ms)` belongs to time t, so that it runs on under the speech.
   */
  readonly background: { readonly startByte: number; readonly endByte: number };
  readonly user: readonly Utterance[];
  readonly bot: readonly Utterance[];
  /** When the agent notices a barge-in and sends `clear`. */
  readonly clearsMs: readonly number[];
  /** When the user sends nothing at all. */
  readonly mutes: readonly { readonly fromMs: number; readonly toMs: number }[];
}
