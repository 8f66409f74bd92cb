// @ts-check
/// <reference lib="dom" />
import { copyOf, element, part } from "./page.js";

/** @typedef {{ title: string, hint: string, text: string }} Way */

/**
 * How a first call can be connected, with this server's addresses and the key in their places.
 *
 * @param {string} base address of the page
 * @param {string} key
 * @returns {Way[]}
 */
function ways(base, key) {
  const http = new URL(".", base);
  http.search = http.hash = "";
  const origin = http.href.replace(/\/$/, "");
  const socket = origin.replace(/^http/, "ws");
  return [
    {
      title: "Try it: an example agent",
      hint: "In a copy of Earshot's repository. It makes a call of a few seconds.",
      text: "deno run --allow-net --allow-env --allow-read examples/agent.ts " +
        `--url ${origin} --key ${key}`,
    },
    {
      title: "Your agent or media server",
      hint: 'A WebSocket to this address. Its start message says "media":{"live":true}.',
      text: `${socket}/ingest/pcm?token=${encodeURIComponent(key)}`,
    },
    {
      title: "Twilio",
      hint: "The answer to the call's voice webhook, before whatever the call does next." +
        (http.protocol === "https:" ? "" : " Twilio takes only a public wss:// address."),
      text: `<Start>
  <Stream url="${socket}/ingest/twilio" track="both_tracks">
    <Parameter name="token" value="${xml(key)}" />
    <Parameter name="live" value="true" />
    <Parameter name="recording" value="true" />
  </Stream>
</Start>`,
    },
  ];
}

/** The page's part that shows them. The key itself is dots until it is asked for: screens have onlookers. */
export class FirstCall {
  #key;
  /** @type {{ code: HTMLElement, text: string }[]} */
  #shown = [];
  #isKeyShown = false;

  /** @param {string} key @param {AbortSignal} signal when the page is left */
  constructor(key, signal) {
    this.#key = key;
    element("ways").replaceChildren(...ways(location.href, key).map((way) => this.#make(way)));
    const button = element("show-key");
    button.addEventListener("click", () => {
      this.#isKeyShown = !this.#isKeyShown;
      this.#show();
    }, { signal });
    this.#show();
  }

  /** @param {Way} way */
  #make({ title, hint, text }) {
    const made = copyOf("way");
    part(made, "h3").textContent = title;
    part(made, ".hint").textContent = hint;
    part(made, "pre").ariaLabel = title;
    const code = part(made, "code");
    this.#shown.push({ code, text });
    const button = part(made, "button");
    button.ariaLabel = `Copy: ${title}`;
    button.addEventListener("click", () => this.#copy(text, button, code));
    return made;
  }

  #show() {
    const button = element("show-key");
    button.ariaPressed = String(this.#isKeyShown);
    button.textContent = this.#isKeyShown ? "Hide the key" : "Show the key";
    for (const { code, text } of this.#shown) {
      const hidden = [this.#key, encodeURIComponent(this.#key), xml(this.#key)]
        .reduce((all, key) => all.replaceAll(key, "\u2022".repeat(12)), text);
      code.textContent = this.#isKeyShown ? text : hidden;
    }
  }

  /**
   * @param {string} text
   * @param {HTMLElement} button
   * @param {HTMLElement} code
   */
  async #copy(text, button, code) {
    try {
      await navigator.clipboard.writeText(text);
      button.textContent = "Copied";
      setTimeout(() => button.textContent = "Copy", 2000);
    } catch {
      // No clipboard without https: shown and selected, so that one key copies it.
      this.#isKeyShown = true;
      this.#show();
      getSelection()?.selectAllChildren(code);
    }
  }
}

/** @param {string} text */
function xml(text) {
  return text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}
