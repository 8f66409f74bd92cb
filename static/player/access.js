// @ts-check
import { backoffMs, refusal } from "../connection_rules.js";

const DAY_SECONDS = 86_400;

/**
 * @typedef {object} AccessWorld What is asked of the world, so that tests can give their own.
 * @property {(url: string, init: RequestInit) => Promise<Response>} fetch
 * @property {(ms: number) => Promise<unknown>} wait
 * @property {() => number} random
 */

/**
 * @typedef {{ token: string }
 *   | { title: string, advice: string, detail: string, status: number }} Access A token of this call
 *   alone, or why there is none.
 */

/**
 * Gets a token that opens this call and nothing else in exchange for an API key. A token of this
 * call's is answered as it is. Tries again while the server cannot be reached.
 *
 * @param {{ callId: string, credential: string, tokensUrl: string }} request
 * @param {AccessWorld} world
 * @param {() => void} onWait called when the server cannot be reached, each time
 * @returns {Promise<Access>}
 */
export async function getAccess({ callId, credential, tokensUrl }, world, onWait) {
  if (credential === "" || isCallToken(credential, callId)) return { token: credential };
  for (let attempt = 0;; attempt++) {
    const answer = await ask(tokensUrl, credential, world);
    if (typeof answer?.body?.token === "string") return { token: answer.body.token };
    const status = answer?.status ?? 0;
    const refused = refusal(status, answer?.body?.error?.message);
    if (refused) return refused;
    // A call that has ended and was not recorded is open to nobody any more.
    if (status === 410) {
      return {
        status,
        title: "This call has ended",
        advice: "It was not recorded.",
        detail: answer?.body?.error?.message ?? "",
      };
    }
    onWait();
    await world.wait(backoffMs(attempt, world.random()));
  }
}

/**
 * @param {string} url
 * @param {string} key
 * @param {AccessWorld} world
 * @returns {Promise<{ status: number, body: any } | undefined>} nothing when there is no answer
 */
async function ask(url, key, world) {
  try {
    const response = await world.fetch(url, {
      method: "POST",
      headers: { "x-api-key": key, "content-type": "application/json" },
      body: JSON.stringify({ scope: ["listen", "recording"], ttlSeconds: DAY_SECONDS }),
      cache: "no-store",
      referrerPolicy: "no-referrer",
    });
    return { status: response.status, body: await response.json().catch(() => undefined) };
  } catch {
    return undefined;
  }
}

/**
 * Whether a credential is a token of this call: a JSON Web Token that says so. Whether it is a valid
 * one is for the server to find out; here it only matters that it is no API key.
 *
 * @param {string} credential
 * @param {string} callId
 */
function isCallToken(credential, callId) {
  const parts = credential.split(".");
  if (parts.length !== 3) return false;
  try {
    const claims = JSON.parse(atob(parts[1].replaceAll("-", "+").replaceAll("_", "/")));
    return claims.aud === "earshot" && claims.call === callId;
  } catch {
    return false;
  }
}
