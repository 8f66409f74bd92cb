// @ts-check

/** A recording is finished some seconds after its call. */
const RECORDING_WAITS_MS = [500, 2000, 5000];

/** @typedef {{ status: number, message?: string | undefined, recordingUrl?: string | undefined }} Answer */

/**
 * Browsers hide why an upgrade was refused; the same address by plain HTTP says it.
 *
 * @param {string} statusUrl
 * @param {(url: string) => Promise<{ status: number, json(): Promise<unknown> }>} fetch
 * @returns {Promise<Answer | undefined>} nothing when the server cannot be reached
 */
export async function ask(statusUrl, fetch) {
  try {
    const response = await fetch(statusUrl);
    const body = await response.json().catch(() => undefined);
    const { message, recordingUrl } = errorOf(body);
    return { status: response.status, message, recordingUrl };
  } catch {
    return undefined;
  }
}

/**
 * Asks until the recording of a call that has ended is there, three times at most.
 *
 * @param {() => Promise<Answer | undefined>} ask
 * @param {(ms: number) => Promise<unknown>} wait
 * @returns {Promise<string | undefined>} its address
 */
export async function findRecording(ask, wait) {
  for (const waitMs of RECORDING_WAITS_MS) {
    await wait(waitMs);
    const answer = await ask();
    if (answer?.recordingUrl) return answer.recordingUrl;
    if (answer === undefined || answer.status === 404) break;
  }
  return undefined;
}

/**
 * @param {unknown} body
 * @returns {{ message?: string, recordingUrl?: string }}
 */
function errorOf(body) {
  const { error } = /** @type {{ error?: object }} */ (body ?? {});
  return error ?? {};
}
