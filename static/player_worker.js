// @ts-check
import { TimeMachine } from "./feed/time_machine.js";

/**
 * Holds the socket away from the page, so that a busy page delays no sound. The page sends first
 * `{ type: "open", url, statusUrl, from?, feed }` or `{ type: "recording", url, from?, feed }`, with
 * the port of the worklet's feed, then `{ type: "seek", seconds }` and `{ type: "live" }` as it likes.
 * It gets what {@linkcode TimeMachine} reports.
 */

/** @type {TimeMachine | undefined} */
let machine;

/**
 * Takes the token out of an address: no log on the way is to have it. What cannot stand in the name of a
 * subprotocol (RFC 9110, 5.6.2) stays.
 *
 * @param {string} address
 */
function takeOut(address) {
  const url = new URL(address);
  const token = url.searchParams.get("token") ?? "";
  if (!/^[\w.~-]+$/.test(token)) return { url: address, token: "" };
  url.searchParams.delete("token");
  return { url: url.href, token };
}

/** @param {MessagePort} feed */
function connect(feed) {
  machine?.stop();
  const created = machine = new TimeMachine(
    (message, transfer = []) => feed.postMessage(message, transfer),
    (message) => postMessage(message),
    {
      openSocket(address) {
        const { url, token } = takeOut(address);
        return new WebSocket(url, token === "" ? [] : ["earshot", `earshot.token.${token}`]);
      },
      fetch(address, init = {}) {
        const { url, token } = takeOut(address);
        const headers = { ...init.headers, ...(token !== "" && { "x-api-key": token }) };
        return fetch(url, { cache: "no-store", ...init, headers });
      },
      setTimeout: (callback, ms) => setTimeout(callback, ms),
      clearTimeout: (timer) => clearTimeout(/** @type {number} */ (timer)),
      now: () => performance.now(),
      random: Math.random,
    },
  );
  feed.onmessage = ({ data }) => created.want(data);
  return created;
}

globalThis.addEventListener("message", ({ data }) => {
  switch (data.type) {
    case "open":
      return connect(data.feed).open(data);
    case "recording":
      return connect(data.feed).openRecording(data);
    case "seek":
      return machine?.seek(data.seconds);
    case "live":
      return machine?.goLive();
  }
});
