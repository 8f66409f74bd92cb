// @ts-check

/** A gap this long was silence, unless a burst makes up for it. */
const SILENCE_MS = 1000;
/** How long after the sound is back its first frames tell a burst from a pause. */
const VERDICT_MS = 250;
const SLACK_MS = 20;

/**
 * Tells, when the queue ran dry, whether the call fell silent (the server then sends nothing) or the
 * network failed us. At the moment itself the two look alike; afterwards they do not: what was held
 * up comes in a burst, its first frame later than the queue was long, while after a pause frames come
 * at their pace again. A keepalive is proof of a pause.
 */
export class PauseJudge {
  /** Times the network failed us. */
  underruns = 0;
  /** Times the call fell silent. */
  pauses = 0;
  /** A keepalive came since the last frame. */
  sawKeepalive = false;
  /** @type {"flowing" | "dry" | "back"} */
  #state = "flowing";
  #decided = false;
  #dryMs = 0;
  #backMs = 0;
  #bufferedMs = 0;

  /**
   * The queue ran dry.
   *
   * @param {number} nowMs
   * @param {number} bufferedMs how late a frame had to be for that
   */
  drained(nowMs, bufferedMs) {
    if (this.#state === "back") this.#decide(this.#backMs - this.#dryMs < SILENCE_MS);
    this.#state = "dry";
    this.#decided = false;
    this.#dryMs = nowMs;
    this.#bufferedMs = bufferedMs;
  }

  /** The server says that the call is silent. */
  keepalive() {
    this.sawKeepalive = true;
    if (this.#state === "dry") this.#decide(false);
  }

  /**
   * A frame came.
   *
   * @param {number} nowMs
   * @returns {boolean} whether it is the first after the queue ran dry
   */
  frame(nowMs) {
    this.sawKeepalive = false;
    if (this.#state !== "dry") return false;
    this.#state = this.#decided ? "flowing" : "back";
    this.#backMs = nowMs;
    return true;
  }

  /**
   * Gives the verdict once enough came to tell.
   *
   * @param {number} nowMs
   * @param {number} firstLatenessMs of the first frame after the gap
   * @returns {boolean} whether an underrun was found
   */
  judge(nowMs, firstLatenessMs) {
    if (this.#state !== "back") return false;
    const burst = firstLatenessMs >= this.#bufferedMs - SLACK_MS;
    if (!burst && nowMs - this.#backMs < VERDICT_MS) return false;
    this.#decide(burst);
    this.#state = "flowing";
    return burst;
  }

  /** What happened last, or is about to, has a known cause: it counts as neither. */
  forgive() {
    this.#state = "flowing";
  }

  /** @param {boolean} underrun */
  #decide(underrun) {
    if (this.#decided) return;
    this.#decided = true;
    if (underrun) this.underruns++;
    else this.pauses++;
  }
}
