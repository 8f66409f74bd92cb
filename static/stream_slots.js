// @ts-check
/// <reference lib="dom" />

/** A browser opens six connections to a server over HTTP/1.1; half of them are left for all else. */
const SLOTS = 3;

/**
 * Takes one of the places for a stream that stays open, which all pages of this browser share.
 *
 * @returns {Promise<(() => void) | undefined>} gives it back; nothing when none is free. Where the
 *   browser has no locks (plain http) there is always one
 */
export async function takeSlot() {
  if (navigator.locks === undefined) return () => {};
  for (let slot = 0; slot < SLOTS; slot++) {
    const free = await tryToTake(`earshot.stream.${slot}`);
    if (free !== undefined) return free;
  }
  return undefined;
}

/** @param {string} name @returns {Promise<(() => void) | undefined>} */
function tryToTake(name) {
  return new Promise((resolve) => {
    navigator.locks.request(name, { ifAvailable: true }, (lock) => {
      if (lock === null) return resolve(undefined);
      return new Promise((free) => resolve(() => free(undefined)));
    }).catch(() => resolve(() => {}));
  });
}
