// @ts-check
/// <reference lib="dom" />
import { withToken } from "./session.js";
import { clockText } from "./states.js";

/**
 * @typedef {object} Call
 * @property {string} id
 * @property {"announced" | "live" | "ended"} state
 * @property {number} startedAt ms since the epoch
 * @property {number} durationSeconds
 * @property {Record<string, string>} metadata
 * @property {number} listeners
 * @property {string} playerUrl
 * @property {{ live: boolean }} [media]
 * @property {{ state: string, url: string } | null} recording
 */

const ORDER = { live: 0, announced: 1, ended: 2 };

/** Live calls first, then those to come, then the ended; each group newest first. @param {Call[]} calls */
export function sorted(calls) {
  return calls.toSorted((a, b) => ORDER[a.state] - ORDER[b.state] || b.startedAt - a.startedAt);
}

/**
 * Shows `calls`. Rows stay the same elements from one time to the next, so that neither focus nor a
 * selection is lost.
 *
 * @param {HTMLElement} list
 * @param {HTMLTemplateElement} template
 * @param {Call[]} calls
 * @param {string} token
 */
export function showCalls(list, template, calls, token) {
  const rows = new Map([...list.children].map((row) => [row.getAttribute("data-id"), row]));
  sorted(calls).forEach((call, index) => {
    const row = rows.get(call.id) ?? newRow(template, call.id);
    rows.delete(call.id);
    fill(row, call, token);
    if (list.children[index] !== row) list.insertBefore(row, list.children[index] ?? null);
  });
  for (const row of rows.values()) row.remove();
}

/**
 * @param {HTMLTemplateElement} template
 * @param {string} id
 */
function newRow(template, id) {
  const row = /** @type {HTMLElement} */ (template.content.firstElementChild?.cloneNode(true));
  row.dataset.id = id;
  return row;
}

/**
 * @param {Element} row
 * @param {Call} call
 * @param {string} token
 */
function fill(row, call, token) {
  const { id, state, startedAt, durationSeconds, metadata, listeners, recording } = call;
  row.setAttribute("data-state", state);
  setText(row, ".id", id);
  const facts = [state, clockText(durationSeconds), new Date(startedAt).toLocaleString()];
  if (state === "live") facts.push(`${listeners} listening`);
  setText(row, ".facts", facts.join(" \u00b7 "));
  const about = Object.entries(metadata ?? {}).map(([name, value]) => `${name}: ${value}`);
  setText(row, ".about", about.join(" \u00b7 "));
  /** @type {[string, string, boolean][]} */
  const links = [];
  if (state !== "ended" && call.media?.live) {
    links.push(["Listen", withToken(call.playerUrl, token), false]);
  }
  if (recording && state === "ended") {
    links.push(["Recording, mix", withToken(recording.url, token), true]);
    links.push(["Stereo", withToken(recording.url, token, { channels: "2" }), true]);
  }
  const nav = row.querySelector("nav");
  const shown = links.map(([, href]) => href).join();
  if (nav === null || nav.dataset.shown === shown) return;
  nav.dataset.shown = shown;
  nav.ariaLabel = id;
  nav.replaceChildren(...links.map(([text, href, download]) => {
    const link = Object.assign(document.createElement("a"), { textContent: text, href });
    link.ariaLabel = `${text}, call ${id}`;
    if (download) link.download = "";
    return link;
  }));
}

/**
 * @param {Element} row
 * @param {string} selector
 * @param {string} text
 */
function setText(row, selector, text) {
  const element = row.querySelector(selector);
  if (element && element.textContent !== text) element.textContent = text;
}
