// @ts-check
/// <reference path="./worklet_globals.d.ts" />
import { Player } from "./audio/player.js";
import { TapWriter } from "./audio/tap_writer.js";

/**
 * Plays a call: a {@linkcode Player} in its audio worklet. Frames come on the port that the page hands
 * over from the socket's worker, never by way of the page; so a busy page cannot be heard.
 *
 * From the page: `{ type: "feed", port }`, and what `Player.onPage` takes. To the page: what the player
 * reports, and `{ type: "tap", frame, samples }` when asked.
 */
class PlayerProcessor extends AudioWorkletProcessor {
  #player;
  #tap;

  /** @param {{ processorOptions?: { tap?: boolean } }} options */
  constructor(options) {
    super();
    this.#tap = options.processorOptions?.tap === true ? new TapWriter(this.port) : undefined;
    const player = this.#player = new Player(
      sampleRate,
      (message) => this.port.postMessage(message),
    );
    this.port.onmessage = ({ data }) => {
      if (data.type !== "feed") return player.onPage(data);
      /** @type {MessagePort} */
      const feed = data.port;
      player.answer = (message) => feed.postMessage(message);
      feed.onmessage = (event) => player.onFeed(event.data, currentTime * 1000);
    };
  }

  /**
   * @param {Float32Array[][]} _inputs
   * @param {Float32Array[][]} outputs
   */
  process(_inputs, outputs) {
    const out = outputs[0][0];
    this.#player.process(out, currentFrame);
    this.#tap?.write(out, currentFrame);
    return true;
  }
}

registerProcessor("earshot-player", PlayerProcessor);
