/** Longest piece of a received text that an error message repeats, in characters. */
const MAX_SHOWN_CHARS = 40;

/**
 * A received value for an error message: short, on one line, without control characters. Never use
 * it on what may be a secret or somebody's personal data; {@linkcode shownKind} is for those.
 */
export function shown(value: unknown): string {
  if (typeof value === "string") {
    if (value.length <= MAX_SHOWN_CHARS) return JSON.stringify(value);
    return `${JSON.stringify(value.slice(0, MAX_SHOWN_CHARS) + "…")} (${value.length} characters)`;
  }
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  return shownKind(value);
}

/** What sort of value was received, without the value. */
export function shownKind(value: unknown): string {
  if (value === undefined) return "nothing";
  if (value === null) return "null";
  if (Array.isArray(value)) return "an array";
  if (typeof value === "object") return "an object";
  if (typeof value === "string") return `text of ${value.length} characters`;
  return `a ${typeof value}`;
}
