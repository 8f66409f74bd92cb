// @ts-check
/// <reference lib="dom" />
import { Announcer } from "./announcer.js";
import { Api } from "./api.js";
import { CallsModel } from "./calls_model.js";
import { ConnectionView } from "./connection_view.js";
import { EndedPages } from "./ended_pages.js";
import { CallFeed } from "./feed.js";
import { CallLinks } from "./call_links.js";
import { CallTokens } from "./call_tokens.js";
import { FirstCall } from "./first_call.js";
import { Levels } from "./levels.js";
import { nameOf } from "./naming.js";
import { element } from "./page.js";
import { Playing } from "./playing.js";
import { ServerClock } from "./server_clock.js";
import { takeSlot } from "../stream_slots.js";
import { WallView } from "./wall_view.js";
import { telling, warningKey, warningText } from "./warnings.js";

/** How often what passes by itself is renewed: often enough that no second is seen twice as long. */
const TICK_MS = 250;

const now = () => performance.now();

/**
 * The wall of calls for one key: connects the server's events with what is shown and heard. It lasts until
 * the key is forgotten or refused.
 */
export class Wall {
  #aborter = new AbortController();
  #clock = new ServerClock(now);
  #model = new CallsModel();
  #feed;
  #view;
  #ended;
  #connection;
  #levels;
  #playing;
  #onPage;
  #isLoaded = false;
  /** @type {ReturnType<typeof setInterval> | undefined} */
  #timer;

  /**
   * @param {string} token
   * @param {{
   *   onPage: (page: "loading" | "trouble" | "wall", why?: string) => void,
   *   onRefused: () => void,
   * }} handlers
   */
  constructor(token, { onPage, onRefused }) {
    const { signal } = this.#aborter;
    this.#onPage = onPage;
    const api = new Api(location.href, token);
    const announcer = new Announcer((text) => element("announcer").textContent = text, {
      now,
      setTimeout: (callback, ms) => setTimeout(callback, ms),
    });
    this.#ended = new EndedPages(api);
    new FirstCall(token, signal);
    new CallLinks(new CallTokens((id) => api.callToken(id), now), signal);
    this.#playing = new Playing(token, () => this.#view.showPlaying(), signal);
    this.#view = new WallView(
      { model: this.#model, clock: this.#clock, ended: this.#ended, api },
      this.#playing,
      signal,
    );
    this.#levels = new Levels((id) => this.#view.card(id), {
      now,
      requestFrame: (callback) => requestAnimationFrame(callback),
    });
    this.#feed = new CallFeed({
      model: this.#model,
      clock: this.#clock,
      api,
      ended: this.#ended,
      request: { url: new URL("events?levels=1", location.href).href, token },
      world: {
        fetch: (url, init) => fetch(url, init),
        setTimeout: (callback, ms) => setTimeout(callback, ms),
        clearTimeout: (timer) => clearTimeout(/** @type {number} */ (timer)),
        now,
        random: Math.random,
        takeSlot,
      },
    }, {
      onChange: () => this.#view.request(),
      onLoaded: () => {
        this.#isLoaded = true;
        this.#view.restart();
        this.#onPage("wall");
      },
      onLevels: (levels) => this.#levels.take(levels),
      onWarning: (id, warning) => {
        const call = this.#model.get(id);
        if (call === undefined) return;
        const isStill = () => telling(call.warnings).has(warningKey(warning));
        announcer.warn(warningText(warning), nameOf(call).who, isStill);
      },
      onReport: (report) => {
        if (report.state === "refused") return onRefused();
        this.#connection.show(report, now());
        this.#tick();
      },
      metadata: () => this.#view.filter.metadata,
    });
    this.#connection = new ConnectionView(() => this.#feed.retry(), signal);
    globalThis.addEventListener("online", () => this.#feed.retry(), { signal });
  }

  start() {
    this.#onPage("loading");
    this.#feed.start();
    this.#timer = setInterval(() => this.#tick(), TICK_MS);
  }

  /** Ends all of it: the connection, the sound, what is shown. */
  stop() {
    clearInterval(this.#timer);
    this.#feed.stop();
    this.#ended.stop();
    this.#playing.stop();
    this.#aborter.abort();
    this.#view.clear();
  }

  #tick() {
    const nowMs = now();
    this.#connection.tick(nowMs);
    this.#levels.tick();
    this.#view.tick();
    if (this.#isLoaded) return;
    const { why } = this.#connection;
    if (why !== "") this.#onPage("trouble", why);
  }
}
