// @ts-check
import { lastUtterance } from "./utterances.js";

const NEAR_SECONDS = 5;
const FAR_SECONDS = 15;
/** Speech is heard a moment before it is loud. */
const LEAD_SECONDS = 0.15;

/** @type {Record<string, number>} */
export const SPEEDS = { speed1: 1, speed2: 1.25, speed3: 1.5, speed4: 2 };

/** @type {Record<string, number>} */
const JUMPS = {
  back: -NEAR_SECONDS,
  forward: NEAR_SECONDS,
  backFar: -FAR_SECONDS,
  forwardFar: FAR_SECONDS,
};

/**
 * Where a command goes.
 *
 * @param {import("./keys.js").Command} command
 * @param {number} position of the ear, in seconds
 * @param {import("./call_timeline.js").CallTimeline} timeline
 * @returns {number | undefined} seconds; none when the command goes nowhere
 */
export function targetOf(command, position, timeline) {
  if (command in JUMPS) return position + JUMPS[command];
  if (command === "start") return timeline.fromSeconds;
  if (command !== "lastBot") return undefined;
  const { peaks, pixelsPerSecond, fromSeconds } = timeline;
  const before = Math.round(position * pixelsPerSecond);
  const earliest = Math.ceil(fromSeconds * pixelsPerSecond);
  const pixel = lastUtterance(peaks, "bot", before, earliest);
  return pixel === undefined
    ? undefined
    : Math.max(fromSeconds, pixel / pixelsPerSecond - LEAD_SECONDS);
}
