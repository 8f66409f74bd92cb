// @ts-check
import { backoffMs } from "../connection_rules.js";
import { RecordingReader } from "./recording_reader.js";

/** Asked for at a time: some 300 KB, which is there in a moment. */
const CHUNK_SECONDS = 5;
/** Less than this is left when more is asked for. */
const AHEAD_SECONDS = 10;
/** Handed on in pieces of this length. */
const PIECE_MS = 250;
/** Failures in a row after which it is given up. */
const MOST_ATTEMPTS = 6;

/**
 * @typedef {object} RecordingSink Who is told what comes.
 * @property {(format: { sampleRate: number, channels: number, length: number }) => void} onOpen
 * @property {(pcm: ArrayBuffer, position: number) => void} onFrame
 * @property {() => void} onEnd the end of the recording was reached
 * @property {(report: { state: string, [detail: string]: unknown }) => void} onState as in connection.js
 */

/** A recording as a stream that begins anywhere and comes as it is asked for. */
export class RecordingSource {
  #reader;
  #sink;
  #world;
  /** Position of the next sample to ask for. */
  #next = 0;
  #atEnd = false;
  #attempt = 0;
  /** Of the request under way. @type {AbortController | undefined} */
  #abort;
  /** @type {unknown} */
  #timer;

  /**
   * @param {string} url of the stereo WAV file
   * @param {import("../connection.js").World} world
   * @param {RecordingSink} sink
   */
  constructor(url, world, sink) {
    const stereo = new URL(url);
    stereo.searchParams.set("channels", "2");
    this.#reader = new RecordingReader(stereo.href, world.fetch);
    this.#world = world;
    this.#sink = sink;
  }

  /** Goes on at `position`; what was under way is forgotten. @param {number} position */
  seek(position) {
    this.stop();
    this.#next = position;
    this.#atEnd = false;
    this.#attempt = 0;
    this.fill(0);
  }

  /** Asks for more unless enough is left. @param {number} leftSeconds */
  fill(leftSeconds) {
    if (this.#abort !== undefined || this.#atEnd || leftSeconds >= AHEAD_SECONDS) return;
    const abort = this.#abort = new AbortController();
    this.#read(abort.signal).then(() => {
      if (this.#abort !== abort) return;
      this.#abort = undefined;
      this.#attempt = 0;
      // The end asks for no more, anything else may.
      if (this.#atEnd) this.#sink.onEnd();
    }, (error) => {
      if (this.#abort === abort) this.#retry(error);
    });
  }

  stop() {
    this.#world.clearTimeout(this.#timer);
    this.#abort?.abort();
    this.#abort = undefined;
  }

  /** @param {AbortSignal} signal */
  async #read(signal) {
    const reader = this.#reader;
    let format = reader.format;
    // Near the end look again: what was read before may be of a recording that still grew.
    if (format === undefined || this.#next >= format.length) {
      const isFirst = format === undefined;
      format = await reader.open(signal);
      if (signal.aborted) return;
      if (isFirst) this.#sink.onOpen(format);
      if (signal.aborted) return;
    }
    const { sampleRate, channels } = format;
    const pcm = await reader.read(this.#next, CHUNK_SECONDS * sampleRate, signal);
    if (signal.aborted) return;
    this.#atEnd = pcm.byteLength === 0;
    const position = this.#next;
    this.#next += pcm.byteLength / 2 / channels;
    const pieceBytes = PIECE_MS * sampleRate / 1000 * 2 * channels;
    for (let at = 0; at < pcm.byteLength && !signal.aborted; at += pieceBytes) {
      this.#sink.onFrame(pcm.slice(at, at + pieceBytes), position + at / 2 / channels);
    }
  }

  /** @param {unknown} error */
  #retry(error) {
    if (++this.#attempt >= MOST_ATTEMPTS) {
      return this.#sink.onState({
        state: "refused",
        title: "The recording cannot be played",
        advice: "Try again later, or download it.",
        detail: String(error),
      });
    }
    const waitMs = backoffMs(this.#attempt - 1, this.#world.random());
    this.#sink.onState({ state: "reconnecting", waitMs, attempt: this.#attempt });
    this.#timer = this.#world.setTimeout(() => {
      this.#abort = undefined;
      this.fill(0);
    }, waitMs);
  }
}
