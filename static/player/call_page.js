// @ts-check
/// <reference lib="dom" />
import { refusal } from "../connection_rules.js";
import { stateOf } from "../states.js";
import { CallTimeline } from "./call_timeline.js";
import { SPEEDS, targetOf } from "./commands.js";
import { CopyButton } from "./copy_button.js";
import { button, element, setText } from "./elements.js";
import { KeyHelp } from "./key_help.js";
import { listenToKeys } from "./keyboard.js";
import { MixerPanel } from "./mixer_panel.js";
import { Screen } from "./screen.js";
import { Sound } from "./sound.js";
import { TimelineFeed } from "./timeline_feed.js";

/** @typedef {import("./keys.js").Command} Command */

const STARTED = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });

/** The page of a call that may be heard: connects what is known, what is heard and what is seen. */
export class CallPage {
  #timeline = new CallTimeline();
  #states;
  #after;
  #mixer;
  #sound;
  #screen;
  #feed;
  #keys = new KeyHelp();
  /** @type {import("./timeline_feed.js").FeedReport} */
  #feedReport = { state: "connecting" };

  /**
   * @param {import("./address.js").Address} address
   * @param {string} token
   * @param {import("./state_panel.js").StatePanel} states
   * @param {import("./after_panel.js").AfterPanel} after
   */
  constructor(address, token, states, after) {
    this.#states = states;
    this.#after = after;
    this.#mixer = new MixerPanel((mix) => this.#sound.setMix(mix));
    this.#sound = new Sound({
      timeline: this.#timeline,
      token,
      streamUrl: address.stream,
      mix: this.#mixer.mix,
      onChange: () => this.#showState(),
    });
    this.#screen = new Screen(
      this.#timeline,
      this.#sound,
      this.#mixer,
      (seconds) => this.#sound.seek(seconds),
    );
    this.#feed = new TimelineFeed(
      { url: address.api("timeline"), token },
      (type, data) => this.#learn(type, data),
      (report) => {
        this.#feedReport = report;
        this.#showState();
      },
      {
        fetch: (url, init) => fetch(url, init),
        setTimeout: (callback, ms) => setTimeout(callback, ms),
        clearTimeout: (timer) => clearTimeout(/** @type {number} */ (timer)),
        random: Math.random,
      },
    );
    new CopyButton(address.linkWith(token), (text) => states.answer(text));
    element("toggle").addEventListener("click", () => this.#do("toggle"));
    for (const control of document.querySelectorAll("[data-command]")) {
      const command = /** @type {Command} */ (control.getAttribute("data-command"));
      control.addEventListener("click", () => this.#do(command));
    }
    listenToKeys((command) => this.#do(command));
    addEventListener("online", () => this.#feedReport.state === "lost" && this.#feed.open());
    addEventListener("offline", () => this.#showState());
    void this.#feed.open();
  }

  /**
   * @param {string} type
   * @param {unknown} data
   */
  #learn(type, data) {
    const before = this.#timeline.state;
    const change = this.#timeline.apply(type, data);
    // It has begun: where it begins, and whether it is recorded, is in a snapshot alone.
    if (before === "announced" && type === "state" && this.#timeline.state === "live") {
      void this.#feed.open();
    }
    if (change === "snapshot" || change === "marks") this.#screen.refresh();
    if (change === "snapshot") this.#describe();
    this.#after.show(this.#timeline);
    this.#showState();
  }

  #describe() {
    const { metadata, startedAt } = this.#timeline;
    const facts = Object.entries(metadata).slice(0, 12).map(([name, value]) => `${name}: ${value}`);
    if (startedAt > 0) facts.push(STARTED.format(startedAt));
    setText(element("about"), facts.join(" · ").slice(0, 500));
  }

  /** @param {Command} command */
  #do(command) {
    const sound = this.#sound;
    const speed = SPEEDS[command];
    const seconds = targetOf(command, sound.position, this.#timeline);
    if (seconds !== undefined) return sound.seek(seconds);
    if (speed !== undefined) return this.#setSpeed(command);
    switch (command) {
      case "toggle":
        return this.#toggle();
      case "live":
        return this.#timeline.state === "ended"
          ? sound.seek(this.#timeline.endSeconds)
          : sound.goLive();
      case "lastBot":
        return this.#states.answer("The bot has not said anything yet");
      case "mute":
        return this.#mixer.toggleMute();
      case "louder":
        return this.#mixer.turn(1);
      case "softer":
        return this.#mixer.turn(-1);
      case "muteUser":
        return this.#mixer.user.toggle("mute");
      case "muteBot":
        return this.#mixer.bot.toggle("mute");
      case "soloUser":
        return this.#mixer.user.toggle("solo");
      case "soloBot":
        return this.#mixer.bot.toggle("solo");
      case "zoomIn":
        return void this.#screen.lane.zoom(1);
      case "zoomOut":
        return void this.#screen.lane.zoom(-1);
      case "follow":
        return this.#screen.lines.follow(!this.#screen.lines.isFollowing);
      case "keys":
        return this.#keys.toggle();
    }
  }

  /** @param {Command} command one of the speeds */
  #setSpeed(command) {
    this.#sound.setSpeed(SPEEDS[command]);
    for (const control of element("speeds").querySelectorAll("button")) {
      control.ariaPressed = String(control.dataset.command === command);
    }
  }

  #toggle() {
    if (button("toggle").disabled) return;
    if (this.#refusal === undefined) return this.#sound.toggle();
    this.#sound.stop();
    void this.#feed.open();
  }

  /** Why nothing can be heard, if so. */
  get #refusal() {
    const { connection } = this.#sound;
    const { state, mayListen } = this.#timeline;
    if (state === "live" && !mayListen) return refusal(403);
    if (connection.state === "refused") return connection;
    // Sound that is there goes on, whatever becomes of the picture.
    const isSounding = this.#sound.status !== undefined;
    return this.#feedReport.state === "refused" && !isSounding ? this.#feedReport : undefined;
  }

  #showState() {
    const { state: call, paused, ingestLost, recording } = this.#timeline;
    const sound = this.#sound;
    const refusal = this.#refusal;
    // The newest moment cannot be had faster.
    if (sound.status?.live && sound.speed !== 1) this.#setSpeed("speed1");
    element("player").toggleAttribute("data-unknown", call === "unknown" && refusal !== undefined);
    const state = stateOf({
      ...refusal && { refused: Number(refusal.status ?? 0) },
      isReachable: this.#feedReport.state !== "lost",
      isOnline: navigator.onLine,
      call,
      isPrivate: paused,
      isIngestLost: ingestLost,
      ...recording && { recording: recording.state },
      hasStarted: sound.hasStarted,
      isHeld: sound.isHeld,
      isSuspended: sound.isSuspended,
      connection: sound.connection.state,
      ...sound.status && { audio: sound.status },
    });
    this.#states.show(state, /** @type {any} */ (refusal ?? {}), sound.status?.silentMs ?? 0);
  }
}
