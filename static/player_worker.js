// @ts-check
import { Connection } from "./connection.js";

/**
 * Holds the socket away from the page, so that a busy page delays no sound. The page sends
 * `{ type: "open", url, statusUrl, feed }` with the port of the worklet's feed, and gets what {@linkcode Connection} reports.
 */

/** @type {Connection | undefined} */
let connection;

globalThis.addEventListener("message", ({ data }) => {
  if (data.type !== "open") return;
  connection?.stop();
  /** @type {MessagePort} */
  const feed = data.feed;
  connection = new Connection(
    data,
    (message, transfer = []) => feed.postMessage(message, transfer),
    (message) => postMessage(message),
    {
      openSocket: (url) => new WebSocket(url),
      fetch: (url) => fetch(url, { cache: "no-store" }),
      setTimeout: (callback, ms) => setTimeout(callback, ms),
      clearTimeout: (timer) => clearTimeout(/** @type {number} */ (timer)),
      now: () => performance.now(),
      random: Math.random,
    },
  );
  connection.open();
});
