// @ts-check
import { backoffMs, meaningOfClose, refusal, streamUrl } from "./connection_rules.js";

/** An open stream says something every 5 s; after three times that the line is dead. */
const QUIET_LIMIT_MS = 15_000;
const OPEN_LIMIT_MS = 10_000;
/** Open for this long, the next loss starts with short waits again. */
const STEADY_MS = 10_000;
/** A recording is finished some seconds after its call. */
const RECORDING_WAITS_MS = [500, 2000, 5000];
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
 * One call's stream: opens it, opens it again when it is lost, and finds out why when it cannot.
 *
 * `toPlayer` gets what the worklet's feed takes (see player_worklet.js), frames transferred.
 * `toPage` gets `{ state }`: "connecting", "open", "reconnecting", "ending", "ended" (with
 * `recordingUrl` once there is one), "removed", "refused" (with `title`, `advice`, `detail`); and
 * `{ type: "mark", mark }` for what happened in the call.
 */
export class Connection {
  #url;
  #statusUrl;
  #world;
  #toPlayer;
  #toPage;
  /** @type {WebSocket | undefined} */
  #socket;
  /** @type {unknown} */
  #timer;
  #attempt = 0;
  #openedAt = 0;
  #heardAt = 0;
  #ended = false;
  #stopped = false;
  /** Position of the next frame, once the server has said it. @type {number | undefined} */
  #position;
  #channels = 1;

  /**
   * @param {{ url: string, statusUrl: string }} addresses of the socket, and of the same by plain HTTP
   * @param {(message: object, transfer?: Transferable[]) => void} toPlayer
   * @param {(message: object) => void} toPage
   * @param {Surroundings} world
   */
  constructor({ url, statusUrl }, toPlayer, toPage, world) {
    this.#url = url;
    this.#statusUrl = statusUrl;
    this.#toPlayer = toPlayer;
    this.#toPage = toPage;
    this.#world = world;
  }

  open() {
    if (this.#stopped) return;
    if (this.#attempt === 0) this.#toPage({ state: "connecting" });
    const socket = this.#world.openSocket(streamUrl(this.#url));
    socket.binaryType = "arraybuffer";
    this.#socket = socket;
    this.#openedAt = 0;
    this.#after(OPEN_LIMIT_MS, () => this.#closed(1006));
    socket.onopen = () => {
      this.#openedAt = this.#heardAt = this.#world.now();
      this.#watch();
    };
    socket.onmessage = ({ data }) => this.#message(data);
    socket.onclose = ({ code }) => this.#closed(code);
  }

  /** Leaves for good. */
  stop() {
    this.#stopped = true;
    this.#drop();
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
    const leftMs = this.#heardAt + QUIET_LIMIT_MS - this.#world.now();
    if (leftMs <= 0) this.#closed(1006);
    else this.#after(leftMs, () => this.#watch());
  }

  /** @param {unknown} data */
  #message(data) {
    this.#heardAt = this.#world.now();
    if (typeof data === "string") return this.#text(data);
    const pcm = /** @type {ArrayBuffer} */ (data);
    if (pcm.byteLength === 0) {
      this.#ended = true;
      this.#toPlayer({ type: "end" });
      this.#toPage({ state: "ending" });
    } else if (pcm.byteLength > 2 && pcm.byteLength % 2 === 0) this.#frame(pcm);
  }

  /** @param {ArrayBuffer} pcm */
  #frame(pcm) {
    const position = this.#position;
    if (position !== undefined) this.#position = position + pcm.byteLength / 2 / this.#channels;
    this.#toPlayer({ type: "frame", pcm, position }, [pcm]);
  }

  /** @param {string} text */
  #text(text) {
    const message = parse(text);
    if (message.type === "metadata") this.#begin(message);
    else if (message.type === "position") this.#position = message.position;
    else if (MARKS.includes(message.type)) this.#toPage({ type: "mark", mark: message });
  }

  /** @param {{ sampleRate: number, channels: number }} format */
  #begin({ sampleRate, channels }) {
    this.#channels = channels;
    this.#position = undefined;
    this.#toPlayer({ type: "open", sampleRate, channels });
    if (this.#attempt > 0) this.#toPlayer({ type: "jump", live: true, turn: 0 });
    this.#toPage({ state: "open", sampleRate, channels });
  }

  /** @param {number} code */
  async #closed(code) {
    const opened = this.#openedAt > 0;
    if (opened && this.#world.now() - this.#openedAt >= STEADY_MS) this.#attempt = 0;
    this.#drop();
    const meaning = this.#ended ? "ended" : opened ? meaningOfClose(code) : "reconnect";
    if (meaning === "ended") {
      if (!this.#ended) this.#toPlayer({ type: "end" });
      return await this.#findRecording();
    }
    if (opened) this.#toPlayer({ type: "lost" });
    if (meaning === "removed") return this.#toPage({ state: "removed" });
    if (meaning === "revoked") return this.#toPage({ state: "refused", ...refusal(401) });
    const answer = opened ? undefined : await this.#ask();
    if (this.#stopped) return;
    if (answer?.status === 410) return await this.#findRecording(answer.recordingUrl);
    const refused = answer && refusal(answer.status, answer.message);
    if (refused) return this.#toPage({ state: "refused", ...refused });
    const waitMs = backoffMs(this.#attempt++, this.#world.random());
    this.#toPage({ state: "reconnecting", waitMs, attempt: this.#attempt });
    this.#after(waitMs, () => this.open());
  }

  /** Says that the call has ended, and then where its recording is, if it comes to be. @param {string} [url] */
  async #findRecording(url) {
    this.#toPage({ state: "ended", recordingUrl: url });
    for (const waitMs of url === undefined ? RECORDING_WAITS_MS : []) {
      await new Promise((resolve) => this.#after(waitMs, () => resolve(undefined)));
      if (this.#stopped) return;
      const answer = await this.#ask();
      if (this.#stopped || answer === undefined || answer.status === 404) return;
      if (answer.recordingUrl) {
        return this.#toPage({ state: "ended", recordingUrl: answer.recordingUrl });
      }
    }
  }

  /** Browsers hide why an upgrade was refused; the same address by plain HTTP says it. */
  async #ask() {
    try {
      const response = await this.#world.fetch(this.#statusUrl);
      const body = await response.json().catch(() => undefined);
      const { message, recordingUrl } = errorOf(body);
      return { status: response.status, message, recordingUrl };
    } catch {
      return undefined;
    }
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

/**
 * @param {unknown} body
 * @returns {{ message?: string, recordingUrl?: string }}
 */
function errorOf(body) {
  const { error } = /** @type {{ error?: object }} */ (body ?? {});
  return error ?? {};
}
