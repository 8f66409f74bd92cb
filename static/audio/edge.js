// @ts-check

/** The newest sound there is, as far as is known: it moves on with time while the call goes on. */
export class Edge {
  #position = 0;
  #atMs = 0;
  #moving = false;

  /**
   * @param {number} position in samples
   * @param {number} nowMs
   * @param {boolean} moving whether the call goes on
   */
  note(position, nowMs, moving) {
    this.#position = position;
    this.#atMs = nowMs;
    this.#moving = moving;
  }

  /**
   * @param {number} nowMs
   * @param {number} rateHz of the call
   */
  at(nowMs, rateHz) {
    const since = this.#moving ? Math.round((nowMs - this.#atMs) * rateHz / 1000) : 0;
    return this.#position + since;
  }
}

/**
 * What the delay between the newest sound and the device is made of.
 *
 * @param {{ live: boolean, playing: boolean, position: number, sampleRate: number, queueMs: number }} status
 * @param {number} edge
 * @param {number} delayMs of live sound: against the quickest way it could have come
 */
export function latencyOf({ live, playing, position, sampleRate, queueMs }, edge, delayMs) {
  if (live) return { bufferMs: playing ? delayMs : queueMs, behindMs: 0 };
  const awayMs = (edge - position) * 1000 / sampleRate;
  return { bufferMs: queueMs, behindMs: Math.max(0, awayMs - queueMs) };
}
