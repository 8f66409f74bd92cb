// @ts-check
/// <reference lib="dom" />
import { Listening } from "./listening.js";
import { takeToken, withToken } from "./session.js";
import { PlayerView } from "./player_view.js";
import { stateOf } from "./states.js";

/** @typedef {import("./listening.js").Status} AudioStatus */

// …/live/{id}/player, under whatever prefix the server is published.
const callId = decodeURIComponent(location.pathname.split("/").at(-2) ?? "");
const token = takeToken(`earshot.token:${callId}`);
const view = new PlayerView(callId, { onToggle: toggle, onVolume: setVolume });

/** @type {Listening | undefined} */
let listening;
/** @type {{ state: string, [detail: string]: unknown }} */
let connection = { state: "idle" };
/** @type {AudioStatus | undefined} */
let audio;
let startedAt = 0;

function toggle() {
  if (listening === undefined) return start();
  const { context } = listening;
  if (context.state !== "running" && startedAt > 0) return void context.resume().catch(() => {});
  stop({ state: "idle" });
}

function start() {
  startedAt = 0;
  audio = undefined;
  connection = { state: "connecting" };
  const session = new Listening({
    tap: location.hash === "#tap",
    onConnection(report) {
      connection = report;
      // A refusal has nothing to wait for; the end of a call has its tail to play.
      if (report.state === "refused" || report.state === "removed") stop(report);
      show();
    },
    onStatus(status) {
      audio = status;
      view.showLevels(status);
      show();
    },
    onContext: show,
  });
  listening = session;
  session.setMix({ volume: view.volume });
  const url = new URL(withToken("ws", token));
  const statusUrl = url.href;
  url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  session.start({ url: url.href, statusUrl }).catch((error) => {
    stop({
      state: "refused",
      title: "This browser cannot play the call",
      advice: "Use a current version of Chrome, Edge, Firefox or Safari.",
      detail: String(error),
    });
  });
  show();
}

/** @param {{ state: string, [detail: string]: unknown }} because */
function stop(because) {
  listening?.stop();
  listening = undefined;
  connection = because;
  view.showLevels(undefined);
  show();
}

/** @param {number} gain */
function setVolume(gain) {
  listening?.setMix({ volume: gain });
}

function show() {
  const context = listening?.context.state ?? "running";
  if (context === "running" && audio && startedAt === 0) startedAt = performance.now();
  const starting = context === "suspended" && startedAt === 0 && connection.state === "connecting";
  const state = stateOf({
    connection: connection.state,
    context: starting ? "starting" : context,
    audio,
  });
  if (state === "suspended") view.showLevels(undefined);
  const playing = audio?.playing === true && state !== "suspended";
  const recordingUrl = connection.recordingUrl;
  view.show(state, {
    ...connection,
    recordingHref: typeof recordingUrl === "string" ? withToken(recordingUrl, token) : "",
    audio,
    listenedMs: startedAt === 0 ? 0 : performance.now() - startedAt,
    latencyMs: playing ? audio?.latency.totalMs : undefined,
  });
  if (state === "ended" && connection.state === "ended" && connection.recordingUrl) stopSound();
}

/** The call is over and its recording found: nothing is left to wait for. */
function stopSound() {
  listening?.stop();
  listening = undefined;
  view.showLevels(undefined);
}

show();
