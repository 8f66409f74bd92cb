// @ts-check

/**
 * @typedef {"idle" | "connecting" | "buffering" | "live" | "silence" | "reconnecting" | "suspended"
 *   | "ended" | "refused"} State
 */

/**
 * What the page says in each state: `label` above, `hint` below, the button, the title.
 *
 * @type {Record<State, { label: string, hint: string, button: string, icon: "play" | "stop" }>}
 */
export const STATES = {
  idle: {
    label: "Ready",
    hint: "Press play to listen to this call.",
    button: "Listen",
    icon: "play",
  },
  connecting: { label: "Connecting", hint: "Opening the stream.", button: "Stop", icon: "stop" },
  buffering: {
    label: "Starting",
    hint: "Waiting for the first sound.",
    button: "Stop",
    icon: "stop",
  },
  live: { label: "Live", hint: "You hear both sides of the call.", button: "Stop", icon: "stop" },
  silence: { label: "Silence", hint: "Nobody is speaking.", button: "Stop", icon: "stop" },
  reconnecting: {
    label: "Reconnecting",
    hint: "The connection was lost. It comes back by itself.",
    button: "Stop",
    icon: "stop",
  },
  suspended: {
    label: "Paused by the device",
    hint: "Something else took the sound. Press play to go on, live.",
    button: "Listen",
    icon: "play",
  },
  ended: { label: "Call ended", hint: "This call is over.", button: "Listen", icon: "play" },
  refused: { label: "Cannot listen", hint: "", button: "Try again", icon: "play" },
};

/**
 * The one state to show, from the three parties that each know a part of it.
 *
 * @param {{ connection: string, context: string, audio?: { playing: boolean, finished: boolean,
 *   playedFrames: number, silentMs: number, keepalive: boolean } | undefined }} parts
 * @returns {State}
 */
export function stateOf({ connection, context, audio }) {
  if (connection === "refused") return "refused";
  if (connection === "ended" && (!audio || audio.finished || audio.playedFrames === 0)) {
    return "ended";
  }
  if (connection === "removed") return "ended";
  if (connection === "idle") return "idle";
  if (context !== "running" && context !== "starting") return "suspended";
  if (connection === "connecting") return "connecting";
  if (connection === "reconnecting") return "reconnecting";
  if (!audio || audio.playedFrames === 0) return "buffering";
  return audio.keepalive ? "silence" : "live";
}

/** Seconds as 0:07, 12:34 or 1:02:03. @param {number} seconds */
export function clockText(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  const parts = [Math.floor(whole / 60) % 60, whole % 60];
  const hours = Math.floor(whole / 3600);
  const [minutes, rest] = parts.map((part) => String(part).padStart(2, "0"));
  return hours > 0 ? `${hours}:${minutes}:${rest}` : `${parts[0]}:${rest}`;
}
