// @ts-check
/// <reference lib="dom" />
import { withToken } from "../session.js";

/** @typedef {import("./call_tokens.js").CallTokens} CallTokens */

const CALL_PATH = /\/(?:live|calls)\/([^/]+)\/(?:player|recording)$/;

/**
 * Gives links to calls a token of their call when somebody is about to use them. Until then they carry
 * nothing, and never the key: links are copied, and kept in histories.
 */
export class CallLinks {
  #tokens;

  /**
   * @param {CallTokens} tokens
   * @param {AbortSignal} signal when the page is left
   */
  constructor(tokens, signal) {
    this.#tokens = tokens;
    const options = { signal, capture: true };
    for (const type of ["pointerover", "pointerdown", "focusin", "contextmenu"]) {
      document.addEventListener(type, (event) => this.#prepare(event), options);
    }
    for (const type of ["click", "auxclick"]) {
      document.addEventListener(type, (event) => this.#follow(event), options);
    }
  }

  /** @param {Event} event */
  #prepare(event) {
    const found = bareLink(event);
    if (found === undefined || this.#complete(found)) return;
    const { link, id } = found;
    this.#tokens.of(id).then((token) => link.href = withToken(link.href, token), () => {});
  }

  /** @param {Event} event */
  #follow(event) {
    const found = bareLink(event);
    const isMenu = event instanceof MouseEvent && event.button === 2;
    // With its token the link goes the way of all links.
    if (found === undefined || isMenu || this.#complete(found)) return;
    event.preventDefault();
    const { link, id } = found;
    const { href } = link;
    // Now, because later it would be taken for an advertisement.
    const page = link.target === "_blank" ? open("about:blank", "_blank") : null;
    /** @param {string} address */
    const go = (address) => {
      if (page !== null) {
        page.opener = null;
        return page.location.replace(address);
      }
      const copy = /** @type {HTMLAnchorElement} */ (link.cloneNode());
      copy.href = address;
      copy.click();
    };
    // Without a token, the other page says what is wrong.
    this.#tokens.of(id).then((token) => go(withToken(href, token)), () => go(href));
  }

  /** @param {{ link: HTMLAnchorElement, id: string }} found */
  #complete({ link, id }) {
    const token = this.#tokens.held(id);
    if (token !== undefined) link.href = withToken(link.href, token);
    return token !== undefined;
  }
}

/** The link to a call without a token that an event is about. @param {Event} event */
function bareLink({ target }) {
  const link = target instanceof Element ? target.closest("a") : null;
  if (link === null || link.origin !== location.origin) return undefined;
  const [, id] = CALL_PATH.exec(link.pathname) ?? [];
  if (id === undefined || new URL(link.href).searchParams.has("token")) return undefined;
  return { link, id: decodeURIComponent(id) };
}
