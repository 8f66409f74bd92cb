// @ts-check

/** Room to the right of the live edge, as a part of the span, so that the edge can be seen. */
const EDGE_ROOM = 0.03;
/** How far a still view turns over when the playhead leaves it. */
const PAGE = 0.85;

/** Lengths that an overview of a running call has: it grows in steps, not with every second. */
const STEPS_SECONDS = [60, 120, 300, 600, 900, 1200, 1800, 2700, 3600, 5400, 7200];

/**
 * Which second stands at the left border of the lane. The playhead is in the middle, but near the
 * beginning and near the end, where it moves and the lane stands still.
 *
 * @param {{ position: number, end: number, span: number, isLive: boolean, isStill?: boolean }} view
 *   in seconds; `isStill` for people who want no motion: the lane then turns pages
 */
export function laneStart({ position, end, span, isLive, isStill = false }) {
  if (isStill) {
    const page = span * PAGE;
    return Math.max(0, Math.floor(position / page) * page);
  }
  const room = isLive ? span * EDGE_ROOM : 0;
  return Math.max(0, Math.min(position - span / 2, end + room - span));
}

/**
 * How many seconds the overview spans.
 *
 * @param {number} end of the call, in seconds
 * @param {boolean} isLive whether it grows
 */
export function overviewSpan(end, isLive) {
  if (!isLive) return Math.max(1, end);
  const wanted = end * 1.02 + 1;
  return STEPS_SECONDS.find((seconds) => seconds >= wanted) ?? Math.ceil(wanted / 3600) * 3600;
}
