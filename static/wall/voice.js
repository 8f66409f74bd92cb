// @ts-check
/// <reference lib="dom" />
import { Listening } from "../listening.js";
import { withToken } from "../session.js";
import { callHref } from "./hrefs.js";

/**
 * One live call's sound, for the handover.
 *
 * @param {string} id
 * @param {string} token
 * @param {(state: import("./handover.js").VoiceState, detail?: string) => void} onState
 * @returns {import("./handover.js").Voice}
 */
export function liveVoice(id, token, onState) {
  let connection = "connecting";
  let detail = "";
  /** @type {import("../listening.js").Status | undefined} */
  let audio;
  const tell = () => onState(stateOf(connection, listening.context.state, audio), detail);
  const listening = new Listening({
    tap: location.hash === "#tap",
    onConnection(report) {
      connection = report.state;
      detail = "title" in report ? String(report.title) : "";
      tell();
    },
    onStatus(status) {
      audio = status;
      tell();
    },
    onContext: tell,
  });
  const url = withToken(callHref("live", id, "ws"), token);
  return {
    start() {
      listening.start({ url: url.replace(/^http/, "ws"), statusUrl: url }).catch(() => {
        const why = isSecureContext ? "This browser cannot play the call" : "Sound needs https";
        onState("failed", why);
      });
    },
    setGain(gain) {
      listening.setMix({ volume: gain });
    },
    stop: () => listening.stop(),
  };
}

/**
 * @param {string} connection
 * @param {string} context
 * @param {{ playing: boolean, keepalive: boolean, finished: boolean } | undefined} audio
 * @returns {import("./handover.js").VoiceState}
 */
function stateOf(connection, context, audio) {
  if (connection === "refused") return "failed";
  if (connection === "removed") return "ended";
  if (connection === "ended" && (audio === undefined || audio.finished)) return "ended";
  if (connection === "connecting") return "connecting";
  if (context !== "running") return "suspended";
  if (connection === "reconnecting") return "reconnecting";
  if (audio?.keepalive) return "silent";
  return audio?.playing ? "playing" : "open";
}
