// @ts-check
/// <reference lib="dom" />
import { showCalls } from "./calls_list.js";
import { remember, takeToken } from "./session.js";

const REFRESH_MS = 2000;
const TOKEN_NAME = "earshot.token";

let token = takeToken(TOKEN_NAME);
/** Which of the answers under way is still wanted. */
let turn = 0;

/** @param {string} id */
function element(id) {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`Cannot find #${id}: index.html and index.js must match`);
  return found;
}

/** @param {string} text */
function notice(text) {
  if (element("notice").textContent !== text) element("notice").textContent = text;
}

/** @param {string} text why a key is asked for */
function askForKey(text) {
  turn++;
  notice(text);
  element("calls").replaceChildren();
  element("empty").hidden = element("forget").hidden = true;
  element("sign-in").hidden = false;
  element("key").focus();
}

async function refresh() {
  const mine = ++turn;
  try {
    const headers = { authorization: `Bearer ${token}` };
    const response = await fetch("calls", { headers, cache: "no-store" });
    if (mine !== turn) return;
    if (response.status === 401) {
      remember(TOKEN_NAME, token = "");
      return askForKey("This key is not valid, expired or revoked.");
    }
    if (!response.ok) throw new Error(`the server answered ${response.status}`);
    const body = await response.json();
    if (mine !== turn) return;
    const calls = Array.isArray(body) ? body : body.calls;
    const template = /** @type {HTMLTemplateElement} */ (element("call"));
    showCalls(element("calls"), template, calls, token);
    element("empty").hidden = calls.length > 0;
    notice("");
  } catch (error) {
    if (mine !== turn) return;
    notice(
      `Cannot load the calls, trying again: ${error instanceof Error ? error.message : error}`,
    );
  }
  if (mine === turn) setTimeout(() => mine === turn && !document.hidden && refresh(), REFRESH_MS);
}

function begin() {
  if (token === "") return askForKey("");
  element("sign-in").hidden = true;
  element("forget").hidden = false;
  notice("Loading the calls.");
  refresh();
}

element("sign-in").addEventListener("submit", (event) => {
  event.preventDefault();
  const key = /** @type {HTMLInputElement} */ (element("key"));
  remember(TOKEN_NAME, token = key.value.trim());
  key.value = "";
  begin();
});

element("forget").addEventListener("click", () => {
  remember(TOKEN_NAME, token = "");
  askForKey("");
});

document.addEventListener("visibilitychange", () => {
  if (!document.hidden && token !== "") refresh();
});

for (const name of ["pcm", "twilio"]) {
  const url = new URL(`ingest/${name}`, location.href);
  url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  url.search = url.hash = "";
  element(`${name}-url`).textContent = url.href;
}

for (const button of document.querySelectorAll("button[data-copy]")) {
  button.addEventListener("click", async () => {
    const source = element(button.getAttribute("data-copy") ?? "");
    try {
      await navigator.clipboard.writeText(source.textContent ?? "");
      notice("Copied.");
    } catch {
      // No clipboard without https: select it, so that one key copies it.
      getSelection()?.selectAllChildren(source);
    }
  });
}

begin();
