// @ts-check
/// <reference lib="dom" />
import { getAccess } from "./player/access.js";
import { Address } from "./player/address.js";
import { AfterPanel } from "./player/after_panel.js";
import { CallPage } from "./player/call_page.js";
import { element, setText } from "./player/elements.js";
import { StatePanel } from "./player/state_panel.js";

const address = new Address();
const { callId } = address;
const credential = address.takeCredential();
const states = new StatePanel(callId);
setText(element("call"), callId);

const world = {
  fetch: (/** @type {string} */ url, /** @type {RequestInit} */ init) => fetch(url, init),
  wait: (/** @type {number} */ ms) => new Promise((resolve) => setTimeout(resolve, ms)),
  random: Math.random,
};

async function open() {
  states.show("opening", {}, 0);
  const request = { callId, credential, tokensUrl: address.api("tokens") };
  const access = await getAccess(
    request,
    world,
    () => states.show(navigator.onLine ? "reconnecting" : "offline", {}, 0),
  );
  element("player").toggleAttribute("data-unknown", false);
  if ("token" in access) {
    if (access.token !== "") address.show(access.token);
    new CallPage(
      address,
      access.token,
      states,
      new AfterPanel(access.token, address.api("recording")),
    );
    return;
  }
  element("player").setAttribute("data-unknown", "");
  states.show("refused", access, 0);
  element("toggle").addEventListener("click", open, { once: true });
}

if (!document.documentElement.hasAttribute("data-stopped")) {
  document.documentElement.setAttribute("data-ready", "");
  open();
}
