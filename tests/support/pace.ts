/** Something to be done at a time of its own. */
export interface Timed {
  /** Since the pace began. */
  readonly atMs: number;
}

/**
 * Calls `act` for each item when its time has come, on an absolute schedule: a late timer delays
 * what is due but never what follows. Settles after the last item, or when `signal` aborts.
 *
 * @param items ordered by `atMs`; may be generated while it runs
 */
export async function pace<Item extends Timed>(
  items: Iterable<Item>,
  act: (item: Item) => void,
  signal?: AbortSignal,
): Promise<void> {
  const startMs = performance.now();
  for (const item of items) {
    const waitMs = startMs + item.atMs - performance.now();
    if (waitMs > 0) await sleep(waitMs, signal);
    if (signal?.aborted) return;
    act(item);
  }
}

function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const done = () => {
    clearTimeout(timer);
    signal?.removeEventListener("abort", done);
    resolve();
  };
  const timer = setTimeout(done, ms);
  signal?.addEventListener("abort", done);
  if (signal?.aborted) done();
  return promise;
}
