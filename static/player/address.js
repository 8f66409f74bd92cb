// @ts-check
/// <reference lib="dom" />
import { recall, remember } from "../session.js";

/** The player's own address: which call it shows, and the credential that it must not show. */
export class Address {
  #page = new URL(location.href);
  /** …/live/{id}/player, under whatever prefix the server is published. */
  callId = decodeURIComponent(this.#page.pathname.split("/").at(-2) ?? "");
  isEmbedded = this.#page.searchParams.get("embed") === "1";
  #name = `earshot.token:${this.callId}`;

  /**
   * The credential the page was opened with, taken out of the address at once: address bars are
   * looked at and copied. Without one, the token that this tab had before.
   */
  takeCredential() {
    const page = new URL(location.href);
    const given = page.searchParams.get("token");
    if (given === null) return recall(this.#name);
    page.searchParams.delete("token");
    history.replaceState(history.state, "", page);
    return given;
  }

  /** Makes the address one that opens this call alone. @param {string} token of this call */
  show(token) {
    remember(this.#name, token);
    const page = new URL(location.href);
    page.searchParams.set("token", token);
    history.replaceState(history.state, "", page);
  }

  /** What to give to others. @param {string} token of this call */
  linkWith(token) {
    const link = new URL(this.#page.pathname, this.#page);
    link.searchParams.set("token", token);
    return link.href;
  }

  /** An address of the API for this call. @param {string} name such as `timeline` */
  api(name) {
    return new URL(`../../calls/${encodeURIComponent(this.callId)}/${name}`, this.#page).href;
  }

  /** The live stream's address by plain HTTP, without a credential. */
  get stream() {
    return new URL("ws", new URL(this.#page.pathname, this.#page)).href;
  }
}
