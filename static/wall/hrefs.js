// @ts-check
/// <reference lib="dom" />
/**
 * An address of one call, as this page reaches the server: the server's own URLs may name another origin,
 * which gets neither requests nor keys from here. It carries no credential.
 *
 * @param {"live" | "calls"} part
 * @param {string} id
 * @param {string} what such as "player"
 * @param {Record<string, string>} [query]
 */
export function callHref(part, id, what, query = {}) {
  const url = new URL(`${part}/${encodeURIComponent(id)}/${what}`, location.href);
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
  return url.href;
}
