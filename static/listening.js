// @ts-check
/// <reference lib="dom" />
import { Tap } from "./tap.js";

/** @typedef {import("./audio/side_mixer.js").Mix} Mix */
/** @typedef {{ peak: number, rms: number, clips: number }} Level 0 to 1, since the last status */

/**
 * @typedef {object} Latency From the arrival of a sample, had it been the quickest, to the ear, in ms.
 * @property {number} totalMs the sum of the others
 * @property {number} bufferMs what is kept against the network's jitter
 * @property {number} outputMs the browser and the device, as far as they tell
 * @property {number} behindMs what the listener has gone back in time; 0 when live
 */

/**
 * @typedef {object} Status What is to be heard, every 50 ms.
 * @property {boolean} playing
 * @property {boolean} finished the call is over, and played to its end
 * @property {boolean} live following the call, not playing its past
 * @property {boolean} paused by the listener
 * @property {number} position in samples since the call began, now at the ear
 * @property {number} edge newest position known
 * @property {number} sampleRate of the call
 * @property {number} speed 1 to 2
 * @property {number} drift by which the call's clock is followed, near 1
 * @property {number} playedFrames at the device's rate
 * @property {number} queueMs
 * @property {number} targetMs
 * @property {Latency} latency
 * @property {number} underruns times the network failed us
 * @property {number} pauses times the call fell silent
 * @property {number} skips times sound was skipped to be in time again
 * @property {number} silentMs since the last sound
 * @property {boolean} keepalive whether the call is silent
 * @property {Level} user as played, before the mix: a muted side keeps its meter
 * @property {Level} bot
 */

/**
 * @typedef {object} ListeningOptions
 * @property {boolean} [tap] keep what is played, for tests; see tap.js
 * @property {(status: Status) => void} onStatus
 * @property {(report: { state: string, [detail: string]: unknown }) => void} onConnection see connection.js
 * @property {(mark: { type: string, position: number, [detail: string]: unknown }) => void} [onMark]
 *   barge-ins, pauses and the agent's events, as they are made
 * @property {(state: string) => void} [onContext] the audio context's state has changed
 */

/** Seconds that the audio clock may stand while it is said to run. */
const STANDING_S = 3;

/**
 * One act of listening, from the click to the stop: the audio context, the worklet and the socket's
 * worker. Create and start it inside the click: browsers give sound to a gesture only.
 */
export class Listening {
  /** @type {AudioContext} */
  context;
  #options;
  #worker = new Worker(new URL("./player_worker.js", import.meta.url), { type: "module" });
  /** @type {AudioWorkletNode | undefined} */
  #node;
  /** @type {Tap | undefined} */
  #tap;
  /** What was asked for before there was a worklet. @type {object[]} */
  #early = [];
  #paused = false;
  #stopped = false;
  /** @type {Mix} */
  #mix = {};
  #speed = 1;
  #sampleRateHz;
  /** What the worker was asked for last, and what was heard last. @type {object | undefined} */
  #asked;
  /** @type {Status | undefined} */
  #status;
  #replaced = 0;
  /** @type {ReturnType<typeof setInterval> | undefined} */
  #watch;

  /** @param {ListeningOptions & { sampleRateHz?: number }} options `sampleRateHz` for tests */
  constructor({ sampleRateHz, ...options }) {
    this.#options = options;
    this.#sampleRateHz = sampleRateHz;
    this.context = this.#openContext();
    this.#worker.onmessage = ({ data }) => {
      if (data.type === "mark") options.onMark?.(data.mark);
      else {options.onConnection(
          data.awayMs === undefined ? data : {
            ...data,
            sinceMs: performance.now() - data.awayMs,
          },
        );}
    };
  }

  /**
   * Listens to a call that runs. When it ends its recording takes over, if there is one.
   *
   * @param {{ url: string, statusUrl: string, from?: number }} options the addresses of the call's
   *   WebSocket, and of the same by plain HTTP, with their token (how the stream is to be is added
   *   here); and where to begin, in seconds since the call began, or less than 0: back from now. Left
   *   out, live
   * @throws when the browser cannot run the worklet
   */
  async start(options) {
    await this.#feed({ type: "open", ...options });
  }

  /**
   * Listens to a call that has ended.
   *
   * @param {{ url: string, from?: number }} options the recording's address, with its token, and
   *   where to begin, in seconds. Default: at its beginning
   * @throws when the browser cannot run the worklet
   */
  async openRecording({ url, from }) {
    await this.#feed({ type: "recording", url: new URL(url, location.href).href, from });
  }

  #openContext() {
    const context = new AudioContext({
      latencyHint: "interactive",
      ...(this.#sampleRateHz !== undefined && { sampleRate: this.#sampleRateHz }),
    });
    context.onstatechange = () => {
      // What was queued while the device stood still is old news.
      this.#node?.port.postMessage({ type: "discard" });
      this.#options.onContext?.(context.state);
    };
    let seen = context.currentTime;
    let standing = 0;
    clearInterval(this.#watch);
    this.#watch = setInterval(() => {
      const stands = context.state === "running" && context.currentTime === seen;
      seen = context.currentTime;
      standing = stands ? standing + 1 : 0;
      // Longer each time: a device that is gone for good is not asked for every few seconds.
      if (standing > STANDING_S * (1 + this.#replaced)) this.#replace();
    }, 1000);
    return context;
  }

  /** A context whose clock stands while it says that it runs plays nothing, for good: takes another. */
  #replace() {
    if (this.#stopped || this.#asked === undefined) return;
    this.#replaced++;
    this.context.onstatechange = null;
    this.context.close().catch(() => {});
    this.#node = undefined;
    this.#early = [{ type: "mix", mix: this.#mix }, { type: "speed", speed: this.#speed }];
    if (this.#paused) this.#early.push({ type: "pause" });
    this.context = this.#openContext();
    const status = this.#status;
    const from = status && !status.live ? status.position / status.sampleRate : undefined;
    this.#feed(status ? { ...this.#asked, from } : this.#asked).catch(() => {});
  }

  /** @param {object} message to the worker, which gets the worklet's port with it */
  async #feed(message) {
    this.#asked = message;
    const feed = await this.#startSound();
    if (feed !== undefined) this.#worker.postMessage({ ...message, feed }, [feed]);
  }

  /**
   * Goes to another place of the call, past or present. A place close to the newest is live.
   *
   * @param {number} seconds since the call began
   */
  seek(seconds) {
    this.#worker.postMessage({ type: "seek", seconds });
  }

  /** Follows the call again. */
  goLive() {
    this.play();
    this.#worker.postMessage({ type: "live" });
  }

  /** @returns the port on which the worklet is fed; nothing if it was stopped meanwhile */
  async #startSound() {
    const { context } = this;
    // Not awaited: without a gesture it stays pending for as long as there is none.
    context.resume().catch(() => {});
    await context.audioWorklet.addModule(new URL("./player_worklet.js", import.meta.url));
    if (this.#stopped || context !== this.context) return;
    const tap = this.#options.tap ? new Tap(context) : undefined;
    if (tap) Object.assign(globalThis, { earshotTap: tap });
    this.#tap = tap;
    const node = new AudioWorkletNode(context, "earshot-player", {
      numberOfInputs: 0,
      outputChannelCount: [1],
      processorOptions: { tap: tap !== undefined },
    });
    this.#node = node;
    node.port.onmessage = ({ data }) => this.#onWorklet(data);
    node.connect(context.destination);
    const { port1, port2 } = new MessageChannel();
    node.port.postMessage({ type: "feed", port: port2 }, [port2]);
    for (const message of this.#early.splice(0)) node.port.postMessage(message);
    return port1;
  }

  /** @param {any} data */
  #onWorklet(data) {
    if (data.type === "tap") return this.#tap?.add(data);
    this.#tap?.mark(data);
    const outputMs = this.#outputMs;
    const { bufferMs, behindMs } = data.latency;
    const atEarMs = data.playing ? outputMs * data.speed : 0;
    this.#options.onStatus(
      this.#status = {
        ...data,
        paused: this.#paused,
        position: Math.max(0, Math.round(data.position - atEarMs * data.sampleRate / 1000)),
        latency: { totalMs: bufferMs + outputMs + behindMs, bufferMs, outputMs, behindMs },
      },
    );
  }

  /** From the sound's leaving the worklet to the ear, as far as the browser tells. */
  get #outputMs() {
    const { outputLatency, baseLatency } = this.context;
    return 1000 * (outputLatency || baseLatency || 0);
  }

  /** @param {Mix} mix all of it: what is left out is as it is by default */
  setMix(mix) {
    this.#mix = mix;
    this.#tell({ type: "mix", mix });
  }

  /** Takes effect in the past; where the call is caught up with, it is 1 again. @param {number} speed 1 to 2 */
  setSpeed(speed) {
    this.#speed = speed;
    this.#tell({ type: "speed", speed });
  }

  /** Stops the sound where it is. The call goes on. */
  pause() {
    this.#paused = true;
    this.#tell({ type: "pause" });
  }

  /** Goes on where it was paused; wakes a context that the device had put to sleep. */
  play() {
    this.#paused = false;
    this.context.resume().catch(() => {});
    this.#tell({ type: "play" });
  }

  /** @param {object} message */
  #tell(message) {
    if (this.#node) this.#node.port.postMessage(message);
    else this.#early.push(message);
  }

  /** Ends it: the socket at once, the sound with a short fade. */
  stop() {
    if (this.#stopped) return;
    this.#stopped = true;
    clearInterval(this.#watch);
    this.setMix({ volume: 0 });
    this.context.onstatechange = null;
    this.#worker.terminate();
    setTimeout(() => this.context.close().catch(() => {}), 100);
  }
}
