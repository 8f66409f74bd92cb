// @ts-check
/// <reference lib="dom" />
import { NO_FILTER } from "./filters.js";
import { element, setText } from "./page.js";

const VIEW_NAME = "earshot.view";
/** A pause of the hands before the list follows. */
const TYPING_MS = 150;

/** @typedef {import("./live_list.js").View} View */

/** Search, filters and the choice of the view. */
export class Toolbar {
  filter = { ...NO_FILTER };
  #search = element("search", HTMLInputElement);
  #state = element("state", HTMLSelectElement);
  #metadata = element("metadata", HTMLSelectElement);
  #warned = element("warned");
  #handlers;
  #shownChoices = "";
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #typing;

  /**
   * @param {{ onFilter: () => void, onView: (view: View) => void }} handlers
   * @param {AbortSignal} signal
   */
  constructor(handlers, signal) {
    this.#handlers = handlers;
    const read = () => this.#read();
    this.#search.addEventListener("input", () => {
      clearTimeout(this.#typing);
      this.#typing = setTimeout(read, TYPING_MS);
    }, { signal });
    this.#search.addEventListener("keydown", (event) => {
      // What it clears is the search; the player goes on.
      if (event.key === "Escape" && this.#search.value !== "") {
        event.preventDefault();
        this.#search.value = "";
        read();
      }
    }, { signal });
    this.#state.addEventListener("change", read, { signal });
    this.#metadata.addEventListener("change", read, { signal });
    this.#warned.addEventListener("click", () => {
      this.#warned.ariaPressed = String(this.#warned.ariaPressed !== "true");
      read();
    }, { signal });
    for (const button of viewButtons()) {
      const view = button.dataset.view === "table" ? "table" : "grid";
      button.addEventListener("click", () => this.#setView(view), { signal });
    }
    this.#read();
    this.#setView(recall());
  }

  /** Takes all wishes back. */
  clear() {
    this.#search.value = this.#state.value = this.#metadata.value = "";
    this.#warned.ariaPressed = "false";
    this.#read();
  }

  /** @param {number} count of calls with a warning */
  showWarned(count) {
    setText(element("warned-count"), String(count));
    this.#warned.toggleAttribute("data-any", count > 0);
  }

  /** Offers kinds of metadata; what is chosen stays so. @param {[string, string[]][]} choices */
  showChoices(choices) {
    const shown = JSON.stringify(choices);
    if (shown === this.#shownChoices || document.activeElement === this.#metadata) return;
    this.#shownChoices = shown;
    const chosen = this.#metadata.value;
    const groups = choices.map(([key, values]) => {
      const group = Object.assign(document.createElement("optgroup"), { label: key });
      group.append(...values.map((value) => new Option(value, `${key}=${value}`)));
      return group;
    });
    this.#metadata.replaceChildren(new Option("All metadata", ""), ...groups);
    if (
      chosen !== "" &&
      !choices.some(([key, values]) => values.some((value) => `${key}=${value}` === chosen))
    ) {
      this.#metadata.append(new Option(chosen, chosen));
    }
    this.#metadata.value = chosen;
  }

  #read() {
    clearTimeout(this.#typing);
    this.filter = {
      text: this.#search.value,
      state: /** @type {import("./filters.js").Filter["state"]} */ (this.#state.value),
      metadata: this.#metadata.value,
      warnings: this.#warned.ariaPressed === "true",
    };
    this.#handlers.onFilter();
  }

  /** @param {View} view */
  #setView(view) {
    for (const button of viewButtons()) button.ariaPressed = String(button.dataset.view === view);
    try {
      localStorage.setItem(VIEW_NAME, view);
    } catch {
      // Storage is switched off: the view then lasts until the page is reloaded.
    }
    this.#handlers.onView(view);
  }
}

/** @returns {HTMLElement[]} */
function viewButtons() {
  return [...document.querySelectorAll("button[data-view]")].map((
    button,
  ) => /** @type {HTMLElement} */ (button));
}

/** @returns {View} */
function recall() {
  try {
    return localStorage.getItem(VIEW_NAME) === "table" ? "table" : "grid";
  } catch {
    return "grid";
  }
}
