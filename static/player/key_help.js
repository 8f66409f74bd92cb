// @ts-check
/// <reference lib="dom" />
import { button, element } from "./elements.js";
import { KEY_TABLE } from "./keys.js";

/** Shows the keys, and gets out of the way again. */
export class KeyHelp {
  #dialog = /** @type {HTMLDialogElement} */ (element("keys"));

  constructor() {
    element("key-table").append(...KEY_TABLE.map(([keys, what]) => {
      const row = document.createElement("div");
      const term = document.createElement("dt");
      keys.split(" ").forEach((key, index) => {
        if (index > 0) term.append(" ");
        const isKey = key !== "or";
        term.append(
          isKey ? Object.assign(document.createElement("kbd"), { textContent: key }) : key,
        );
      });
      row.append(term, Object.assign(document.createElement("dd"), { textContent: what }));
      return row;
    }));
    button("show-keys").addEventListener("click", () => this.toggle());
  }

  get isOpen() {
    return this.#dialog.open;
  }

  toggle() {
    if (this.#dialog.open) this.#dialog.close();
    else this.#dialog.showModal();
  }
}
