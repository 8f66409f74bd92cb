// @ts-check
/// <reference lib="dom" />
import { button } from "./elements.js";

const DONE_MS = 2000;

/** Copies the link that opens this call alone. */
export class CopyButton {
  #button = button("copy");

  /**
   * @param {string} link
   * @param {(text: string) => void} onAnswer
   */
  constructor(link, onAnswer) {
    this.#button.disabled = false;
    this.#button.addEventListener("click", async () => {
      const isCopied = await copy(link);
      onAnswer(
        isCopied ? "Link copied. It opens this call alone." : "Copy the address bar instead.",
      );
      this.#button.textContent = isCopied ? "Copied" : "Use the address bar";
      setTimeout(() => this.#button.textContent = "Copy link", DONE_MS);
    });
  }
}

/** @param {string} text */
async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copyByHand(text);
  }
}

/** Without https there is no clipboard but the old one. @param {string} text */
function copyByHand(text) {
  const field = Object.assign(document.createElement("textarea"), { value: text, readOnly: true });
  field.className = "hidden-text";
  document.body.append(field);
  const focused = document.activeElement;
  field.select();
  const isCopied = document.execCommand("copy");
  field.remove();
  if (focused instanceof HTMLElement) focused.focus();
  return isCopied;
}
