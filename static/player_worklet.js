// @ts-check
/// <reference path="./worklet_globals.d.ts" />
import { Edge, latencyOf } from "./audio/edge.js";
import { JitterBuffer } from "./audio/jitter_buffer.js";
import { SilenceWatch } from "./audio/silence_watch.js";
import { TapWriter } from "./audio/tap_writer.js";

const REPORT_MS = 50;

/**
 * Plays a call. Frames come on the port that the page hands over from the socket's worker, never by
 * way of the page; so a busy page cannot be heard.
 *
 * From the page: `{ type: "feed", port }`, `{ type: "mix", mix }`, `{ type: "speed", speed }`,
 * `{ type: "pause" }`, `{ type: "play" }`, `{ type: "discard" }`.
 * On the feed: `{ type: "open", sampleRate, channels }`, `{ type: "frame", pcm: ArrayBuffer,
 * position?, atEdge? }`, `{ type: "jump", live, position?, turn }`, `{ type: "edge", position, moving }`,
 * `{ type: "lost" }`, `{ type: "end" }`; and back, `{ type: "wanted", samples, turn }`.
 * To the page: `{ type: "status", … }` every 50 ms, and `{ type: "tap", frame, samples }` when asked.
 */
class PlayerProcessor extends AudioWorkletProcessor {
  /** @type {JitterBuffer | undefined} */
  #buffer;
  /** @type {MessagePort | undefined} */
  #feed;
  #format = "";
  #reportedAt = 0;
  #silence = new SilenceWatch();
  /** What was said before there was a call to play. */
  #mix = {};
  #speed = 1;
  #turn = 0;
  #edge = new Edge();
  #tap;

  /** @param {{ processorOptions?: { tap?: boolean } }} options */
  constructor(options) {
    super();
    this.#tap = options.processorOptions?.tap === true ? new TapWriter(this.port) : undefined;
    this.port.onmessage = ({ data }) => this.#onPage(data);
  }

  /** @param {any} message */
  #onPage(message) {
    const buffer = this.#buffer;
    switch (message.type) {
      case "feed":
        this.#feed = message.port;
        message.port.onmessage = this.#onFeed;
        return;
      case "mix":
        this.#mix = message.mix;
        return buffer?.mixer.set(message.mix);
      case "speed":
        this.#speed = message.speed;
        return buffer?.setSpeed(message.speed);
      case "pause":
        return buffer?.pause();
      case "play":
        return buffer?.play();
      case "discard":
        return buffer?.discard();
    }
  }

  /** @param {MessageEvent} event */
  #onFeed = ({ data }) => {
    const buffer = this.#buffer;
    const nowMs = currentTime * 1000;
    switch (data.type) {
      case "open":
        return this.#open(data.sampleRate, data.channels);
      case "frame":
        buffer?.push(new Int16Array(data.pcm), nowMs, data.position, data.atEdge);
        if (buffer && data.atEdge !== false) this.#edge.note(buffer.newest, nowMs, true);
        return;
      case "jump":
        this.#turn = data.turn;
        return buffer?.jump(data.live, data.position);
      case "edge":
        return this.#edge.note(data.position, nowMs, data.moving);
      case "lost":
        return buffer?.lost();
      case "end":
        return buffer?.end();
    }
  };

  /**
   * @param {number} inputRateHz
   * @param {number} channels
   */
  #open(inputRateHz, channels) {
    const format = `${inputRateHz}/${channels}`;
    // A reconnection goes on where the lost one stopped.
    if (this.#buffer !== undefined && this.#format === format) return;
    this.#format = format;
    this.#buffer = new JitterBuffer({ inputRateHz, channels, outputRateHz: sampleRate });
    this.#buffer.mixer.set(this.#mix);
    this.#buffer.setSpeed(this.#speed);
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
    const status = buffer.status;
    const edge = this.#edge.at(nowMs, status.sampleRate);
    this.#silence.note(Math.max(user.peak, bot.peak), nowMs);
    this.#feed?.postMessage({ type: "wanted", samples: buffer.wanted, turn: this.#turn });
    this.port.postMessage({
      type: "status",
      ...status,
      frame: currentFrame + 128,
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

registerProcessor("earshot-player", PlayerProcessor);
