/** Names longer than this are compared with nothing. */
const MAX_LENGTH = 64;

/**
 * The candidate that was probably meant by `name`: one that continues it, or one that takes edits of
 * at most half the letters; `undefined` when none is that near.
 */
export function nearestName(name: string, candidates: Iterable<string>): string | undefined {
  if (name.length > MAX_LENGTH) return undefined;
  let nearest: string | undefined;
  let least = Infinity;
  for (const candidate of candidates) {
    const continues = name.length > 2 && candidate.startsWith(`${name}_`);
    const distance = continues ? 1 : editDistance(name, candidate);
    if (distance < least && distance <= Math.max(name.length, candidate.length) / 2) {
      nearest = candidate;
      least = distance;
    }
  }
  return nearest;
}

/** Letters to insert, remove or replace to get from `from` to `to` (Levenshtein 1966). */
function editDistance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (let i = 1; i <= from.length; i++) {
    const next = [i];
    for (let j = 1; j <= to.length; j++) {
      const replaced = row[j - 1] + (from[i - 1] === to[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, row[j] + 1, next[j - 1] + 1));
    }
    row = next;
  }
  return row[to.length];
}
