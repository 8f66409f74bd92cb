// @ts-check
import { DelayKeeper } from "./delay_keeper.js";
import { Fader } from "./fader.js";
import { LevelMeter } from "./level_meter.js";
import { PauseJudge } from "./pause_judge.js";
import { Resampler } from "./resampler.js";
import { RingBuffer } from "./ring_buffer.js";
import { TransitStats } from "./transit_stats.js";

const FADE_MS = 5;

/**
 * Turns frames that come when they like into sound without holes, at the device's rate.
 *
 * Two clocks meet here: the sender's, known by the frames, and the device's, which `nowMs` must be
 * (the audio context's time, not the system's): so the drift between them is seen and followed.
 */
export class JitterBuffer {
  #rateHz;
  #channels;
  #ring;
  #resampler;
  #fader;
  #stats = new TransitStats();
  #keeper;
  #pauses = new PauseJudge();
  #playing = false;
  #ending = false;
  #finished = false;
  /** The next time the queue runs dry has a known cause. */
  #lost = false;
  /** What has been pushed since the start, in ms: the frames' own time. */
  #pushedMs = 0;
  /** When the oldest waiting sample would have come, had no waiting frame been late. */
  #anchorMs = Infinity;
  /** Input samples left at which the fade to silence must begin. */
  #reserve;
  #silentSinceMs = 0;
  #playedFrames = 0;
  #overflows = 0;
  /** Since the last pull. While the device stands still many frames overflow, and are one loss. */
  #overflowed = false;
  /** Level of the left side (or of the one channel there is) as played; whoever reads it resets it. */
  user = new LevelMeter();
  /** Level of the right side as played. */
  bot = new LevelMeter();
  #read = () => this.#ring.shift(this.user, this.bot);

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
    this.#ring = new RingBuffer(2 ** Math.ceil(Math.log2(4 * inputRateHz)));
    this.#keeper = new DelayKeeper(this.#ring, this.#stats, inputRateHz);
    this.#resampler = new Resampler(inputRateHz, outputRateHz);
    this.#fader = new Fader(Math.round(FADE_MS * outputRateHz / 1000));
    this.#reserve = Math.max(0, this.#samples(FADE_MS) - this.#resampler.delaySamples);
  }

  /** A numbers-only view for meters and tests. */
  get status() {
    return {
      playing: this.#playing,
      finished: this.#finished,
      queueMs: this.#queueMs,
      targetMs: this.#stats.targetMs,
      heldPeakMs: this.#stats.peakMs,
      speed: this.#keeper.speed,
      playedFrames: this.#playedFrames,
      underruns: this.#pauses.underruns,
      pauses: this.#pauses.pauses,
      skips: this.#keeper.skips + this.#overflows,
      keepalive: this.#pauses.sawKeepalive,
    };
  }

  /** Device time at which the sound last stopped; meaningless while it plays. */
  get silentSinceMs() {
    return this.#silentSinceMs;
  }

  get #queueMs() {
    return this.#ring.length * 1000 / this.#rateHz;
  }

  /** @param {number} ms */
  #samples(ms) {
    return Math.round(ms * this.#rateHz / 1000);
  }

  /**
   * Queues a frame of any length.
   *
   * @param {Int16Array} pcm interleaved if stereo; copied
   * @param {number} nowMs
   */
  push(pcm, nowMs) {
    if (this.#pauses.frame(nowMs)) this.#stats.startSpurt();
    const lateMs = this.#stats.add(nowMs - this.#pushedMs, nowMs);
    if (this.#pauses.judge(nowMs, this.#stats.firstLatenessMs)) this.#stats.holdLonger();
    const beforeMs = this.#queueMs;
    this.#anchorMs = Math.min(this.#anchorMs, nowMs - beforeMs);
    if (this.#ring.write(pcm, this.#channels) > 0) this.#overflowed = true;
    this.#pushedMs += pcm.length / this.#channels * 1000 / this.#rateHz;
    if (this.#playing) this.#keeper.steer(beforeMs + lateMs);
  }

  /** The server says: nothing to hear, still here. */
  keepalive() {
    this.#pauses.keepalive();
  }

  /** No more will come: what waits is played to its end. */
  end() {
    this.#ending = true;
    this.#pauses.forgive();
    if (!this.#playing && this.#ring.length === 0) this.#finished = true;
  }

  /** The connection was lost: what waits is played, and its end is nobody's fault but the line's. */
  lost() {
    this.#lost = true;
    this.#pauses.forgive();
  }

  /** A new connection: fades out what still plays of the old one, and learns the network afresh. */
  restart() {
    this.#ring.keep(this.#playing ? this.#samples(FADE_MS) : 0);
    this.#forget();
  }

  /** The device stood still: forgets all that waits, at once. */
  discard() {
    this.#ring.keep(0);
    this.#forget();
    this.#fader.reset();
    this.#overflowed = false;
    this.#playing = false;
  }

  #forget() {
    this.#stats.reset();
    this.#keeper.reset();
    this.#pauses.forgive();
    this.#anchorMs = Infinity;
  }

  /**
   * Fills `out` with sound or silence, -1 to 1.
   *
   * @param {Float32Array} out
   * @param {number} nowMs
   */
  pull(out, nowMs) {
    if (this.#stats.stoodStill) this.discard();
    if (this.#overflowed) this.#overflows++;
    this.#overflowed = false;
    if (!this.#playing && this.#isDue(nowMs)) this.#start(nowMs);
    let at = 0;
    while (this.#playing && at < out.length) {
      const from = at;
      at = Math.min(out.length, from + this.#framesUntilChange());
      this.#resampler.process(this.#read, this.#keeper.speed, out, from, at);
      this.#fader.apply(out, from, at);
      if (this.#fader.isClosed) this.#stop(nowMs);
      else if (this.#ring.length <= this.#reserve) this.#fader.close();
    }
    this.#playedFrames += at;
    out.fill(0, at);
  }

  /** Output frames that can be made before the fade must begin, or until it is over; at least 1. */
  #framesUntilChange() {
    if (this.#fader.isClosing) return Math.max(1, this.#fader.remaining);
    const step = this.#resampler.step(this.#keeper.speed);
    return Math.max(1, Math.floor((this.#ring.length - this.#reserve) / step));
  }

  /** @param {number} nowMs */
  #isDue(nowMs) {
    if (this.#ring.length === 0) return false;
    return this.#ending || nowMs - this.#anchorMs >= this.#stats.targetMs;
  }

  /** @param {number} nowMs */
  #start(nowMs) {
    const delayMs = Math.min(nowMs - this.#anchorMs, this.#queueMs);
    if (!this.#ending) this.#keeper.beginWith(delayMs);
    this.#playing = true;
    this.#resampler.begin(this.#read);
    this.#fader.open();
  }

  /** @param {number} nowMs */
  #stop(nowMs) {
    this.#playing = false;
    this.#silentSinceMs = nowMs;
    this.#fader.reset();
    this.#anchorMs = this.#ring.length > 0 ? nowMs : Infinity;
    if (this.#ending) this.#finished = this.#ring.length === 0;
    else if (!this.#lost) this.#pauses.drained(nowMs, this.#stats.targetMs);
    this.#lost = false;
  }
}
