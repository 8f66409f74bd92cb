// @ts-check

/**
 * @typedef {object} MarkRange A stretch of a call without sound, and why.
 * @property {"paused" | "gap"} kind
 * @property {number} from samples
 * @property {number} to samples, exclusive; `Infinity` while it lasts
 */

/**
 * The stretches that marks tell of: from `paused` to `resumed`, and gaps.
 *
 * @param {readonly import("./mark_text.js").Mark[]} marks by position
 * @returns {MarkRange[]}
 */
export function markRanges(marks) {
  /** @type {MarkRange[]} */
  const ranges = [];
  /** @type {MarkRange | undefined} */
  let pause;
  for (const { type, position, data } of marks) {
    if (type === "paused" && pause === undefined) {
      ranges.push(pause = { kind: "paused", from: position, to: Infinity });
    } else if (type === "resumed") {
      if (pause !== undefined) pause.to = position;
      pause = undefined;
    } else if (type === "gap") {
      const samples = Number(/** @type {{ samples?: unknown }} */ (data ?? {}).samples);
      if (samples > 0) ranges.push({ kind: "gap", from: position, to: position + samples });
    }
  }
  return ranges;
}
