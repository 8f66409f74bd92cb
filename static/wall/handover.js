// @ts-check

/** The new call comes up within this time, and then the old one goes. */
const FADE_MS = 120;
/** A call that is silent has nothing to play: it takes over when its line has been open for this long. */
const SILENT_MS = 1500;

/**
 * @typedef {object} Voice One call's sound.
 * @property {() => void} start inside the click
 * @property {(gain: number) => void} setGain without a click
 * @property {() => void} stop
 */

/**
 * @typedef {"connecting" | "open" | "playing" | "silent" | "reconnecting" | "suspended" | "ended" | "failed"} VoiceState
 */

/**
 * Lets one call be heard at a time. Another one takes over without a gap: it comes up when it plays, and
 * only then the old one fades and is closed. If it cannot be played the old one goes on.
 *
 * @template {{ id: string }} Call
 */
export class Handover {
  #make;
  #onChange;
  #world;
  #volume = 1;
  /** @type {Part<Call> | undefined} */
  #heard;
  /** @type {Part<Call> | undefined} */
  #coming;
  /** @type {Part<Call> | undefined} */
  #refused;

  /**
   * @param {(call: Call, onState: (state: VoiceState, detail?: string) => void) => Voice} make
   * @param {(view: {
   *   heard: Call | undefined, state: VoiceState, detail: string, coming: Call | undefined,
   *   refused: Call | undefined,
   * }) => void} onChange `refused`: what could not take over, while something else is heard
   * @param {{ setTimeout: (callback: () => void, ms: number) => unknown }} world
   */
  constructor(make, onChange, world) {
    this.#make = make;
    this.#onChange = onChange;
    this.#world = world;
  }

  get heard() {
    return this.#heard?.call;
  }

  get coming() {
    return this.#coming?.call;
  }

  /** @param {number} volume gain of whatever is heard */
  set volume(volume) {
    this.#volume = volume;
    this.#heard?.voice.setGain(volume);
  }

  /** Plays a call, inside a click. @param {Call} call */
  play(call) {
    if (this.#coming?.call.id === call.id) return;
    this.#coming?.voice.stop();
    this.#coming = this.#refused = undefined;
    if (this.#heard?.call.id === call.id && this.#heard.state !== "failed") return this.#show();
    /** @type {Part<Call>} */
    const part = {
      call,
      state: "connecting",
      detail: "",
      voice: this.#make(call, (state, detail = "") => this.#hear(part, state, detail)),
    };
    part.voice.setGain(0);
    this.#coming = part;
    part.voice.start();
    this.#show();
  }

  /** Ends what is heard, and what is about to be. */
  stop() {
    this.#heard?.voice.stop();
    this.#coming?.voice.stop();
    this.#heard = this.#coming = this.#refused = undefined;
    this.#show();
  }

  /**
   * @param {Part<Call>} part
   * @param {VoiceState} state
   * @param {string} detail
   */
  #hear(part, state, detail) {
    if (part !== this.#heard && part !== this.#coming) return;
    if (part.state === state && part.detail === detail) return;
    const wasOpen = part.state === "open" || part.state === "silent";
    part.state = state;
    part.detail = detail;
    if (part === this.#coming) {
      if (state === "playing") this.#takeOver(part);
      else if (state === "failed" || state === "ended") return this.#giveUp(part);
      else if ((state === "open" || state === "silent") && !wasOpen) {
        this.#world.setTimeout(() => {
          if (part.state === "open" || part.state === "silent") this.#takeOver(part);
        }, SILENT_MS);
      }
    } else if (state === "ended" || state === "failed") part.voice.stop();
    this.#show();
  }

  /** @param {Part<Call>} part */
  #takeOver(part) {
    if (part !== this.#coming) return;
    const old = this.#heard;
    this.#heard = part;
    this.#coming = undefined;
    part.voice.setGain(this.#volume);
    this.#show();
    if (old === undefined) return;
    this.#world.setTimeout(() => {
      old.voice.setGain(0);
      this.#world.setTimeout(() => old.voice.stop(), FADE_MS);
    }, FADE_MS);
  }

  /** @param {Part<Call>} part */
  #giveUp(part) {
    this.#coming = undefined;
    part.voice.stop();
    if (this.#heard === undefined) this.#heard = part;
    else this.#refused = part;
    this.#show();
  }

  #show() {
    const shown = this.#refused ?? this.#heard ?? this.#coming;
    this.#onChange({
      heard: this.#heard?.call,
      state: shown?.state ?? "connecting",
      detail: shown?.detail ?? "",
      coming: this.#coming?.call,
      refused: this.#refused?.call,
    });
  }
}

/**
 * @template Call
 * @typedef {{ call: Call, voice: Voice, state: VoiceState, detail: string }} Part
 */
