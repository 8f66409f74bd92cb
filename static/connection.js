// @ts-check
import { ask, findRecording } from "./connection_answer.js";
import { backoffMs, meaningOfClose, refusal, streamUrl } from "./connection_rules.js";

/** A stream that has begun says something all the time; after so long the line is dead. */
const QUIET_LIMIT_MS = 6000;
/** Before a call begins there is nothing to say. */
const WAITING_LIMIT_MS = 60_000;
const OPEN_LIMIT_MS = 10_000;
/** Open for this long, the next loss starts with short waits again. */
const STEADY_MS = 10_000;
/** Messages that tell what happened in the call, for the page. */
const MARKS = ["barge-in", "paused", "resumed", "event", "dropped"];

/**
 * @typedef {object} Surroundings What the connection needs of the world, so that tests can give their own.
 * @property {(url: string) => WebSocket} openSocket
 * @property {(url: string) => Promise<{ status: number, json(): Promise<unknown> }>} fetch
 * @property {(callback: () => void, ms: number) => unknown} setTimeout
 * @property {(timer: unknown) => void} clearTimeout
 * @property {() => number} now in ms
 * @property {() => number} random
 */

/**
 * @typedef {Omit<Surroundings, "fetch"> & {
 *   fetch: (url: string, init?: RequestInit) => Promise<Response>,
 * }} World What a reader of the past needs, too.
 */

/**
 * @typedef {object} Sink Who is told what comes.
 * @property {(format: { sampleRate: number, channels: number }) => void} onOpen before any frame, each
 *   time the stream is opened
 * @property {(pcm: ArrayBuffer, position: number | undefined) => void} onFrame `position` of its first
 *   sample, once the server has said any
 * @property {(mark: { type: string, position: number }) => void} onMark what happened in the call
 * @property {() => void} onEnd the call is over: no frame follows
 * @property {() => void} onLost no frame follows until it is opened again
 * @property {() => number | undefined} from where a lost stream is to go on, in seconds; else live
 * @property {(report: { state: string, [detail: string]: unknown }) => void} onState "connecting",
 *   "open", "reconnecting", "ending", "ended" (with `recordingUrl` once there is one, and `final` when
 *   nothing more will be said), "removed", "refused" (with `title`, `advice`, `detail`)
 */

/**
 * One call's stream: opens it, opens it again when it is lost, and finds out why when it cannot.
 */
export class Connection {
  #url;
  #statusUrl;
  #sink;
  #world;
  /** @type {WebSocket | undefined} */
  #socket;
  /** @type {unknown} */
  #timer;
  #attempt = 0;
  #openedAt = 0;
  #heardAt = 0;
  /** When the server was last heard, while the stream is lost. @type {number | undefined} */
  #lostAt;
  /** Times in a row that the server answered, but no WebSocket opened. */
  #unopened = 0;
  #ended = false;
  #hasFrames = false;
  /** Which opening it is: what an earlier one still waits for is out of date. */
  #turn = 0;
  /** Position of the next frame, once the server has said it. @type {number | undefined} */
  #position;
  #channels = 1;

  /**
   * @param {{ url: string, statusUrl: string }} addresses of the socket, and of the same by plain HTTP
   * @param {Sink} sink
   * @param {Surroundings} world
   */
  constructor({ url, statusUrl }, sink, world) {
    this.#url = url;
    this.#statusUrl = statusUrl;
    this.#sink = sink;
    this.#world = world;
  }

  /**
   * Opens the stream, or opens it elsewhere.
   *
   * @param {number} [from] seconds since the call began, or less than 0: back from now; else live
   */
  open(from) {
    this.#drop();
    if (this.#turn++ === 0) this.#sink.onState({ state: "connecting" });
    this.#ended = this.#hasFrames = false;
    this.#attempt = 0;
    this.#connect(from);
  }

  /** Closes the stream, which can be opened again. */
  stop() {
    this.#turn++;
    this.#drop();
  }

  /** @param {number} [from] */
  #connect(from) {
    const socket = this.#world.openSocket(streamUrl(this.#url, from));
    socket.binaryType = "arraybuffer";
    this.#socket = socket;
    this.#openedAt = 0;
    this.#after(OPEN_LIMIT_MS, () => this.#closed(1006));
    socket.onopen = () => {
      this.#openedAt = this.#heardAt = this.#world.now();
      this.#unopened = 0;
      this.#watch();
    };
    socket.onmessage = ({ data }) => this.#message(data);
    socket.onclose = ({ code }) => this.#closed(code);
  }

  /** Forgets the socket, whatever state it is in: a dead line may never report its close. */
  #drop() {
    this.#world.clearTimeout(this.#timer);
    const socket = this.#socket;
    if (socket === undefined) return;
    this.#socket = undefined;
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.close();
  }

  /**
   * @param {number} ms
   * @param {() => void} callback
   */
  #after(ms, callback) {
    this.#world.clearTimeout(this.#timer);
    this.#timer = this.#world.setTimeout(callback, ms);
  }

  #watch() {
    const limitMs = this.#hasFrames ? QUIET_LIMIT_MS : WAITING_LIMIT_MS;
    const leftMs = this.#heardAt + limitMs - this.#world.now();
    if (leftMs <= 0) this.#closed(1006);
    else this.#after(leftMs, () => this.#watch());
  }

  /** @param {unknown} data */
  #message(data) {
    this.#heardAt = this.#world.now();
    if (typeof data === "string") return this.#text(data);
    const pcm = /** @type {ArrayBuffer} */ (data);
    if (pcm.byteLength === 0) this.#end();
    else if (pcm.byteLength > 2 && pcm.byteLength % 2 === 0) this.#frame(pcm);
  }

  /** @param {ArrayBuffer} pcm */
  #frame(pcm) {
    if (!this.#hasFrames) this.#after(QUIET_LIMIT_MS, () => this.#watch());
    this.#hasFrames = true;
    const position = this.#position;
    if (position !== undefined) this.#position = position + pcm.byteLength / 2 / this.#channels;
    this.#sink.onFrame(pcm, position);
  }

  /** @param {string} text */
  #text(text) {
    const message = parse(text);
    if (message.type === "metadata") this.#begin(message);
    else if (message.type === "position") this.#position = message.position;
    else if (MARKS.includes(message.type)) this.#sink.onMark(message);
  }

  /** @param {{ sampleRate: number, channels: number }} format */
  #begin({ sampleRate, channels }) {
    this.#channels = channels;
    this.#position = undefined;
    this.#lostAt = undefined;
    this.#sink.onOpen({ sampleRate, channels });
    this.#sink.onState({ state: "open", sampleRate, channels });
  }

  #end() {
    if (this.#ended) return;
    this.#ended = true;
    this.#sink.onState({ state: "ending" });
    this.#sink.onEnd();
  }

  /** @param {number} code */
  async #closed(code) {
    const opened = this.#openedAt > 0;
    if (opened && this.#world.now() - this.#openedAt >= STEADY_MS) this.#attempt = 0;
    this.#drop();
    const meaning = this.#ended ? "ended" : opened ? meaningOfClose(code) : "reconnect";
    if (meaning === "ended") {
      this.#end();
      return await this.#findRecording();
    }
    if (opened) this.#sink.onLost();
    if (meaning === "removed") return this.#giveUp({ state: "removed" });
    if (meaning === "revoked") return this.#giveUp({ state: "refused", ...refusal(401) });
    const turn = this.#turn;
    const answer = opened ? undefined : await this.#ask();
    // Meanwhile it may have been stopped, or opened elsewhere.
    if (turn !== this.#turn) return;
    if (answer?.status === 410) return await this.#findRecording(answer.recordingUrl);
    const refused = answer && refusal(answer.status, answer.message);
    if (refused) return this.#giveUp({ state: "refused", ...refused });
    const waitMs = backoffMs(this.#attempt++, this.#world.random());
    // The server answers that the address would open as a WebSocket, and yet none opens: once is chance.
    const isBlocked = answer?.status === 426 && ++this.#unopened > 1;
    this.#lostAt ??= opened ? this.#heardAt : this.#world.now();
    const awayMs = this.#world.now() - this.#lostAt;
    this.#sink.onState({
      state: "reconnecting",
      waitMs,
      attempt: this.#attempt,
      awayMs,
      isBlocked,
    });
    this.#after(waitMs, () => this.#connect(this.#sink.from()));
  }

  /** @param {{ state: string }} report */
  #giveUp(report) {
    this.stop();
    this.#sink.onState(report);
  }

  /** Says that the call has ended, and then where its recording is, if it comes to be. @param {string} [url] */
  async #findRecording(url) {
    this.#ended = true;
    this.#sink.onState({ state: "ended", recordingUrl: url, final: url !== undefined });
    if (url !== undefined) return;
    const turn = this.#turn;
    const found = await findRecording(
      () => this.#ask(),
      (ms) => new Promise((resolve) => this.#after(ms, () => resolve(undefined))),
    );
    if (turn !== this.#turn) return;
    this.#sink.onState({ state: "ended", recordingUrl: found, final: true });
  }

  #ask() {
    return ask(this.#statusUrl, this.#world.fetch);
  }
}

/** @param {string} text */
function parse(text) {
  try {
    return JSON.parse(text) ?? {};
  } catch {
    return {};
  }
}
