// @ts-check
/// <reference lib="dom" />

/**
 * The key from the address, taken out of it (address bars are looked at and copied) and kept for
 * this tab, so that a reload works.
 *
 * @param {string} name under which the tab keeps it
 * @returns {string} empty when there is none
 */
export function takeToken(name) {
  const address = new URL(location.href);
  const given = address.searchParams.get("token");
  if (given === null) return recall(name);
  remember(name, given);
  address.searchParams.delete("token");
  history.replaceState(history.state, "", address);
  return given;
}

/**
 * @param {string} name
 * @param {string} token
 */
export function remember(name, token) {
  try {
    sessionStorage.setItem(name, token);
  } catch {
    // Storage is switched off: the token then lasts until the page is reloaded.
  }
}

/** @param {string} name */
export function recall(name) {
  try {
    return sessionStorage.getItem(name) ?? "";
  } catch {
    return "";
  }
}

/**
 * An address of this server with the token in it, for links and downloads, which cannot carry
 * headers. Another server's address is left as it is: our key is none of its business.
 *
 * @param {string} address absolute, or relative to the page
 * @param {string} token
 * @param {Record<string, string>} [query]
 */
export function withToken(address, token, query = {}) {
  const url = new URL(address, location.href);
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
  if (url.origin === location.origin && token !== "") url.searchParams.set("token", token);
  return url.href;
}
