// @ts-check

/**
 * @typedef {"opening" | "offline" | "announced" | "idle" | "connecting" | "live" | "silence"
 *   | "private" | "interrupted" | "behind" | "held" | "reconnecting" | "blocked" | "suspended" | "playing"
 *   | "ended" | "completing" | "over" | "full" | "refused"} State
 */

/**
 * @typedef {object} Words What the page says in a state.
 * @property {string} label
 * @property {string} hint
 * @property {string} button
 * @property {"play" | "pause"} icon
 */

/** @type {Record<State, Words>} */
export const STATES = {
  opening: { label: "Opening", hint: "Fetching the call.", button: "Listen", icon: "play" },
  offline: {
    label: "You are offline",
    hint: "This device has no network. It goes on by itself when there is one again.",
    button: "Pause",
    icon: "pause",
  },
  announced: {
    label: "Not begun yet",
    hint: "The call is announced. It is heard from its first sound on.",
    button: "Listen",
    icon: "play",
  },
  idle: {
    label: "Ready",
    hint: "The call is running. Press Listen, or choose an earlier moment.",
    button: "Listen",
    icon: "play",
  },
  connecting: {
    label: "Connecting",
    hint: "Waiting for the first sound.",
    button: "Pause",
    icon: "pause",
  },
  live: { label: "Live", hint: "You hear the call as it happens.", button: "Pause", icon: "pause" },
  silence: {
    label: "Live, both silent",
    hint: "Nobody is speaking. The connection is good.",
    button: "Pause",
    icon: "pause",
  },
  private: {
    label: "Paused for privacy",
    hint: "The call goes on. What is said now is neither heard nor recorded.",
    button: "Pause",
    icon: "pause",
  },
  interrupted: {
    label: "The call's line is lost",
    hint: "The server waits for the agent to come back. Earlier moments can be heard.",
    button: "Pause",
    icon: "pause",
  },
  behind: {
    label: "Behind live",
    hint: "You hear what was said earlier, while the call goes on.",
    button: "Pause",
    icon: "pause",
  },
  held: {
    label: "Paused by you",
    hint: "The call goes on. Play continues here, Back to live skips ahead.",
    button: "Play",
    icon: "play",
  },
  reconnecting: {
    label: "Reconnecting",
    hint: "The server cannot be reached. It goes on by itself when it can.",
    button: "Pause",
    icon: "pause",
  },
  blocked: {
    label: "Something in between blocks the sound",
    hint: "A proxy or firewall on the way passes no WebSockets. Ask whoever runs it to let them " +
      "through; it is tried again by itself.",
    button: "Pause",
    icon: "pause",
  },
  suspended: {
    label: "Paused by the device",
    hint: "Something else took the sound. Press Listen to go on.",
    button: "Listen",
    icon: "play",
  },
  playing: {
    label: "Recording",
    hint: "The call is over. You hear its recording.",
    button: "Pause",
    icon: "pause",
  },
  ended: {
    label: "Call ended",
    hint: "Press Play to hear the recording, or choose a moment.",
    button: "Play",
    icon: "play",
  },
  completing: {
    label: "Call ended",
    hint: "Its recording is being completed. That takes some seconds.",
    button: "Play",
    icon: "play",
  },
  over: {
    label: "Call ended",
    hint: "There is no recording to play.",
    button: "Play",
    icon: "play",
  },
  full: {
    label: "Too many listeners",
    hint: "Wait until someone leaves, then try again.",
    button: "Retry",
    icon: "play",
  },
  refused: { label: "Cannot listen", hint: "", button: "Retry", icon: "play" },
};

/**
 * @typedef {object} Parts What the parties that each know a part of it say.
 * @property {number} [refused] the status of a refusal
 * @property {boolean} isReachable whether the server is
 * @property {boolean} isOnline whether the device has a network
 * @property {"unknown" | "announced" | "live" | "ended"} call
 * @property {boolean} isPrivate
 * @property {boolean} isIngestLost
 * @property {string} [recording] its state, if there is one
 * @property {boolean} hasStarted whether somebody has asked for sound
 * @property {boolean} isHeld whether they have paused it again
 * @property {boolean} isSuspended whether the device has
 * @property {string} connection of the live stream
 * @property {boolean} [isBlocked] whether the server answers, but no WebSocket comes through
 * @property {{ playing: boolean, finished: boolean, live: boolean, keepalive: boolean }} [audio]
 */

/**
 * The one state to show.
 *
 * @param {Parts} parts
 * @returns {State}
 */
export function stateOf(parts) {
  const { call, audio, connection } = parts;
  if (parts.refused !== undefined) return parts.refused === 429 ? "full" : "refused";
  const isLost = !parts.isReachable || connection === "reconnecting";
  const isBlocked = parts.isReachable && connection === "reconnecting" && parts.isBlocked;
  const lost = !parts.isOnline ? "offline" : isBlocked ? "blocked" : "reconnecting";
  if (call === "unknown") return isLost ? lost : "opening";
  if (connection === "removed") return "over";
  if (parts.isSuspended && parts.hasStarted && !parts.isHeld) return "suspended";
  if (call === "ended" && isLost && parts.hasStarted && !audio) return lost;
  if (call === "ended") return afterCall(parts);
  if (!parts.hasStarted) return call === "announced" ? "announced" : "idle";
  if (parts.isHeld) return "held";
  if (isLost) return lost;
  if (call === "announced") return "announced";
  if (!audio || connection === "connecting") return "connecting";
  if (!audio.live) return "behind";
  if (parts.isPrivate) return "private";
  if (parts.isIngestLost) return "interrupted";
  return audio.keepalive ? "silence" : "live";
}

/** @param {Parts} parts @returns {State} */
function afterCall({ hasStarted, isHeld, audio, recording, connection }) {
  if (hasStarted && !audio && connection === "connecting") return "connecting";
  // The end of the call is still on its way to the ear.
  if (hasStarted && !isHeld && audio && !audio.finished) return audio.live ? "live" : "playing";
  if (recording === "recording") return "completing";
  return recording === "complete" || recording === "recovered" ? "ended" : "over";
}

/** Seconds as 0:07, 12:34 or 1:02:03. @param {number} seconds */
export function clockText(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  const parts = [Math.floor(whole / 60) % 60, whole % 60];
  const hours = Math.floor(whole / 3600);
  const [minutes, rest] = parts.map((part) => String(part).padStart(2, "0"));
  return hours > 0 ? `${hours}:${minutes}:${rest}` : `${parts[0]}:${rest}`;
}
