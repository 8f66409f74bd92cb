// @ts-check

/** Metadata that says who is on the line, the most telling first. */
const WHO = ["caller", "from", "callerName", "name", "customer", "user", "phone", "to"];
const AGENT = ["agent", "agentName", "bot", "assistant", "agentId"];

/** @typedef {{ id: string, metadata: Record<string, string> }} Named */

/**
 * The first of `names` that the metadata has, in whatever case it was written.
 *
 * @param {Record<string, string>} metadata
 * @param {string[]} names
 */
function find(metadata, names) {
  const keys = Object.keys(metadata);
  const isGiven = (/** @type {string} */ name) => (/** @type {string} */ key) =>
    key.toLowerCase() === name.toLowerCase() && metadata[key].trim() !== "";
  for (const name of names) {
    const key = keys.find(isGiven(name));
    if (key !== undefined) return key;
  }
  return undefined;
}

/**
 * What to call a call: who is on the line, which agent, and the rest of what is known of it. Without a
 * caller, its id is its name.
 *
 * @param {Named} call
 * @returns {{ who: string, agent: string, rest: [string, string][] }} `agent` empty when not told
 */
export function nameOf({ id, metadata }) {
  const who = find(metadata, WHO);
  const agent = find(metadata, AGENT);
  const rest = Object.entries(metadata).filter(([key, value]) =>
    key !== who && key !== agent && value.trim() !== ""
  );
  return {
    who: who === undefined ? id : metadata[who],
    agent: agent === undefined ? "" : metadata[agent],
    rest,
  };
}
