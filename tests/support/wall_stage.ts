import type { Browser } from "playwright-core";
import { FaultyProxy } from "./faulty_proxy.ts";
import { ManyCalls } from "./many_calls.ts";
import type { PcmClient } from "./pcm_client.ts";
import { KEY, OTHER_KEY, TestServer } from "./test_server.ts";
import { until } from "./until.ts";
import { WallPage, type WallPageOptions } from "./wall_page.ts";

const MEDIA = { live: true, recording: true };
const CALLERS = [
  "Anna Lindqvist",
  "+1 555 0142",
  "Maria da Silva",
  "+44 20 7946 0018",
  "Mr. Okafor",
];
const AGENTS = ["support", "sales", "booking"];

/** Of the organisation that has hundreds of calls. */
const CROWD_KEY = "crowd-key-0123456789abcdef";
const CROWD = 200;

/** A server whose first organisation has calls of every kind, and whose second has none. */
export class WallStage implements AsyncDisposable {
  readonly server: TestServer;
  /** The same server, behind a line that can fail. */
  readonly line: FaultyProxy;
  #crowd: Promise<ManyCalls> | undefined;
  readonly #speaking: { agent: PcmClient; timer: ReturnType<typeof setInterval> }[] = [];

  private constructor(server: TestServer) {
    this.server = server;
    this.line = new FaultyProxy(server.origin);
  }

  static async open(): Promise<WallStage> {
    const keys = `acme:${KEY},globex:${OTHER_KEY},crowd:${CROWD_KEY}`;
    const env = { EARSHOT_API_KEYS: keys, EARSHOT_GRACE_SECONDS: "600" };
    const server = await TestServer.start({ env });
    const stage = new WallStage(server);
    for (const [index, from] of CALLERS.entries()) await stage.#call(index, from);
    const [, lost, paused] = stage.#speaking;
    clearInterval(lost.timer);
    await lost.agent.drop();
    paused.agent.pause();
    const closed = { live: false };
    await server.agent({ callId: "closed", media: closed, metadata: { from: "Dr. Ito" } });
    const metadata = { from: "+1 555 0177", agent: "sales" };
    await server.api("/calls", { body: { id: "soon", media: MEDIA, metadata } });
    for (const [index, from] of CALLERS.entries()) await stage.#past(index, from);
    await server.api("/calls/past1/recording", { method: "DELETE" });
    return stage;
  }

  /** Lets 200 calls of a third organisation begin; the first time only. Answers its key. */
  async crowd(): Promise<string> {
    await (this.#crowd ??= ManyCalls.start(this.server.ws("/ingest/pcm"), CROWD_KEY, CROWD));
    return CROWD_KEY;
  }

  /** A call whose sides take turns. */
  async #call(index: number, from: string): Promise<void> {
    const agent = await this.server.agent({
      callId: `live${index}`,
      media: MEDIA,
      metadata: { from, agent: AGENTS[index % AGENTS.length], direction: "inbound" },
    });
    let turn = index;
    const timer = setInterval(() => {
      agent[Math.floor(turn++ / 15) % 2 === 0 ? "user" : "bot"](speech(100, turn));
    }, 100);
    this.#speaking.push({ agent, timer });
  }

  /** A call that is over. */
  async #past(index: number, from: string): Promise<void> {
    const agent = await this.server.agent({
      callId: `past${index}`,
      media: index === 2 ? { live: true } : MEDIA,
      metadata: { from, agent: AGENTS[index % AGENTS.length], direction: "outbound" },
    });
    agent.bot(speech(600, index));
    await this.server.until(`past${index}`, ({ durationSeconds }) => durationSeconds > 0.7);
    agent.end("hangup");
    const isDone = (state?: string) => index === 2 || state === "complete";
    await this.server.until(`past${index}`, ({ recording }) => isDone(recording?.state));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { timer } of this.#speaking) clearInterval(timer);
    await (await this.#crowd)?.[Symbol.asyncDispose]();
    await this.line[Symbol.asyncDispose]();
    await this.server.close();
  }
}

/** One state of the wall, reached from a fresh page. */
export interface WallScene {
  readonly name: string;
  reach(
    stage: WallStage,
    open: (options?: WallPageOptions) => Promise<WallPage>,
  ): Promise<WallPage>;
}

/** Every state of the wall. Those that need the line to fail leave it so. */
export const WALL_SCENES: readonly WallScene[] = [
  {
    name: "sign-in",
    reach: (_stage, open) => open({ key: null }),
  },
  {
    name: "wrong-key",
    async reach(_stage, open) {
      const wall = await open({ key: "a-wrong-key-0123456789" });
      await wall.page.getByText("not valid").waitFor();
      return wall;
    },
  },
  {
    name: "loading",
    async reach({ line }, open) {
      line.fail("hold", "/events");
      const wall = await open();
      await wall.page.locator("#loading").waitFor();
      return wall;
    },
  },
  {
    name: "trouble",
    async reach({ line }, open) {
      line.fail("cut", "/events");
      const wall = await open();
      await wall.page.locator("#trouble").waitFor();
      return wall;
    },
  },
  {
    name: "empty",
    async reach(_stage, open) {
      const wall = await open({ key: OTHER_KEY });
      await wall.page.locator("#first-call").waitFor();
      return wall;
    },
  },
  {
    name: "calls",
    reach: (_stage, open) => openCalls(open),
  },
  {
    name: "crowd",
    async reach(stage, open) {
      const wall = await open({ key: await stage.crowd() });
      await until(() => wall.live.count(), (count) => count === CROWD, "all calls");
      return wall;
    },
  },
  {
    name: "table",
    async reach(_stage, open) {
      const wall = await openCalls(open);
      await wall.page.locator("button[data-view=table]").click();
      return wall;
    },
  },
  {
    name: "playing",
    async reach(_stage, open) {
      const wall = await openCalls(open);
      await wall.card("live0").locator(".listen").click();
      await wall.page.locator('#player:is([data-state="playing"], [data-state="silent"])')
        .waitFor();
      return wall;
    },
  },
  {
    name: "reconnecting",
    async reach({ line }, open) {
      const wall = await openCalls(open);
      line.fail("cut", "/events");
      await wall.page.locator('#connection[data-state="reconnecting"]').waitFor();
      return wall;
    },
  },
  {
    name: "no-match",
    async reach(_stage, open) {
      const wall = await openCalls(open);
      await wall.page.locator("#search").fill("nobody of this name");
      await wall.page.locator("#no-live").waitFor();
      return wall;
    },
  },
  {
    name: "ended",
    async reach(_stage, open) {
      const wall = await openCalls(open);
      await wall.page.locator("#state").selectOption("ended");
      await wall.page.locator("#live-part").waitFor({ state: "hidden" });
      await wall.page.locator(".past[data-drawn]").first().waitFor();
      return wall;
    },
  },
];

/** Opens the wall on a scene; the line is whole at first. */
export async function openWallScene(
  scene: WallScene,
  browser: Browser,
  stage: WallStage,
  options: WallPageOptions = {},
): Promise<WallPage> {
  stage.line.mend();
  const open = (own?: WallPageOptions) =>
    WallPage.open(browser, stage.line, { key: KEY, ...options, ...own });
  return await scene.reach(stage, open);
}

async function openCalls(open: () => Promise<WallPage>): Promise<WallPage> {
  const wall = await open();
  await wall.connected();
  await wall.page.locator(".warning").first().waitFor();
  await until(() => wall.live.count(), (count) => count === 7, "all calls");
  return wall;
}

/** Sound that moves the meters as speech does. */
function speech(ms: number, seed: number): Uint8Array<ArrayBuffer> {
  const loud = 1500 * (1 + (seed * 7) % 11);
  const pcm = Int16Array.from(
    { length: ms * 8 },
    (_, at) => loud * Math.sin(at / 3) * Math.abs(Math.sin(at / 311)),
  );
  return new Uint8Array(pcm.buffer);
}
