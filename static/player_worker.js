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

/** @param {MessagePort} feed */
function connect(feed) {
  machine?.stop();
  const created = machine = new TimeMachine(
    (message, transfer = []) => feed.postMessage(message, transfer),
    (message) => postMessage(message),
    {
      openSocket: (url) => new WebSocket(url),
      fetch: (url, init) => fetch(url, { cache: "no-store", ...init }),
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
