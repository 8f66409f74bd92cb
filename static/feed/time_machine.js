// @ts-check
import { Connection } from "../connection.js";
import { Backlog } from "./backlog.js";
import { EdgeClock } from "./edge_clock.js";
import { RecordingSource } from "./recording_source.js";

/** At most this much waits here; then the stream is closed, */
const MOST_SECONDS = 120;
/** and opened again where it was closed when this much is left. */
const REOPEN_SECONDS = 60;
/** Sent to the player before it says how much it takes. */
const FIRST_SECONDS = 1;
/** A place this near to the newest is live, and so is a frame. */
const LIVE_MS = 300;
/** After a longer loss the live listener misses what is older than this. */
const CATCH_UP_SECONDS = 2;
const EDGE_REPORT_MS = 500;

/**
 * @typedef {Omit<import("../connection.js").Surroundings, "fetch"> & {
 *   fetch: (url: string, init?: RequestInit) => Promise<Response>,
 * }} World
 */

/**
 * Brings any place of a call to the player: what is live as it comes, what is past as it is asked for,
 * by the call's stream while it runs and by its recording afterwards, without a hole or a repeat.
 *
 * `toPlayer` gets what the worklet's feed takes (see player_worklet.js), frames transferred. `toPage`
 * gets what `Sink.onState` of connection.js gets, and `{ type: "mark", mark }`.
 */
export class TimeMachine {
  #toPlayer;
  #toPage;
  #world;
  /** @type {Connection | undefined} */
  #connection;
  /** @type {RecordingSource | undefined} */
  #recording;
  #backlog = new Backlog();
  #edge = new EdgeClock();
  #rateHz = 0;
  #channels = 2;
  /** Which jump it is; what the player says of an earlier one is out of date. */
  #turn = 0;
  /** Samples sent since the jump, and how many may be. */
  #sent = 0;
  #wanted = Infinity;
  /** Where the sound is to go on after a jump. */
  #begin = 0;
  #endSaid = false;
  /** The stream was closed because enough is here. */
  #isHeld = false;
  /** The call has ended, and its end has come in. */
  #complete = false;
  #lostMs = 0;
  #reportedMs = 0;
  /** A place asked for before the rate was known. @type {number | undefined} */
  #startSeconds;
  /** @type {string | undefined} */
  #recordingUrl;
  /** Length of the call in samples, once it has ended. @type {number | undefined} */
  #length;

  /**
   * @param {(message: object, transfer?: Transferable[]) => void} toPlayer
   * @param {(message: object) => void} toPage
   * @param {World} world
   */
  constructor(toPlayer, toPage, world) {
    this.#toPlayer = toPlayer;
    this.#toPage = toPage;
    this.#world = world;
  }

  /**
   * Follows a call that runs, from now on or from a place in its past.
   *
   * @param {{ url: string, statusUrl: string, from?: number | undefined }} addresses, and seconds
   */
  open({ url, statusUrl, from }) {
    const sink = {
      /** @param {{ sampleRate: number, channels: number }} format */
      onOpen: (format) => this.#opened(format),
      /** @param {ArrayBuffer} pcm @param {number | undefined} position */
      onFrame: (pcm, position) => this.#take(pcm, position),
      /** @param {object} mark */
      onMark: (mark) => this.#toPage({ type: "mark", mark }),
      onEnd: () => this.#finish(),
      onLost: () => this.#lost(),
      from: () => this.#resumeSeconds(),
      /** @param {{ state: string, recordingUrl?: unknown, final?: unknown }} report */
      onState: (report) => this.#report(report, statusUrl),
    };
    this.#startSeconds = from;
    this.#connection = new Connection({ url, statusUrl }, sink, this.#world);
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

  /** Samples that wait here, of each channel. */
  get waiting() {
    return this.#backlog.samples;
  }

  /** Leaves for good. */
  stop() {
    this.#connection?.stop();
    this.#recording?.stop();
  }

  /** Goes to a place of the call. @param {number} seconds since it began */
  seek(seconds) {
    if (this.#rateHz === 0) {
      this.#startSeconds = seconds;
      return this.#connection?.open(seconds);
    }
    const edge = this.#edgePosition();
    const position = Math.max(0, Math.min(edge, Math.round(seconds * this.#rateHz)));
    const isNew = this.#length === undefined && edge - position < this.#samples(LIVE_MS);
    if (isNew) return this.goLive();
    const isHere = this.#backlog.samples > 0 && position >= (this.#backlog.start ?? Infinity) &&
      position <= (this.#backlog.end ?? 0);
    this.#jump(false, position);
    if (isHere) this.#backlog.dropBefore(position);
    else this.#fetchFrom(position);
    this.#pump();
  }

  /** Follows the call again; the recording of an ended one has no such place. */
  goLive() {
    if (this.#length !== undefined || this.#rateHz === 0) return;
    const isFollowing = !this.#isHeld && this.#edge.isSteady(this.#world.now());
    this.#jump(true, undefined);
    this.#backlog.clear();
    if (!isFollowing) this.#connection?.open();
    this.#isHeld = false;
  }

  /**
   * How much the player takes.
   *
   * @param {{ samples: number, turn: number }} wanted since the jump numbered `turn`
   */
  want({ samples, turn }) {
    if (turn !== this.#turn) return;
    this.#wanted = samples;
    this.#pump();
    this.#tellEdge();
  }

  /** @param {boolean} live @param {number | undefined} position */
  #jump(live, position) {
    this.#turn++;
    this.#sent = 0;
    this.#endSaid = false;
    this.#wanted = live ? Infinity : FIRST_SECONDS * this.#rateHz;
    this.#begin = position ?? 0;
    this.#toPlayer({ type: "jump", live, position, turn: this.#turn });
    this.#reportedMs = -Infinity;
    this.#tellEdge();
  }

  /** @param {number} position */
  #fetchFrom(position) {
    this.#backlog.clear(position);
    this.#complete = this.#isHeld = false;
    if (this.#recordingUrl !== undefined) this.#readFrom(position);
    else this.#connection?.open(position / this.#rateHz);
  }

  /** @param {{ sampleRate: number, channels: number }} format */
  #opened({ sampleRate, channels }) {
    this.#channels = channels;
    this.#toPlayer({ type: "open", sampleRate, channels });
    const isFirst = this.#rateHz === 0;
    this.#rateHz = sampleRate;
    const seconds = this.#startSeconds;
    if (!isFirst || seconds === undefined) return;
    this.#startSeconds = undefined;
    const position = seconds < 0 ? undefined : Math.round(seconds * sampleRate);
    this.#jump(false, position);
    if (position !== undefined) this.#recording?.seek(position);
  }

  /** @param {ArrayBuffer} pcm @param {number | undefined} said */
  #take(pcm, said) {
    const samples = pcm.byteLength / 2 / this.#channels;
    const position = said ?? this.#backlog.end ?? 0;
    this.#backlog.push({ pcm, position, samples });
    if (position < this.#begin) this.#backlog.dropBefore(this.#begin);
    const endMs = (position + samples) * 1000 / this.#rateHz;
    if (this.#length === undefined) this.#edge.note(endMs, this.#world.now());
    this.#pump();
    if (this.#connection && this.#backlog.samples >= MOST_SECONDS * this.#rateHz) {
      this.#isHeld = true;
      this.#connection.stop();
    }
  }

  /** Hands on what the player takes. */
  #pump() {
    const nowMs = this.#world.now();
    while (this.#sent < this.#wanted) {
      const piece = this.#backlog.shift();
      if (piece === undefined) break;
      const { pcm, position, samples } = piece;
      this.#sent += samples;
      const atEdge = this.#backlog.samples === 0 && this.#isNew(position + samples, nowMs);
      this.#toPlayer({ type: "frame", pcm, position, atEdge }, [pcm]);
    }
    const left = this.#backlog.samples / this.#rateHz;
    if (this.#isHeld && left < REOPEN_SECONDS) {
      this.#isHeld = false;
      this.#connection?.open(this.#resumeSeconds());
    }
    this.#recording?.fill(left);
    if (!this.#complete || this.#backlog.samples > 0 || this.#endSaid) return;
    this.#endSaid = true;
    this.#toPlayer({ type: "end" });
  }

  /** @param {number} position @param {number} nowMs */
  #isNew(position, nowMs) {
    return this.#length === undefined && this.#edge.isSteady(nowMs) &&
      this.#edgePosition() - position < this.#samples(LIVE_MS);
  }

  #finish() {
    this.#length = this.#backlog.end ?? 0;
    this.#complete = true;
    this.#pump();
  }

  #lost() {
    this.#lostMs = this.#world.now();
    this.#toPlayer({ type: "lost" });
  }

  /** Where a stream that was closed is to go on. */
  #resumeSeconds() {
    const end = this.#backlog.end;
    if (end === undefined) return this.#startSeconds;
    const awaySeconds = (this.#world.now() - this.#lostMs) / 1000;
    const skipped = this.#wanted === Infinity ? Math.max(0, awaySeconds - CATCH_UP_SECONDS) : 0;
    return end / this.#rateHz + skipped;
  }

  /** @param {{ state: string, recordingUrl?: unknown, final?: unknown }} report @param {string} base */
  #report(report, base) {
    this.#toPage(report);
    if (report.state !== "ended" || this.#recordingUrl !== undefined) return;
    this.#length ??= this.#edgePosition();
    if (typeof report.recordingUrl === "string") {
      this.#recordingUrl = withTokenOf(base, report.recordingUrl);
      // The end of the call is here already; its past is fetched when it is asked for.
      if (!this.#complete) this.#readFrom(this.#backlog.end ?? 0);
    } else if (report.final) {
      this.#complete = true;
      this.#pump();
    }
  }

  /** @param {number} position */
  #readFrom(position) {
    this.#recording ??= new RecordingSource(
      /** @type {string} */ (this.#recordingUrl),
      this.#world,
      {
        onOpen: (format) => {
          this.#length = format.length;
          this.#toPage({ state: "open", ...format });
          this.#opened(format);
        },
        onFrame: (pcm, position) => this.#take(pcm, position),
        onEnd: () => {
          this.#complete = true;
          this.#pump();
        },
        onState: (report) => this.#toPage(report),
      },
    );
    this.#recording.seek(position);
  }

  #edgePosition() {
    return this.#length ?? Math.max(
      this.#backlog.end ?? 0,
      Math.round(this.#edge.at(this.#world.now()) * this.#rateHz / 1000),
    );
  }

  #tellEdge() {
    const nowMs = this.#world.now();
    if (nowMs - this.#reportedMs < EDGE_REPORT_MS) return;
    this.#reportedMs = nowMs;
    const moving = this.#length === undefined;
    this.#toPlayer({ type: "edge", position: this.#edgePosition(), moving });
  }

  /** @param {number} ms */
  #samples(ms) {
    return ms * this.#rateHz / 1000;
  }
}

/** An address of the same server, with the token of another of its addresses. @param {string} from @param {string} to */
function withTokenOf(from, to) {
  const base = new URL(from);
  const url = new URL(to, base);
  const token = base.searchParams.get("token");
  if (url.origin === base.origin && token !== null) url.searchParams.set("token", token);
  return url.href;
}
