// @ts-check

/**
 * @typedef {object} Warning One that is active.
 * @property {string} code
 * @property {string} [track] "user" or "bot"
 * @property {string} [message] the server's own words
 * @property {number} since ms since the epoch, by the server's clock
 */

const SIDES = /** @type {Record<string, string>} */ ({ user: "Caller", bot: "Bot" });

/** What a code means, in words that fit onto a card; `{side}` is who it is about. @type {Record<string, string>} */
const WORDS = {
  track_silent: "{side} silent",
  both_silent: "Both sides silent",
  clipping: "{side} distorted",
  talk_over: "Bot talks over caller",
  ingest_lost: "Audio connection lost",
  recording_cap_near: "Recording limit near",
  recording_failed: "Recording failed",
  recording_too_slow: "Recording storage too slow",
};

/** Names one warning of a call. @param {{ code: string, track?: string | undefined }} warning */
export function warningKey({ code, track = "" }) {
  return `${code}/${track}`;
}

/** Short words for a warning. A code of a later server shows the server's own. @param {Omit<Warning, "since">} warning */
export function warningText({ code, track, message }) {
  const side = SIDES[track ?? ""] ?? "A side";
  const words = WORDS[code]?.replace("{side}", side);
  if (words !== undefined) return words;
  return message || code.replaceAll("_", " ");
}
