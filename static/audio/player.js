// @ts-check
import { Edge, latencyOf } from "./edge.js";
import { JitterBuffer } from "./jitter_buffer.js";
import { SilenceWatch } from "./silence_watch.js";

const REPORT_MS = 50;

/**
 * What the audio worklet does, without the worklet: messages in, sound out, a report every 50 ms.
 * Its clock is the device's: the number of the frame that is made.
 */
export class Player {
  #rateHz;
  #toPage;
  /** Takes `{ type: "wanted", samples, turn }` back to where the frames come from. */
  answer = (/** @type {object} */ _message) => {};
  /** @type {JitterBuffer | undefined} */
  #buffer;
  #format = "";
  #reportedMs = 0;
  #silence = new SilenceWatch();
  #edge = new Edge();
  #turn = 0;
  /** What was wished before there was a call to play. */
  #mix = {};
  #speed = 1;
  #paused = false;

  /**
   * @param {number} rateHz of the device
   * @param {(status: object) => void} toPage gets `{ type: "status", … }`; `position` is that of the
   *   device's frame `frame`
   */
  constructor(rateHz, toPage) {
    this.#rateHz = rateHz;
    this.#toPage = toPage;
  }

  /**
   * `{ type: "mix", mix }`, `{ type: "speed", speed }`, `{ type: "pause" }`, `{ type: "play" }`,
   * `{ type: "discard" }`.
   *
   * @param {any} message
   */
  onPage(message) {
    const buffer = this.#buffer;
    switch (message.type) {
      case "mix":
        this.#mix = message.mix;
        return buffer?.mixer.set(message.mix);
      case "speed":
        this.#speed = message.speed;
        return buffer?.setSpeed(message.speed);
      case "pause":
        this.#paused = true;
        return buffer?.pause();
      case "play":
        this.#paused = false;
        return buffer?.play();
      case "discard":
        return buffer?.discard();
    }
  }

  /**
   * `{ type: "open", sampleRate, channels }`, `{ type: "frame", pcm: ArrayBuffer, position, atEdge }`,
   * `{ type: "jump", live, position, turn }`, `{ type: "edge", position, moving }`, `{ type: "lost" }`,
   * `{ type: "end" }`.
   *
   * @param {any} message
   * @param {number} nowMs by the device's clock
   */
  onFeed(message, nowMs) {
    const buffer = this.#buffer;
    switch (message.type) {
      case "open":
        return this.#open(message.sampleRate, message.channels);
      case "frame":
        return this.#frame(message, nowMs);
      case "jump":
        this.#turn = message.turn;
        return buffer?.jump(message.live, message.position);
      case "edge":
        return this.#edge.note(message.position, nowMs, message.moving);
      case "lost":
        return buffer?.lost();
      case "end":
        return buffer?.end();
    }
  }

  /**
   * @param {number} inputRateHz
   * @param {number} channels
   */
  #open(inputRateHz, channels) {
    const format = `${inputRateHz}/${channels}`;
    // A reconnection goes on where the lost one stopped.
    if (this.#buffer !== undefined && this.#format === format) return;
    this.#format = format;
    const buffer = new JitterBuffer({ inputRateHz, channels, outputRateHz: this.#rateHz });
    buffer.mixer.set(this.#mix);
    buffer.setSpeed(this.#speed);
    if (this.#paused) buffer.pause();
    this.#buffer = buffer;
  }

  /**
   * @param {{ pcm: ArrayBuffer, position: number, atEdge: boolean }} frame
   * @param {number} nowMs
   */
  #frame({ pcm, position, atEdge }, nowMs) {
    const buffer = this.#buffer;
    if (buffer === undefined) return;
    buffer.push(new Int16Array(pcm), nowMs, position, atEdge);
    if (atEdge) this.#edge.note(buffer.newest, nowMs, true);
  }

  /**
   * Fills `out` with what is to be heard.
   *
   * @param {Float32Array} out
   * @param {number} frame the device's number of the first of them
   */
  process(out, frame) {
    const buffer = this.#buffer;
    if (buffer === undefined) return void out.fill(0);
    buffer.pull(out, frame * 1000 / this.#rateHz);
    const end = frame + out.length;
    const endMs = end * 1000 / this.#rateHz;
    if (endMs - this.#reportedMs >= REPORT_MS) this.#report(buffer, end, endMs);
  }

  /**
   * @param {JitterBuffer} buffer
   * @param {number} frame
   * @param {number} nowMs
   */
  #report(buffer, frame, nowMs) {
    this.#reportedMs = nowMs;
    const { status, user, bot } = buffer;
    const edge = this.#edge.at(nowMs, status.sampleRate);
    this.#silence.note(Math.max(user.peak, bot.peak), nowMs);
    this.answer({ type: "wanted", samples: buffer.wanted, turn: this.#turn });
    this.#toPage({
      type: "status",
      ...status,
      frame,
      edge,
      latency: latencyOf(status, edge, buffer.delayMs(nowMs)),
      silentMs: this.#silence.silentMs,
      pauses: this.#silence.pauses,
      keepalive: this.#silence.isSilent,
      user: { peak: user.peak, rms: user.rms, clips: user.clips },
      bot: { peak: bot.peak, rms: bot.rms, clips: bot.clips },
    });
    user.reset();
    bot.reset();
  }
}
