/** How long a message is tried before it is given up, ms. */
export const LIFETIME_MS = 24 * 60 * 60 * 1000;

/** Waits after the first, second, … failure, s; after the last of them always that one. */
const WAITS_SECONDS = [5, 30, 120, 300, 900, 1800, 3600];
const LONGEST_MS = 3_600_000;
/** So that messages which failed together do not return together. */
const JITTER = 0.2;

/**
 * How long to wait before a message is tried again, ms.
 *
 * @param failures so far, at least 1
 * @param random 0 to 1
 * @param retryAfterMs what the receiver asked for, if it did; followed up to an hour
 */
export function retryDelayMs(failures: number, random: number, retryAfterMs = 0): number {
  const seconds = WAITS_SECONDS[Math.min(failures, WAITS_SECONDS.length) - 1];
  const delayMs = seconds * 1000 * (1 - JITTER + 2 * JITTER * random);
  return Math.max(delayMs, Math.min(retryAfterMs, LONGEST_MS));
}
