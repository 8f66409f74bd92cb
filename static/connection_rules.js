// @ts-check

const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 15_000;

/**
 * How long to wait before connecting again: doubles up to 15 s, half of it random so that listeners
 * of a restarted server do not all return at once.
 *
 * @param {number} attempt 0 for the first
 * @param {number} random 0 to 1
 */
export function backoffMs(attempt, random) {
  const most = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** attempt);
  return most * (0.5 + 0.5 * random);
}

/**
 * The stream as the player takes it: both sides, silence as well, with positions. Silence costs no more
 * than speech, and tells a call in which nobody speaks from a network that fails.
 *
 * @param {string} url of the plain stream
 * @param {number} [from] seconds into the call; left out, live
 */
export function streamUrl(url, from) {
  const asked = new URL(url);
  const query = { channels: "2", silence: "pcm", events: "1" };
  for (const [name, value] of Object.entries(query)) asked.searchParams.set(name, value);
  if (from !== undefined) asked.searchParams.set("from", String(from));
  return asked.href;
}

/**
 * What the close of an open stream means.
 *
 * @param {number} code of the close event
 * @returns {"ended" | "removed" | "revoked" | "reconnect"}
 */
export function meaningOfClose(code) {
  if (code === 1000) return "ended";
  if (code === 4404) return "removed";
  if (code === 1008) return "revoked";
  // 1001 server going away, 1006 line lost, 1012 restart, 1013 too slow, and whatever else.
  return "reconnect";
}

/**
 * Why the server would not open the stream, and what the listener can do. `undefined` when the
 * answer is not a refusal (426: it would have worked; 5xx: try again).
 *
 * @param {number} status
 * @param {string} [detail] the server's own message
 */
export function refusal(status, detail = "") {
  /** @type {Record<number, { title: string, advice: string }>} */
  const known = {
    401: {
      title: "This link is not valid",
      advice: "Its key is missing, expired or revoked. Ask whoever sent it for a new link.",
    },
    403: {
      title: "Live listening is off for this call",
      advice: "It has to be switched on when the call starts (media.live).",
    },
    404: {
      title: "There is no such call",
      advice: "Check the link, or wait for the call to start and try again.",
    },
    429: {
      title: "Too many listeners",
      advice: "Wait until someone leaves, then try again.",
    },
  };
  const reason = known[status] ??
    (status >= 400 && status < 500 && ![408, 410, 425, 426].includes(status)
      ? { title: "The server refused the connection", advice: `It answered ${status}.` }
      : undefined);
  return reason === undefined ? undefined : { ...reason, detail, status };
}
