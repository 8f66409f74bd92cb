// @ts-check
/// <reference lib="dom" />
import { Tap } from "./tap.js";

/**
 * @typedef {object} AudioStatus What the worklet reports every 50 ms.
 * @property {boolean} playing
 * @property {boolean} finished
 * @property {number} playedFrames
 * @property {number} queueMs
 * @property {number} targetMs
 * @property {number} speed
 * @property {number} underruns
 * @property {number} pauses
 * @property {number} skips
 * @property {number} silentMs
 * @property {boolean} keepalive
 * @property {{ peak: number, rms: number }} user
 * @property {{ peak: number, rms: number }} bot
 */

/**
 * One act of listening, from the click to the stop: the audio context, the worklet and the socket's
 * worker. Start it inside the click: browsers give sound to a gesture only.
 */
export class Listening {
  context = new AudioContext({ latencyHint: "interactive" });
  #gain = this.context.createGain();
  #worker = new Worker(new URL("./player_worker.js", import.meta.url), { type: "module" });
  /** @type {AudioWorkletNode | undefined} */
  #node;
  #stopped = false;

  /**
   * @param {{
   *   tap: boolean,
   *   volume: number,
   *   onConnection: (report: { state: string }) => void,
   *   onAudio: (status: AudioStatus) => void,
   *   onContext: () => void,
   * }} options
   */
  constructor(options) {
    this.options = options;
    this.#gain.gain.value = options.volume;
    this.#gain.connect(this.context.destination);
    this.context.onstatechange = () => {
      // What was queued while the device stood still is old news.
      this.#node?.port.postMessage({ type: "discard" });
      options.onContext();
    };
    this.#worker.onmessage = ({ data }) => options.onConnection(data);
  }

  /**
   * @param {string} url of the call's WebSocket
   * @param {string} statusUrl the same by plain HTTP
   * @throws when the browser cannot run the worklet
   */
  async start(url, statusUrl) {
    const { context, options } = this;
    // Not awaited: without a gesture it stays pending for as long as there is none.
    context.resume().catch(() => {});
    await context.audioWorklet.addModule(new URL("./player_worklet.js", import.meta.url));
    if (this.#stopped) return;
    const node = new AudioWorkletNode(context, "earshot-player", {
      numberOfInputs: 0,
      outputChannelCount: [1],
      processorOptions: { tap: options.tap },
    });
    this.#node = node;
    const tap = options.tap ? new Tap(context.sampleRate) : undefined;
    if (tap) Object.assign(globalThis, { earshotTap: tap });
    node.port.onmessage = ({ data }) => {
      if (data.type === "tap") tap?.add(data);
      else options.onAudio(data);
    };
    node.connect(this.#gain);
    const { port1, port2 } = new MessageChannel();
    node.port.postMessage({ type: "feed", port: port2 }, [port2]);
    this.#worker.postMessage({ type: "open", url, statusUrl, feed: port1 }, [port1]);
  }

  /** From the sound's leaving the queue to the ear, in ms, as far as the browser tells. */
  get outputLatencyMs() {
    const { outputLatency, baseLatency } = this.context;
    return 1000 * (outputLatency || baseLatency || 0);
  }

  /** @param {number} gain */
  set volume(gain) {
    // 15 ms: quick to the hand, and slow enough not to click.
    this.#gain.gain.setTargetAtTime(gain, this.context.currentTime, 0.015);
  }

  /** Ends it: the socket at once, the sound with a short fade. */
  stop() {
    if (this.#stopped) return;
    this.#stopped = true;
    this.volume = 0;
    this.context.onstatechange = null;
    this.#worker.terminate();
    setTimeout(() => this.context.close().catch(() => {}), 100);
  }
}
