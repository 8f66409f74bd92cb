// @ts-check
/// <reference lib="dom" />
import { Listening } from "../listening.js";
import { withToken } from "../session.js";
import { Place } from "./place.js";

/**
 * The sound of the page: nothing until somebody asks for it, then the live stream, then the recording.
 * Knows where in the call the ear is.
 */
export class Sound {
  /** @type {import("../listening.js").Status | undefined} */
  status;
  /** @type {{ state: string, [detail: string]: unknown }} */
  connection = { state: "idle" };
  isHeld = false;
  /** @type {Listening | undefined} */
  #listening;
  #timeline;
  #token;
  #streamUrl;
  #recordingUrl;
  #onChange;
  #place = new Place();
  /** Where to begin, in seconds, chosen before there was sound. @type {number | undefined} */
  #from;
  /** @type {import("./mixer_panel.js").Mix} */
  #mix;
  #speed = 1;

  /**
   * @param {{
   *   timeline: import("./call_timeline.js").CallTimeline,
   *   token: string,
   *   streamUrl: string,
   *   recordingUrl: string,
   *   mix: import("./mixer_panel.js").Mix,
   *   onChange: () => void,
   * }} options
   */
  constructor({ timeline, token, streamUrl, recordingUrl, mix, onChange }) {
    this.#timeline = timeline;
    this.#token = token;
    this.#streamUrl = streamUrl;
    this.#recordingUrl = recordingUrl;
    this.#mix = mix;
    this.#onChange = onChange;
  }

  get hasStarted() {
    return this.#listening !== undefined;
  }

  /** Whether somebody chose a moment, or the sound is at one. */
  get hasPlace() {
    return this.#from !== undefined || this.status !== undefined;
  }

  get isSuspended() {
    const { state } = this.#listening?.context ?? { state: "running" };
    return state !== "running" && this.connection.state !== "connecting";
  }

  get speed() {
    return this.#speed;
  }

  /** Seconds into the call that reach the ear now. */
  get position() {
    const told = this.status === undefined ? undefined : this.#place.at(performance.now());
    return told ?? this.#from ?? this.#start;
  }

  /** Where the sound begins unless somebody chose otherwise. */
  get #start() {
    return this.#timeline.state === "ended" ? 0 : this.#timeline.endSeconds;
  }

  /** The newest moment that the sound has heard of, in seconds. */
  get edge() {
    return this.status === undefined ? 0 : this.status.edge / this.status.sampleRate;
  }

  /** Plays, or pauses. To be called inside a gesture. */
  toggle() {
    const listening = this.#listening;
    if (listening === undefined) return this.#begin();
    if (this.isSuspended) return listening.play();
    const isOver = this.status?.finished === true;
    if (isOver) this.seek(this.#timeline.fromSeconds);
    this.isHeld = !isOver && !this.isHeld;
    if (this.isHeld) listening.pause();
    else listening.play();
    this.#onChange();
  }

  #begin() {
    const { recording, state } = this.#timeline;
    const listening = this.#listening = new Listening({
      tap: location.hash === "#tap",
      onStatus: (status) => {
        this.status = status;
        this.#place.note(status, performance.now());
        this.#onChange();
      },
      onConnection: (report) => {
        this.connection = report;
        this.#onChange();
      },
      onContext: this.#onChange,
    });
    listening.setMix(this.#mix);
    listening.setSpeed(this.#speed);
    this.isHeld = false;
    this.connection = { state: "connecting" };
    const from = this.#from === undefined ? {} : { from: this.#from };
    const statusUrl = withToken(this.#streamUrl, this.#token);
    const started = state === "ended" && recording !== null
      ? listening.openRecording({ url: withToken(this.#recordingUrl, this.#token), ...from })
      : listening.start({ url: statusUrl.replace(/^http/, "ws"), statusUrl, ...from });
    started.catch((error) => this.#fail(error));
    this.#onChange();
  }

  /** @param {unknown} error */
  #fail(error) {
    this.stop();
    this.connection = {
      state: "refused",
      ...(isSecureContext
        ? {
          title: "This browser cannot play the call",
          advice:
            "Load the page again, or use a current version of Chrome, Edge, Firefox or Safari.",
          detail: String(error),
        }
        : {
          title: "Sound needs https",
          advice: "Browsers play calls at https addresses only. Open this page by https.",
        }),
    };
    this.#onChange();
  }

  /** @param {number} seconds */
  seek(seconds) {
    const { fromSeconds, endSeconds } = this.#timeline;
    const wanted = Math.max(fromSeconds, Math.min(seconds, Math.max(endSeconds, this.edge)));
    if (this.#listening === undefined) this.#from = wanted;
    else this.#listening.seek(wanted);
    this.#jump(wanted);
  }

  goLive() {
    this.#from = undefined;
    if (this.isHeld) this.toggle();
    this.#listening?.goLive();
    this.#jump(Math.max(this.#timeline.endSeconds, this.edge));
  }

  /** @param {number} seconds */
  #jump(seconds) {
    this.#place.jump(seconds, performance.now());
    this.#onChange();
  }

  /** @param {number} speed 1 to 2 */
  setSpeed(speed) {
    this.#speed = speed;
    this.#listening?.setSpeed(speed);
  }

  /** @param {import("./mixer_panel.js").Mix} mix */
  setMix(mix) {
    this.#mix = mix;
    this.#listening?.setMix(mix);
  }

  stop() {
    this.#listening?.stop();
    this.#listening = undefined;
    this.status = undefined;
    this.connection = { state: "idle" };
  }
}
