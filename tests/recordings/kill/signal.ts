/** What the calls of the killed processes sound like: every sample tells its call and its place. */

export const RATE = 8000;
export const FRAME = 400;

/** Sample `i` of a side of a call; never 0. */
export function sampleOf(call: number, side: "user" | "bot", i: number): number {
  const value = 1 + (i * 7 + call * 131) % 20_011;
  return side === "user" ? value : -value;
}

/** The position at which a call is at a step of the process; calls begin within a second, so that they
 * fill blocks at different moments. */
export function positionOf(call: number, step: number): number {
  return Math.max(0, step - (call * 7) % 20) * FRAME;
}
