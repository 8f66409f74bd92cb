/** How long a test waits for what must come: a busy machine takes its time, and what hangs is told. */
export const PATIENCE_MS = 30_000;

/**
 * Asks again until it is as wished.
 *
 * @param what is awaited, for the error
 * @returns the answer that was as wished
 * @throws after {@linkcode PATIENCE_MS}, with what was answered last
 */
export async function until<T>(
  ask: () => T | Promise<T>,
  is: (answer: T) => boolean,
  what: string,
): Promise<T> {
  const deadlineMs = performance.now() + PATIENCE_MS;
  for (let pauseMs = 1;; pauseMs = Math.min(25, 2 * pauseMs)) {
    const answer = await ask();
    if (is(answer)) return answer;
    if (performance.now() > deadlineMs) throw new Error(`${what}: ${JSON.stringify(answer)}`);
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
}
