// @ts-check
/// <reference lib="dom" />
import { remember, takeToken } from "./session.js";
import { element, setText } from "./wall/page.js";
import { Wall } from "./wall/wall.js";

const TOKEN_NAME = "earshot.token";
const PAGES = ["sign-in", "loading", "trouble", "wall"];

/** @type {Wall | undefined} */
let wall;

/** @param {string} page one of `PAGES` */
function showPage(page) {
  if (document.body.dataset.page === page) return;
  document.body.dataset.page = page;
  for (const id of PAGES) element(id).hidden = id !== page;
  element("forget").hidden = page === "sign-in";
  element("counts").hidden = page !== "wall";
}

/** @param {string} problem why a key is asked for, if not because there is none */
function askForKey(problem) {
  wall?.stop();
  wall = undefined;
  document.title = "Calls \u00b7 Earshot";
  element("connection").hidden = true;
  showPage("sign-in");
  setText(element("key-problem"), problem);
  const key = element("key");
  key.ariaInvalid = String(problem !== "");
  key.focus();
}

/** @param {string} token */
function begin(token) {
  remember(TOKEN_NAME, token);
  wall = new Wall(token, {
    onPage(page, why = "") {
      showPage(page);
      setText(element("trouble-text"), `Reason: ${why}.`);
    },
    onRefused() {
      remember(TOKEN_NAME, "");
      askForKey("This key is not valid, expired or revoked.");
    },
  });
  wall.start();
}

element("sign-in").addEventListener("submit", (event) => {
  event.preventDefault();
  const key = element("key", HTMLInputElement);
  const token = key.value.trim();
  key.value = "";
  if (token === "") return;
  begin(token);
  // The form is gone: what follows begins with the calls.
  element("calls").focus();
});

element("forget").addEventListener("click", () => {
  remember(TOKEN_NAME, "");
  askForKey("");
});

const token = takeToken(TOKEN_NAME);
if (token === "") askForKey("");
else begin(token);
