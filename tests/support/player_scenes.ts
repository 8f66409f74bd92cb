import type { BrowserContext, Page } from "playwright-core";
import { CallStage, type PlayerAddress } from "./call_stage.ts";
import { KEY, type TestServer } from "./test_server.ts";

/** How much of the calls has gone by when the pages come. */
const PAST_MS = 24_000;
/** One of the listeners below is each page. */
const MOST_LISTENERS = 2;

/** A state of the player page, and how a page gets there for real. */
export interface PlayerScene {
  readonly name: string;
  /** What the page then says it is in. */
  readonly state: string;
  /** Left out: the call's player is opened and nothing else done. */
  reach?(page: Page, stage: CallStage): Promise<unknown>;
  /** @default {the name} */
  readonly call?: string;
  readonly address?: PlayerAddress;
  /** Before the page is opened. */
  before?(context: BrowserContext, stage: CallStage): Promise<unknown>;
}

/** The calls that the scenes need, with a past. Closes with `await using`. */
export async function openPlayerStage(): Promise<CallStage> {
  const metadata = { agent: "support", from: "+1 555 010 0199", direction: "inbound" };
  const called = PLAYER_SCENES.filter(({ name }) => !["announced", "refused"].includes(name));
  const calls = [...new Set(called.map(({ name, call = name }) => call))];
  const stage = await CallStage.open(
    calls.map((id) => ({ id, metadata, recording: id !== "over" })),
    { EARSHOT_MAX_LISTENERS_PER_CALL: String(MOST_LISTENERS) },
  );
  await stage.server.api("/calls", {
    body: { id: "announced", media: { live: true, recording: true }, metadata },
  });
  await stage.pass(PAST_MS);
  for (const id of ["ended", "playing"]) await end(stage, id);
  stage.live();
  return stage;
}

/** Opens a page of the context in a scene, and waits until it says so. */
export async function openScene(
  scene: PlayerScene,
  context: BrowserContext,
  stage: CallStage,
): Promise<Page> {
  const { name, call = name, address, state } = scene;
  stage.proxy.mend();
  await scene.before?.(context, stage);
  const page = await context.newPage();
  await page.goto(stage.player(call, address));
  await scene.reach?.(page, stage);
  await inState(page, state);
  return page;
}

/** Waits for a state of the page. */
export async function inState(page: Page, ...states: string[]): Promise<void> {
  const selectors = states.map((state) => `#player[data-state="${state}"]`);
  await page.locator(selectors.join(", ")).waitFor({ timeout: 15_000 });
}

const listen = async (page: Page) => {
  await page.locator("#toggle:enabled").click();
  await inState(page, "live", "silence");
};

async function end(stage: CallStage, id: string): Promise<void> {
  stage.mute(id);
  stage.agent(id).end("hangup");
  await stage.server.until(id, ({ state }) => state === "ended");
}

/** Keeps a call's listeners from leaving room. */
async function fill(server: TestServer, id: string): Promise<void> {
  for (let listener = 0; listener < MOST_LISTENERS; listener++) await server.listen(id);
}

/** Lets a test put a page's sound to sleep as a device does. */
const CATCH_CONTEXTS = `
  globalThis.contexts = [];
  globalThis.AudioContext = class extends AudioContext {
    constructor(options) {
      super(options);
      contexts.push(this);
    }
  };`;

/** Every state that the page has. */
export const PLAYER_SCENES: readonly PlayerScene[] = [
  {
    name: "opening",
    state: "opening",
    address: { isFaulty: true },
    before: (_, { proxy }) => Promise.resolve(proxy.fail("hold", "/timeline")),
  },
  { name: "announced", state: "announced" },
  { name: "idle", state: "idle" },
  {
    name: "connecting",
    state: "connecting",
    address: { isFaulty: true },
    before: (_, { proxy }) => Promise.resolve(proxy.fail("hold", "/ws")),
    reach: (page) => page.locator("#toggle:enabled").click(),
  },
  { name: "live", state: "live", reach: listen },
  {
    name: "silence",
    state: "silence",
    reach: async (page, stage) => {
      await listen(page);
      stage.mute("silence");
    },
  },
  {
    name: "private",
    state: "private",
    reach: async (page, stage) => {
      await listen(page);
      stage.agent("private").pause();
    },
  },
  {
    name: "interrupted",
    state: "interrupted",
    reach: async (page, stage) => {
      await listen(page);
      stage.mute("interrupted");
      await stage.agent("interrupted").drop();
    },
  },
  {
    name: "behind",
    state: "behind",
    reach: async (page) => {
      await listen(page);
      await page.keyboard.press("j");
      // From what is live, even when nothing of it has been heard yet.
      await page.locator("#behind", { hasText: /^0:1[456] / }).waitFor({ timeout: 5000 });
    },
  },
  {
    name: "held",
    state: "held",
    reach: async (page) => {
      await listen(page);
      await page.keyboard.press("Space");
    },
  },
  {
    name: "suspended",
    state: "suspended",
    before: (context) => context.addInitScript(CATCH_CONTEXTS),
    reach: async (page) => {
      await listen(page);
      await page.evaluate("contexts[0].suspend()");
    },
  },
  {
    name: "reconnecting",
    state: "reconnecting",
    address: { isFaulty: true },
    reach: async (page, { proxy }) => {
      await listen(page);
      proxy.fail("cut");
    },
  },
  {
    name: "offline",
    state: "offline",
    address: { isFaulty: true },
    reach: async (page, { proxy }) => {
      await listen(page);
      proxy.fail("cut");
      await page.context().setOffline(true);
    },
  },
  { name: "ended", state: "ended" },
  {
    name: "playing",
    state: "playing",
    reach: (page) => page.locator("#toggle:enabled").click(),
  },
  {
    name: "over",
    state: "over",
    reach: async (page, stage) => {
      await listen(page);
      await end(stage, "over");
    },
  },
  {
    name: "full",
    state: "full",
    before: (_, { server }) => fill(server, "full"),
    reach: (page) => page.locator("#toggle:enabled").click(),
  },
  { name: "refused", state: "refused", address: { key: `${KEY}x` } },
  {
    name: "too-old",
    call: "idle",
    state: "opening",
    before: (context) => context.addInitScript("delete globalThis.AudioWorkletNode"),
    reach: (page) => page.locator("#too-old").waitFor(),
  },
  {
    name: "not-started",
    call: "idle",
    state: "opening",
    before: (context) => context.route("**/peak_store.js", (route) => route.abort()),
    reach: (page) => page.locator("#not-started").waitFor(),
  },
  { name: "embedded", call: "live", state: "live", address: { query: "&embed=1" }, reach: listen },
  {
    name: "keys",
    call: "idle",
    state: "idle",
    reach: (page) => page.locator("#show-keys:enabled").click(),
  },
  {
    name: "details",
    call: "live",
    state: "live",
    reach: async (page) => {
      await listen(page);
      await page.locator("#details summary").click();
    },
  },
];
