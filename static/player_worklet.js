// @ts-check
/// <reference path="./worklet_globals.d.ts" />
import { JitterBuffer } from "./audio/jitter_buffer.js";
import { TapWriter } from "./audio/tap_writer.js";

const REPORT_MS = 50;

/**
 * Plays a call. Frames come on the port that the page hands over from the socket's worker, never by
 * way of the page; so a busy page cannot be heard.
 *
 * From the page: `{ type: "feed", port }`, `{ type: "discard" }`.
 * On the feed: `{ type: "open", sampleRate, channels }`, `{ type: "frame", pcm: ArrayBuffer }`,
 * `{ type: "keepalive" }`, `{ type: "lost" }`, `{ type: "end" }`.
 * To the page: `{ type: "status", … }` every 50 ms, and `{ type: "tap", frame, samples }` when asked.
 */
class PlayerProcessor extends AudioWorkletProcessor {
  /** @type {JitterBuffer | undefined} */
  #buffer;
  #format = "";
  #reportedAt = 0;
  #tap;

  /** @param {{ processorOptions?: { tap?: boolean } }} options */
  constructor(options) {
    super();
    this.#tap = options.processorOptions?.tap === true ? new TapWriter(this.port) : undefined;
    this.port.onmessage = ({ data }) => {
      if (data.type === "feed") data.port.onmessage = this.#onFeed;
      if (data.type === "discard") this.#buffer?.discard();
    };
  }

  /** @param {MessageEvent} event */
  #onFeed = ({ data }) => {
    switch (data.type) {
      case "open":
        return this.#open(data.sampleRate, data.channels);
      case "frame":
        return this.#buffer?.push(new Int16Array(data.pcm), currentTime * 1000);
      case "keepalive":
        return this.#buffer?.keepalive();
      case "lost":
        return this.#buffer?.lost();
      case "end":
        return this.#buffer?.end();
    }
  };

  /**
   * @param {number} inputRateHz
   * @param {number} channels
   */
  #open(inputRateHz, channels) {
    const format = `${inputRateHz}/${channels}`;
    // A reconnection keeps the counters, and the fade of what still plays.
    if (this.#buffer !== undefined && this.#format === format) return this.#buffer.restart();
    this.#format = format;
    this.#buffer = new JitterBuffer({ inputRateHz, channels, outputRateHz: sampleRate });
  }

  /**
   * @param {Float32Array[][]} _inputs
   * @param {Float32Array[][]} outputs
   */
  process(_inputs, outputs) {
    const out = outputs[0][0];
    const nowMs = currentTime * 1000;
    this.#buffer?.pull(out, nowMs);
    this.#tap?.write(out, currentFrame);
    if (nowMs - this.#reportedAt >= REPORT_MS) this.#report(nowMs);
    return true;
  }

  /** @param {number} nowMs */
  #report(nowMs) {
    this.#reportedAt = nowMs;
    const buffer = this.#buffer;
    if (buffer === undefined) return;
    const { user, bot } = buffer;
    this.port.postMessage({
      type: "status",
      ...buffer.status,
      silentMs: buffer.status.playing ? 0 : nowMs - buffer.silentSinceMs,
      user: { peak: user.peak, rms: user.rms },
      bot: { peak: bot.peak, rms: bot.rms },
    });
    user.reset();
    bot.reset();
  }
}

registerProcessor("earshot-player", PlayerProcessor);
