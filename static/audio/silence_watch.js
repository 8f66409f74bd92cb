// @ts-check

/** -48 dBFS: A-law has no zero, and a quiet line is not dead. */
const QUIET = 0.004;
/** Quiet for so long, the call has fallen silent. */
const SILENT_MS = 1000;

/** Tells for how long nothing has been heard, by the levels of what was played. */
export class SilenceWatch {
  /** @type {number | undefined} */
  #soundMs;
  #nowMs = 0;
  /** Times the call fell silent. */
  pauses = 0;

  /** Since the last sound, in ms. */
  get silentMs() {
    return this.#nowMs - (this.#soundMs ?? this.#nowMs);
  }

  /** Whether nobody has spoken for a second. */
  get isSilent() {
    return this.silentMs >= SILENT_MS;
  }

  /**
   * @param {number} peak since the last time, 0 to 1
   * @param {number} nowMs
   */
  note(peak, nowMs) {
    const wasSilent = this.isSilent;
    this.#nowMs = nowMs;
    if (peak >= QUIET) this.#soundMs = nowMs;
    else this.#soundMs ??= nowMs;
    if (this.isSilent && !wasSilent) this.pauses++;
  }
}
