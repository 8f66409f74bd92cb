import type { Browser, BrowserContextOptions, Locator, Page } from "playwright-core";
import { keepTaps } from "./taps.ts";
import { KEY } from "./test_server.ts";

/** How a {@linkcode WallPage} is opened. */
export interface WallPageOptions extends BrowserContextOptions {
  /** In the address; `null` for none. @default {KEY} */
  key?: string | null;
  /** Keep what is played, see {@linkcode keepTaps}. */
  tap?: boolean;
}

/** The wall of calls in a browser of its own, with what it asked of the server. */
export class WallPage implements AsyncDisposable {
  readonly page: Page;
  /** Paths of all requests to the API, in order. */
  readonly requests: string[] = [];
  /** What went wrong in the page: none are expected. */
  readonly errors: string[] = [];
  /** Requests to other origins than the server's: there must be none. */
  readonly foreign: string[] = [];
  readonly live: Locator;
  readonly ended: Locator;

  private constructor(page: Page, origin: string) {
    this.page = page;
    this.live = page.locator("#live .call");
    this.ended = page.locator("#ended .past");
    page.on("pageerror", (error) => this.errors.push(String(error)));
    page.on("request", (request) => {
      const url = new URL(request.url());
      if (url.origin !== origin && url.protocol !== "blob:") this.foreign.push(url.href);
      if (/^\/(calls|events)/.test(url.pathname)) this.requests.push(url.pathname + url.search);
    });
  }

  static async open(browser: Browser, server: { origin: string }, options: WallPageOptions = {}) {
    const { key = KEY, tap = false, ...context } = options;
    const page = await (await browser.newContext(context)).newPage();
    const wall = new WallPage(page, server.origin);
    if (tap) await keepTaps(page);
    await page.goto(`${server.origin}/${key === null ? "" : `?token=${key}`}${tap ? "#tap" : ""}`);
    return wall;
  }

  /** The card or row of a call. */
  card(id: string): Locator {
    return this.page.locator(`[data-id="${id}"]`);
  }

  /** Waits until it is fed live. */
  async connected(): Promise<void> {
    await this.page.locator('#connection[data-state="live"]').waitFor();
    await this.page.locator("#wall:not([hidden])").waitFor();
  }

  /** How much of a side's meter is filled now, 0 to 1. */
  level(id: string, side: "user" | "bot"): Promise<number> {
    return this.card(id).locator(`.level.${side} b`).evaluate((bar) =>
      Number(/scaleX\(([\d.]+)\)/.exec(bar.style.transform)?.[1] ?? 0)
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.page.context().close();
  }
}
