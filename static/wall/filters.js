// @ts-check

/**
 * @typedef {object} Filter
 * @property {string} text words that all have to be in the id or the metadata; `key:value` looks at one
 *   kind of metadata alone
 * @property {"" | "live" | "announced" | "ended"} state
 * @property {string} metadata `key=value`, or empty
 * @property {boolean} warnings only calls with an active warning
 */

/** @type {Filter} */
export const NO_FILTER = { text: "", state: "", metadata: "", warnings: false };

/** Kinds of metadata with more values than these are no choice but a search. */
const MOST_VALUES = 24;
const MOST_KEYS = 12;

/** @typedef {import("./calls_model.js").WallCall} WallCall */

/** Whether any wish is expressed. @param {Filter} filter */
export function isFiltering({ text, state, metadata, warnings }) {
  return text.trim() !== "" || state !== "" || metadata !== "" || warnings;
}

/**
 * Makes a test of a filter: what can be prepared is prepared once, not for each call.
 *
 * @param {Filter} filter
 * @returns {(call: Pick<WallCall, "id" | "state" | "metadata" | "warnings">) => boolean}
 */
export function matcher({ text, state, metadata, warnings }) {
  const words = text.toLowerCase().split(/\s+/).filter((word) => word !== "");
  const equals = metadata.indexOf("=");
  const key = metadata.slice(0, equals);
  const value = metadata.slice(equals + 1);
  return (call) => {
    if (state !== "" && call.state !== state) return false;
    if (warnings && call.warnings.size === 0) return false;
    if (metadata !== "" && call.metadata[key] !== value) return false;
    return words.every((word) => hasWord(call, word));
  };
}

/**
 * @param {Pick<WallCall, "id" | "metadata">} call
 * @param {string} word in lower case
 */
function hasWord({ id, metadata }, word) {
  if (id.toLowerCase().includes(word)) return true;
  const entries = Object.entries(metadata);
  if (entries.some(([, value]) => value.toLowerCase().includes(word))) return true;
  const colon = word.indexOf(":");
  if (colon <= 0) return entries.some(([key]) => key.toLowerCase() === word);
  const [key, value] = [word.slice(0, colon), word.slice(colon + 1)];
  return entries.some(([name, text]) =>
    name.toLowerCase() === key && text.toLowerCase().includes(value)
  );
}

/**
 * What calls can be chosen by: each kind of metadata with its values, sorted. Kinds that differ from call
 * to call (numbers, ids) are left to the search.
 *
 * @param {Iterable<Pick<WallCall, "metadata">>} calls
 * @returns {[string, string[]][]}
 */
export function choices(calls) {
  /** @type {Map<string, Set<string>>} */
  const values = new Map();
  for (const { metadata } of calls) {
    for (const [key, value] of Object.entries(metadata)) {
      const known = values.get(key);
      if (known === undefined) values.set(key, new Set([value]));
      else if (known.size <= MOST_VALUES) known.add(value);
    }
  }
  return [...values]
    .filter(([, known]) => known.size > 1 && known.size <= MOST_VALUES)
    .sort(([a], [b]) => a.localeCompare(b))
    .slice(0, MOST_KEYS)
    .map(([key, known]) => [key, [...known].sort((a, b) => a.localeCompare(b))]);
}
