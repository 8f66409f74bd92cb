// @ts-check
/// <reference lib="dom" />
import { button, element, setText } from "./elements.js";
import { readInks } from "./inks.js";
import { Lane } from "./lane.js";
import { handleLane } from "./lane_hand.js";
import { laneStart } from "./lane_window.js";
import { LatencyPanel } from "./latency_panel.js";
import { LineList } from "./line_list.js";
import { Overview } from "./overview.js";
import { SeekBar } from "./seek_bar.js";
import { clockText } from "../states.js";

/** The live edge is told twice a second; in between it is taken to move on, but not for longer. */
const LONGEST_GUESS_SECONDS = 1;

/** All that moves with the sound. Renewed once a frame, and not at all while nobody can see it. */
export class Screen {
  lines;
  lane;
  #overview;
  #seekBar;
  #clock = new ClockPanel();
  #latency = new LatencyPanel();
  #timeline;
  #sound;
  #mixer;
  #stillness = matchMedia("(prefers-reduced-motion: reduce)");
  /** Where a hand holds the playhead, in seconds. @type {number | undefined} */
  #preview;
  #start = 0;
  /** The report that the meters show. @type {import("../listening.js").Status | undefined} */
  #shown;
  #known = 0;
  #knownAt = 0;
  #edge = 0;

  /**
   * @param {import("./call_timeline.js").CallTimeline} timeline
   * @param {import("./sound.js").Sound} sound
   * @param {import("./mixer_panel.js").MixerPanel} mixer
   * @param {(seconds: number) => void} onSeek
   */
  constructor(timeline, sound, mixer, onSeek) {
    this.#timeline = timeline;
    this.#sound = sound;
    this.#mixer = mixer;
    const inks = readInks(element("inks"), () => this.refresh());
    this.lane = new Lane(element("lane"), timeline, inks);
    this.#overview = new Overview(element("overview"), timeline, inks);
    this.lines = new LineList(timeline, onSeek);
    /** @param {number | undefined} seconds */
    const onPreview = (seconds) => {
      const end = Math.max(this.#edge, timeline.endSeconds);
      this.#preview = seconds && Math.max(0, Math.min(seconds, end));
    };
    this.#seekBar = new SeekBar({ onPreview, onSeek });
    handleLane(element("lane"), {
      view: () => ({
        start: this.#start,
        position: this.#sound.position,
        pixelsPerSecond: this.lane.pixelsPerSecond,
      }),
      onPreview,
      onSeek,
    });
    const frame = (/** @type {number} */ nowMs) => {
      this.#show(nowMs);
      requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
  }

  /** The call, its marks or the colours are others than before. */
  refresh() {
    this.lane.spoil();
    this.#overview.spoil();
    this.lines.refresh();
  }

  /** @param {number} nowMs */
  #show(nowMs) {
    const { state } = this.#timeline;
    const isLive = state === "live";
    const end = isLive ? this.#liveEdge(nowMs) : this.#timeline.endSeconds;
    const isAtEdge = isLive && this.#preview === undefined && !this.#sound.hasPlace;
    const position = this.#preview ?? (isAtEdge ? end : Math.min(this.#sound.position, end));
    const { span } = this.lane;
    const isStill = this.#stillness.matches;
    this.#start = laneStart({ position, end, span, isLive, isStill });
    this.lane.show({ start: this.#start, position, edge: isLive ? end : undefined });
    this.#overview.show({ start: this.#start, span, position });
    this.#seekBar.enable(state === "live" || this.#timeline.recording !== null);
    this.#seekBar.show({ position, end, span: this.#overview.span });
    const { status } = this.#sound;
    const isBehind = isLive && !isAtEdge && status?.live !== true;
    this.#clock.show({ position, end, isLive, isBehind, isOver: state === "ended" });
    this.lines.show(position);
    this.#latency.show(status, isLive && status?.live === true && status.playing, nowMs);
    if (status === this.#shown) return;
    this.#shown = status;
    this.#mixer.showLevels(status?.playing ? status : undefined, nowMs);
  }

  /** @param {number} nowMs */
  #liveEdge(nowMs) {
    const known = Math.max(this.#timeline.endSeconds, this.#sound.edge);
    if (known !== this.#known) {
      if (known < this.#known) this.#edge = 0;
      this.#known = known;
      this.#knownAt = nowMs;
    }
    const guess = known + Math.min(LONGEST_GUESS_SECONDS, (nowMs - this.#knownAt) / 1000);
    return this.#edge = Math.max(this.#edge, this.#timeline.paused ? known : guess);
  }
}

/** Where the ear is, how long the call is, how far behind. */
class ClockPanel {
  #position = element("position");
  #length = element("length");
  #behind = element("behind");
  #live = button("live");

  /**
   * @param {{ position: number, end: number, isLive: boolean, isBehind: boolean, isOver: boolean }}
   *   clock seconds; `isLive` while the call runs, `isBehind` when its past is heard
   */
  show({ position, end, isLive, isBehind, isOver }) {
    setText(this.#position, clockText(position));
    setText(this.#length, clockText(end));
    const lag = end - position;
    setText(
      this.#behind,
      isBehind ? `${clockText(Math.max(1, lag))} behind live` : isLive ? "live" : "",
    );
    setText(this.#live, isOver ? "To the end" : "Back to live");
    const isUseful = isLive ? isBehind : isOver && lag > 0.5;
    this.#live.toggleAttribute("data-wanted", isBehind);
    if (this.#live.disabled === isUseful) this.#live.disabled = !isUseful;
  }
}
