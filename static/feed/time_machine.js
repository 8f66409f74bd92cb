// @ts-check
import { Connection } from "../connection.js";
import { EdgeClock } from "./edge_clock.js";
import { Pump } from "./pump.js";
import { RecordingSource } from "./recording_source.js";

/** At most this much waits here; then the stream is closed, */
const MOST_SECONDS = 120;
/** and opened again where it was closed when this much is left. */
const REOPEN_SECONDS = 60;
/** A place this near to the newest is live, and so is a frame. */
const LIVE_MS = 300;
/** After a longer loss the live listener misses what is older than this. */
const CATCH_UP_SECONDS = 2;
const EDGE_REPORT_MS = 500;

/** @typedef {{ state: string, [detail: string]: unknown }} Report see `Sink.onState` of connection.js */

/**
 * Brings any place of a call to the player: what is live as it comes, what is past as it is asked for,
 * by the call's stream while it runs and by its recording afterwards, without a hole or a repeat.
 */
export class TimeMachine {
  #toPlayer;
  #toPage;
  #world;
  /** @type {Pump} */
  #pump;
  #edge = new EdgeClock();
  /** @type {Connection | undefined} */
  #connection;
  /** @type {RecordingSource | undefined} */
  #recording;
  /** @type {string | undefined} */
  #recordingUrl;
  /** The stream was closed because enough is here. */
  #isHeld = false;
  #lostMs = 0;
  #edgeToldMs = -Infinity;
  /** A place asked for before the rate was known. @type {number | undefined} */
  #startSeconds;
  /** Length of the call in samples, once it has ended. @type {number | undefined} */
  #length;

  /**
   * @param {(message: object, transfer?: Transferable[]) => void} toPlayer gets what the worklet's
   *   feed takes (see player.js), frames transferred
   * @param {(message: Report | { type: "mark", mark: object }) => void} toPage
   * @param {import("../connection.js").World} world
   */
  constructor(toPlayer, toPage, world) {
    this.#toPlayer = toPlayer;
    this.#toPage = toPage;
    this.#world = world;
    this.#pump = new Pump(toPlayer, (position) => this.#isNew(position));
  }

  /** What waits here, in seconds. */
  get waitingSeconds() {
    return this.#pump.waitingSeconds;
  }

  /**
   * Follows a call that runs, from now on or from a place in its past.
   *
   * @param {{ url: string, statusUrl: string, from?: number | undefined }} addresses, and seconds
   */
  open({ url, statusUrl, from }) {
    this.#startSeconds = from;
    this.#connection = new Connection({ url, statusUrl }, {
      onOpen: (format) => this.#opened(format),
      onFrame: (pcm, position) => this.#take(pcm, position),
      onMark: (mark) => this.#toPage({ type: "mark", mark }),
      onEnd: () => {
        this.#length = this.#pump.end ?? 0;
        this.#finish();
      },
      onLost: () => {
        this.#lostMs = this.#world.now();
        this.#toPlayer({ type: "lost" });
      },
      from: () => this.#resumeSeconds(),
      onState: (report) => this.#report(report, statusUrl),
    }, this.#world);
    this.#connection.open(from);
  }

  /**
   * Plays the recording of a call that has ended.
   *
   * @param {{ url: string, from?: number | undefined }} options the recording's address, and seconds
   */
  openRecording({ url, from = 0 }) {
    this.#toPage({ state: "connecting" });
    this.#startSeconds = from;
    this.#recordingUrl = url;
    this.#length = 0;
    this.#readFrom(0);
  }

  /** Leaves for good. */
  stop() {
    this.#connection?.stop();
    this.#recording?.stop();
  }

  /** Goes to a place of the call. @param {number} seconds since it began */
  seek(seconds) {
    const { rateHz } = this.#pump;
    if (rateHz === 0) {
      this.#startSeconds = seconds;
      return this.#connection?.open(seconds);
    }
    // Before the first frame of a stream nobody here knows where the call is; its server does.
    const isKnown = this.#length !== undefined || this.#edgePosition() > 0;
    const edge = isKnown ? this.#edgePosition() : Infinity;
    const position = Math.max(0, Math.min(edge, Math.round(seconds * rateHz)));
    if (this.#length === undefined && isKnown && this.#isNear(position)) return this.goLive();
    const isHere = this.#pump.holds(position);
    this.#jump(false, position);
    if (!isHere) this.#fetchFrom(position);
    this.#run();
  }

  /** Follows the call again; an ended one cannot be followed. */
  goLive() {
    if (this.#length !== undefined || this.#pump.rateHz === 0) return;
    const isFollowing = !this.#isHeld && this.#edge.isSteady(this.#world.now());
    this.#jump(true);
    this.#isHeld = false;
    if (!isFollowing) this.#connection?.open();
  }

  /** @param {{ samples: number, turn: number }} wanted how much the player takes */
  want(wanted) {
    if (!this.#pump.want(wanted)) return;
    this.#run();
    this.#tellEdge();
  }

  /** @param {boolean} live @param {number} [position] */
  #jump(live, position) {
    this.#pump.jump(live, position);
    this.#edgeToldMs = -Infinity;
    this.#tellEdge();
  }

  /** @param {number} position */
  #fetchFrom(position) {
    this.#isHeld = false;
    if (this.#recordingUrl !== undefined) this.#readFrom(position);
    else this.#connection?.open(position / this.#pump.rateHz);
  }

  /** @param {{ sampleRate: number, channels: number }} format */
  #opened(format) {
    this.#pump.open(format);
    const seconds = this.#startSeconds;
    if (seconds === undefined) return;
    this.#startSeconds = undefined;
    const position = seconds < 0 ? undefined : Math.round(seconds * format.sampleRate);
    this.#jump(false, position);
    if (position !== undefined) this.#recording?.seek(position);
  }

  /** @param {ArrayBuffer} pcm @param {number | undefined} position */
  #take(pcm, position) {
    const pump = this.#pump;
    pump.take(pcm, position);
    const endMs = (pump.end ?? 0) * 1000 / pump.rateHz;
    if (this.#length === undefined) this.#edge.note(endMs, this.#world.now());
    this.#run();
  }

  /** Hands on what is wanted, and sees to it that enough waits, and not too much. */
  #run() {
    this.#pump.run();
    const { waitingSeconds } = this.#pump;
    this.#recording?.fill(waitingSeconds);
    if (this.#recordingUrl !== undefined) return;
    if (!this.#isHeld && waitingSeconds >= MOST_SECONDS) {
      this.#isHeld = true;
      this.#connection?.stop();
    } else if (this.#isHeld && waitingSeconds < REOPEN_SECONDS) {
      this.#isHeld = false;
      this.#connection?.open(this.#resumeSeconds());
    }
  }

  /** Nothing will come any more. */
  #finish() {
    this.#pump.isComplete = true;
    this.#run();
  }

  /** Where a stream that was closed is to go on, in seconds. */
  #resumeSeconds() {
    const { end, isLive, rateHz } = this.#pump;
    if (end === undefined) return this.#startSeconds;
    const awaySeconds = (this.#world.now() - this.#lostMs) / 1000;
    return end / rateHz + (isLive ? Math.max(0, awaySeconds - CATCH_UP_SECONDS) : 0);
  }

  /** @param {Report} report @param {string} statusUrl */
  #report(report, statusUrl) {
    this.#toPage(report);
    if (report.state !== "ended" || this.#recordingUrl !== undefined) return;
    this.#length ??= this.#edgePosition();
    if (typeof report.recordingUrl === "string") {
      this.#recordingUrl = recordingOf(statusUrl);
      // If the end of the call is here already, its past is fetched when it is asked for.
      if (!this.#pump.isComplete) this.#readFrom(this.#pump.end ?? 0);
    } else if (report.final) this.#finish();
  }

  /** @param {number} position */
  #readFrom(position) {
    const url = /** @type {string} */ (this.#recordingUrl);
    this.#recording ??= new RecordingSource(url, this.#world, {
      onOpen: (format) => {
        this.#length = format.length;
        this.#toPage({ state: "open", ...format });
        this.#opened(format);
      },
      onFrame: (pcm, position) => this.#take(pcm, position),
      onEnd: () => this.#finish(),
      onState: (report) => this.#toPage(report),
    });
    this.#recording.seek(position);
  }

  #edgePosition() {
    if (this.#length !== undefined) return this.#length;
    const edgeMs = this.#edge.at(this.#world.now());
    return Math.max(this.#pump.end ?? 0, Math.round(edgeMs * this.#pump.rateHz / 1000));
  }

  /** @param {number} position */
  #isNear(position) {
    return this.#edgePosition() - position < LIVE_MS * this.#pump.rateHz / 1000;
  }

  /** @param {number} position */
  #isNew(position) {
    return this.#length === undefined && this.#edge.isSteady(this.#world.now()) &&
      this.#isNear(position);
  }

  #tellEdge() {
    const nowMs = this.#world.now();
    if (nowMs - this.#edgeToldMs < EDGE_REPORT_MS) return;
    this.#edgeToldMs = nowMs;
    const moving = this.#length === undefined;
    this.#toPlayer({ type: "edge", position: this.#edgePosition(), moving });
  }
}

/**
 * The address of a call's recording, as its stream is reached, with the same token: the server's own URLs
 * may name another host.
 *
 * @param {string} streamUrl …/live/{id}/ws
 */
function recordingOf(streamUrl) {
  const stream = new URL(streamUrl);
  const token = stream.searchParams.get("token");
  const url = new URL(`../../calls/${stream.pathname.split("/").at(-2)}/recording`, stream);
  if (token !== null) url.searchParams.set("token", token);
  return url.href;
}
