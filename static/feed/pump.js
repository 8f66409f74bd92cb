// @ts-check
import { Backlog } from "./backlog.js";

/** Sent to the player before it says how much it takes. */
const FIRST_SECONDS = 1;

/**
 * Hands the call on to the player, from wherever it is to be heard: what is live at once, what is past
 * as much as the player takes; the rest waits in the backlog.
 */
export class Pump {
  #toPlayer;
  #isNew;
  #backlog = new Backlog();
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
  /** Nothing will come after what waits. */
  isComplete = false;

  /**
   * @param {(message: object, transfer?: Transferable[]) => void} toPlayer see player_worklet.js
   * @param {(position: number) => boolean} isNew whether nothing newer than this place is to be had
   */
  constructor(toPlayer, isNew) {
    this.#toPlayer = toPlayer;
    this.#isNew = isNew;
  }

  /** Of the call; 0 until it is known. */
  get rateHz() {
    return this.#rateHz;
  }

  /** What waits, in seconds. */
  get waitingSeconds() {
    return this.#rateHz === 0 ? 0 : this.#backlog.samples / this.#rateHz;
  }

  /** Position after the newest sample that came. */
  get end() {
    return this.#backlog.end;
  }

  /** Whether the player takes all there is: it follows the call. */
  get isLive() {
    return this.#wanted === Infinity;
  }

  /** Whether the sound at a position waits here. @param {number} position */
  holds(position) {
    const { start, end } = this.#backlog;
    return start !== undefined && position >= start && position <= (end ?? 0);
  }

  /** @param {{ sampleRate: number, channels: number }} format of what will come */
  open({ sampleRate, channels }) {
    this.#rateHz = sampleRate;
    this.#channels = channels;
    this.#toPlayer({ type: "open", sampleRate, channels });
  }

  /**
   * Lets the player go elsewhere. What waits from there on stays, all else is forgotten.
   *
   * @param {boolean} live
   * @param {number} [position] if it is known
   */
  jump(live, position) {
    this.#turn++;
    this.#sent = 0;
    this.#endSaid = false;
    this.#wanted = live ? Infinity : FIRST_SECONDS * this.#rateHz;
    this.#begin = position ?? 0;
    this.#toPlayer({ type: "jump", live, position, turn: this.#turn });
    if (position !== undefined && this.holds(position)) this.#backlog.dropBefore(position);
    else {
      this.#backlog.clear(position);
      this.isComplete = false;
    }
  }

  /**
   * @param {{ samples: number, turn: number }} wanted how much the player takes, since the jump
   *   numbered `turn`
   * @returns {boolean} whether that is of now
   */
  want({ samples, turn }) {
    if (turn !== this.#turn) return false;
    this.#wanted = samples;
    return true;
  }

  /**
   * Something came.
   *
   * @param {ArrayBuffer} pcm is kept
   * @param {number} [said] position of its first sample; left out, it follows what came before
   */
  take(pcm, said) {
    const samples = pcm.byteLength / 2 / this.#channels;
    const position = said ?? this.#backlog.end ?? 0;
    this.#backlog.push({ pcm, position, samples });
    if (position < this.#begin) this.#backlog.dropBefore(this.#begin);
  }

  /** Hands on what the player takes. */
  run() {
    while (this.#sent < this.#wanted) {
      const piece = this.#backlog.shift();
      if (piece === undefined) break;
      const { pcm, position, samples } = piece;
      this.#sent += samples;
      const atEdge = this.#backlog.samples === 0 && this.#isNew(position + samples);
      this.#toPlayer({ type: "frame", pcm, position, atEdge }, [pcm]);
    }
    if (!this.isComplete || this.#backlog.samples > 0 || this.#endSaid) return;
    this.#endSaid = true;
    this.#toPlayer({ type: "end" });
  }
}
