// @ts-check
/// <reference lib="dom" />
import { withToken } from "../session.js";

/**
 * An address of one call, as this page reaches the server: the server's own URLs may name another origin,
 * which gets neither requests nor keys from here.
 *
 * @param {"live" | "calls"} part
 * @param {string} id
 * @param {string} what such as "player"
 * @param {string} token
 * @param {Record<string, string>} [query]
 */
export function callHref(part, id, what, token, query) {
  return withToken(`${part}/${encodeURIComponent(id)}/${what}`, token, query);
}
