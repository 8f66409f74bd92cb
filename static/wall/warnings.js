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
  wav_header: "{side} sends a file header",
  ingest_lost: "Connection lost",
  recording_cap_near: "Recording limit near",
  recording_failed: "Recording failed",
  recording_too_slow: "Recording storage too slow",
};

/** Names one warning of a call. @param {{ code: string, track?: string | undefined }} warning */
export function warningKey({ code, track = "" }) {
  return `${code}/${track}`;
}

/**
 * Those that tell something: where nothing arrives it is no news that the sides are silent, and where
 * both are, that each is.
 *
 * @param {Map<string, Warning>} warnings
 * @returns {Map<string, Warning>}
 */
export function telling(warnings) {
  const isLost = warnings.has("ingest_lost/");
  const isSilent = isLost || warnings.has("both_silent/");
  return new Map(
    [...warnings].filter(([, { code }]) =>
      !(code === "both_silent" && isLost) && !(code === "track_silent" && isSilent)
    ),
  );
}

/** Short words for a warning. A code of a later server shows the server's own. @param {Omit<Warning, "since">} warning */
export function warningText({ code, track, message }) {
  const side = SIDES[track ?? ""] ?? "A side";
  const words = WORDS[code]?.replace("{side}", side);
  if (words !== undefined) return words;
  return message || code.replaceAll("_", " ");
}
