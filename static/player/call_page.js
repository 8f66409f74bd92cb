// @ts-check
/// <reference lib="dom" />
import { refusal } from "../connection_rules.js";
import { stateOf } from "../states.js";
import { takeSlot } from "../stream_slots.js";
import { CallTimeline } from "./call_timeline.js";
import { CommandBoard } from "./command_board.js";
import { button, element, setText } from "./elements.js";
import { MixerPanel } from "./mixer_panel.js";
import { Screen } from "./screen.js";
import { Sound } from "./sound.js";
import { TimelineFeed } from "./timeline_feed.js";

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
  #board;
  /** @type {import("./timeline_feed.js").FeedReport} */
  #feedReport = { state: "connecting" };
  /** Renews how long the server has been away. @type {ReturnType<typeof setTimeout> | undefined} */
  #tick;

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
      recordingUrl: address.api("recording"),
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
        now: () => performance.now(),
        random: Math.random,
        takeSlot,
      },
    );
    this.#board = new CommandBoard({
      timeline: this.#timeline,
      sound: this.#sound,
      mixer: this.#mixer,
      screen: this.#screen,
      onToggle: () => this.#toggle(),
      onAnswer: (text) => states.answer(text),
    });
    new CopyButton(address.linkWith(token), (text) => states.answer(text));
    addEventListener("online", () => this.#feedReport.state === "lost" && this.#feed.open());
    // What nobody sees needs no line; its sound has one of its own.
    document.addEventListener("visibilitychange", () => {
      if (this.#feedReport.state === "refused" || this.#feedReport.state === "done") return;
      if (document.hidden) this.#feed.close();
      else void this.#feed.open();
    });
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
    if (change === "snapshot" || change === "state") this.#describe();
    this.#after.show(this.#timeline);
    this.#showState();
  }

  #describe() {
    const { metadata, startedAt, state, listeners } = this.#timeline;
    const facts = Object.entries(metadata).slice(0, 12).map(([name, value]) => `${name}: ${value}`);
    if (startedAt > 0) facts.push(STARTED.format(startedAt));
    if (state === "live") facts.push(`${listeners} listening`);
    setText(element("about"), facts.join(" · ").slice(0, 500));
  }

  #toggle() {
    if (button("toggle").disabled) return;
    if (this.#sound.connection.state === "refused") this.#sound.stop();
    else if (this.#refusal !== undefined) return void this.#feed.open();
    this.#sound.toggle();
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
    if (sound.status?.live && sound.speed !== 1) this.#board.setSpeed("speed1");
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
      isBlocked: sound.connection.isBlocked === true,
      ...sound.status && { audio: sound.status },
    });
    const silentMs = sound.status?.silentMs ?? 0;
    const heardAtMs = this.#feedReport.state === "lost"
      ? this.#feedReport.sinceMs
      : Number(sound.connection.sinceMs ?? performance.now());
    const lostMs = performance.now() - heardAtMs;
    const isLost = state === "reconnecting" || state === "blocked";
    this.#states.show(state, /** @type {any} */ (refusal ?? {}), isLost ? lostMs : silentMs);
    clearTimeout(this.#tick);
    if (isLost) this.#tick = setTimeout(() => this.#showState(), 1000);
  }
}

const DONE_MS = 2000;

/** Copies the link that opens this call alone. */
class CopyButton {
  #button = button("copy");

  /**
   * @param {string} link
   * @param {(text: string) => void} onAnswer
   */
  constructor(link, onAnswer) {
    this.#button.disabled = false;
    this.#button.addEventListener("click", async () => {
      const isCopied = await copy(link);
      onAnswer(
        isCopied ? "Link copied. It opens this call alone." : "Copy the address bar instead.",
      );
      this.#button.textContent = isCopied ? "Copied" : "Use the address bar";
      setTimeout(() => this.#button.textContent = "Copy link", DONE_MS);
    });
  }
}

/** @param {string} text */
async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copyByHand(text);
  }
}

/** Without https there is no clipboard but the old one. @param {string} text */
function copyByHand(text) {
  const field = Object.assign(document.createElement("textarea"), { value: text, readOnly: true });
  field.className = "hidden-text";
  document.body.append(field);
  const focused = document.activeElement;
  field.select();
  const isCopied = document.execCommand("copy");
  field.remove();
  if (focused instanceof HTMLElement) focused.focus();
  return isCopied;
}
