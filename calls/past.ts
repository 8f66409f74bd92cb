/** A stretch of what a call has been. */
export interface PastSlice {
  /** Where it begins. After the position that was asked for, if what lies between is not held. */
  readonly position: number;
  /** Whole frames of interleaved stereo, left the user, right the bot. At least one frame. */
  readonly pcm: Int16Array<ArrayBuffer>;
}

/** A call's sound up to the live edge, read piece by piece by one who comes late. */
export interface Past {
  /** First position that is held. It may move on while one reads. */
  readonly begin: number;
  /**
   * A piece from `position`, a whole number of frames, on; `undefined` when that is the live edge, or
   * the end. The samples are the caller's.
   */
  read(position: number): Promise<PastSlice | undefined>;
  /** Lets go of what is open. Idempotent. */
  close(): void;
}
