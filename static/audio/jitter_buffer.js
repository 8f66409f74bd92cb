// @ts-check
import { LiveTiming } from "./live_timing.js";
import { Playout } from "./playout.js";

/** The queue's length; what a stall or a wake-up brings at once fits in. */
const CAPACITY_MS = 4000;
/** In the past nothing is urgent: this much is asked for ahead of the ear, */
const AHEAD_MS = 1500;
/** and this much must be there to begin. */
const BEGIN_MS = 200;

/**
 * Turns frames that come when they like into sound without holes, at the device's rate.
 *
 * `live`, it keeps as little in the queue as the network allows. Otherwise it plays the past: the
 * queue is filled on demand, and the listener's wishes (pause, speed) are followed until the present
 * is reached.
 */
export class JitterBuffer {
  #rateHz;
  #channels;
  #playout;
  #timing;
  #live = true;
  #paused = false;
  /** The listener's speed in the past. */
  #wantedSpeed = 1;
  /** Nothing newer is known than what waits here. */
  #atEdge = true;
  #ending = false;
  #finished = false;
  /** The next time the queue runs dry has a known cause. */
  #forgiven = false;
  #playedFrames = 0;
  #received = 0;
  #underruns = 0;
  #overflows = 0;
  /** Since the last pull. While the device stands still many frames overflow, and are one loss. */
  #overflowed = false;
  /** Where the sound will go on that has not come yet. @type {number | undefined} */
  #expected;

  /** @param {{ inputRateHz: number, channels: number, outputRateHz: number }} options */
  constructor({ inputRateHz, channels, outputRateHz }) {
    if (!(inputRateHz >= 8000 && inputRateHz <= 48000)) {
      throw new RangeError(
        `Cannot play call: sample rate must be 8000 to 48000, received ${inputRateHz}`,
      );
    }
    if (channels !== 1 && channels !== 2) {
      throw new RangeError(`Cannot play call: channels must be 1 or 2, received ${channels}`);
    }
    this.#rateHz = inputRateHz;
    this.#channels = channels;
    const capacity = 2 ** Math.ceil(Math.log2(CAPACITY_MS * inputRateHz / 1000));
    this.#playout = new Playout({ inputRateHz, outputRateHz, capacity });
    this.#timing = new LiveTiming(this.#playout, inputRateHz);
  }

  /** A numbers-only view for meters and tests. */
  get status() {
    return {
      playing: this.#playout.playing,
      finished: this.#finished,
      live: this.#live,
      position: this.#expected ?? this.#playout.position,
      sampleRate: this.#rateHz,
      queueMs: this.#ms(this.#playout.ring.length),
      speed: this.#playout.stretch.speed,
      ...this.#timing.status,
      playedFrames: this.#playedFrames,
      underruns: this.#underruns,
      skips: this.#timing.skips + this.#overflows,
    };
  }

  /** Level of the left side (or of the one channel there is) as played; whoever reads it resets it. */
  get user() {
    return this.#playout.userMeter;
  }

  /** Level of the right side as played. */
  get bot() {
    return this.#playout.botMeter;
  }

  /** How the sides are mixed. */
  get mixer() {
    return this.#playout.mixer;
  }

  /** How many samples may have come in all, by now, counted from the last {@linkcode jump}. */
  get wanted() {
    if (this.#live) return Infinity;
    return this.#received + Math.max(0, this.#samples(AHEAD_MS) - this.#playout.ring.length);
  }

  /** @param {number} samples */
  #ms(samples) {
    return samples * 1000 / this.#rateHz;
  }

  /** @param {number} ms */
  #samples(ms) {
    return Math.round(ms * this.#rateHz / 1000);
  }

  /** Position after the newest sample that came. */
  get newest() {
    return this.#playout.ring.end;
  }

  /** How long ago the sound that is next could have come at the quickest. @param {number} nowMs */
  delayMs(nowMs) {
    return this.#timing.delayMs(nowMs);
  }

  /**
   * Queues a frame of any length.
   *
   * @param {Int16Array} pcm interleaved if stereo; copied
   * @param {number} nowMs
   * @param {number} [position] in the call of its first sample; left out, it follows the last
   * @param {boolean} [atEdge] it came as it was made: nothing newer is waiting anywhere
   */
  push(pcm, nowMs, position, atEdge = true) {
    const { ring } = this.#playout;
    const samples = pcm.length / this.#channels;
    const counts = atEdge || this.#live;
    if (counts && !this.#atEdge) this.#timing.forget();
    this.#atEdge = counts;
    this.#received += samples;
    this.#expected = undefined;
    if (ring.write(pcm, this.#channels, position) > 0) this.#overflowed = true;
    if (!counts) return;
    this.#timing.note(ring.end - samples, nowMs);
    if (this.#live && this.#playout.playing) this.#timing.steer(nowMs);
  }

  /** No more will come: what waits is played to its end. */
  end() {
    this.#ending = true;
    if (!this.#playout.playing && this.#playout.ring.length === 0) this.#finished = true;
  }

  /** The connection was lost: what waits is played, and its end is nobody's fault but the line's. */
  lost() {
    this.#forgiven = true;
    this.#timing.interrupt();
  }

  /**
   * Goes elsewhere: what plays fades out, what waits is forgotten, and the next frame is the first.
   *
   * @param {boolean} live whether to follow the call, or to play its past
   * @param {number} [position] where it will go on, if that is known
   */
  jump(live, position) {
    this.#playout.forget();
    this.#timing.forget();
    this.#timing.settle();
    this.#live = live;
    if (live) this.#paused = false;
    else this.#playout.stretch.speed = this.#wantedSpeed;
    this.#atEdge = live;
    this.#received = 0;
    this.#ending = this.#finished = false;
    this.#forgiven = true;
    this.#expected = position;
  }

  /** The device stood still. What is live goes on with what comes now; the past stays where it is. */
  discard() {
    if (!this.#live) return;
    // With a fade: the word of it may come when the sound is back already.
    this.jump(true);
    this.#overflowed = false;
  }

  /** Stops where it is. What was live is past from here on. */
  pause() {
    this.#live = false;
    this.#paused = true;
    this.#timing.settle();
    this.#playout.stretch.speed = this.#wantedSpeed;
    this.#playout.fadeOut();
  }

  /** Goes on where it was paused. */
  play() {
    this.#paused = false;
  }

  /** In the past, until the present is reached. @param {number} speed 1 to 2 */
  setSpeed(speed) {
    this.#wantedSpeed = speed;
    if (!this.#live) this.#playout.stretch.speed = speed;
  }

  /**
   * Fills `out` with sound or silence, -1 to 1.
   *
   * @param {Float32Array} out
   * @param {number} nowMs
   */
  pull(out, nowMs) {
    if (this.#timing.stoodStill) this.discard();
    if (this.#overflowed) this.#overflows++;
    this.#overflowed = false;
    if (!this.#live) this.#arrive(nowMs);
    let at = 0;
    while (at < out.length) {
      if (!this.#playout.playing && !this.#start(nowMs)) break;
      at = this.#playout.fill(out, at, this.#timing.speed);
      if (!this.#playout.playing) this.#stopped();
    }
    this.#playedFrames += at;
    out.fill(0, at);
  }

  /** The past ends where no more than a live queue is left of it. @param {number} nowMs */
  #arrive(nowMs) {
    if (!this.#atEdge || this.#paused || this.#ending) return;
    if (!this.#timing.isNear(nowMs)) return;
    this.#live = true;
    this.#wantedSpeed = 1;
    this.#timing.settle();
  }

  /** @param {number} nowMs */
  #start(nowMs) {
    if (this.#paused || !this.#isDue(nowMs)) return false;
    if (this.#live && !this.#ending) this.#timing.begin(nowMs);
    if (this.#playout.ring.length > 0) this.#playout.start();
    return this.#playout.playing;
  }

  /** @param {number} nowMs */
  #isDue(nowMs) {
    const { ring } = this.#playout;
    if (ring.length === 0) return false;
    if (this.#ending) return true;
    if (this.#live) return this.#timing.isDue(nowMs);
    return ring.length >= this.#samples(BEGIN_MS);
  }

  #stopped() {
    if (this.#playout.ring.length > 0) return;
    if (this.#ending) this.#finished = true;
    else if (!this.#forgiven && !this.#paused) this.#caughtOut();
    this.#forgiven = false;
  }

  #caughtOut() {
    this.#underruns++;
    this.#timing.caughtOut();
  }
}
