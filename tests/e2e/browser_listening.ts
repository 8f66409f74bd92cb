/** The pages' sound engine in a real browser, without a page around it. */
import type { Browser, Page } from "playwright-core";
import { KEY } from "../support/test_server.ts";

/** What the engine played, and where it said it was: see static/tap.js. */
export interface Tapped {
  samples: Float32Array;
  /** `frame` is an index into `samples`. */
  marks: Mark[];
  /** The device's number of the first sample. */
  firstFrame: number;
}

/** A mark of static/tap.js, and what the page was told with it: see `Status` of static/listening.js. */
export interface Mark extends TapMark {
  underruns: number;
  skips: number;
  targetMs: number;
  heldPeakMs: number;
  latency: { bufferMs: number };
}

interface TapMark {
  frame: number;
  position: number;
  edge: number;
  playing: boolean;
  live: boolean;
  speed: number;
}

/** Of static/tap.js, whose own types need a browser's. */
interface Tap {
  readonly batches: { frame: number }[];
  readonly marks: TapMark[];
  readonly sampleRateHz: number;
  samples(): Float32Array;
}

/** What a mark is waited for. */
interface Wish {
  /** Of a frame later than this. */
  after?: number;
  /** Its position is from here */
  from?: number;
  /** up to here. */
  to?: number;
  playing?: boolean;
  live?: boolean;
}

type Method = "seek" | "goLive" | "pause" | "play" | "setSpeed" | "setMix";

/** Names of the browser's globals that the functions below use. */
interface Globals {
  listening: Record<Method, (argument?: unknown) => void> & {
    context: { suspend(): Promise<void>; resume(): Promise<void> };
  };
  earshotTap: Tap;
  /** What the page was told, one for each mark of the tap. */
  statuses: Mark[];
}

/** One listener in a browser's page of its own. */
export class BrowserListening {
  private constructor(readonly page: Page, readonly callId: string) {}

  /** Opens a page of the server, or of a proxy's, and listens live; `sampleRateHz` is the device's. */
  static async open(
    browser: Browser,
    server: { readonly origin: string },
    callId: string,
    sampleRateHz: number,
  ): Promise<BrowserListening> {
    const page = await browser.newPage();
    // Any page of the server's will do: modules and sockets are allowed from its own origin only.
    await page.goto(`${server.origin}/static/icon.svg`);
    const statusUrl = `${server.origin}/live/${callId}/ws?token=${KEY}`;
    await page.evaluate(startListening, {
      module: `${server.origin}/static/listening.js`,
      sampleRateHz,
      url: statusUrl.replace(/^http/, "ws"),
      statusUrl,
    });
    return new BrowserListening(page, callId);
  }

  /** Waits until so many seconds of sound have been played. */
  async played(seconds: number): Promise<void> {
    await this.page.waitForFunction((seconds) => {
      const { marks, sampleRateHz } = (globalThis as unknown as Globals).earshotTap;
      const playing = marks.filter(({ playing }) => playing);
      return playing.length > 0 && marks.at(-1)!.frame - playing[0].frame > seconds * sampleRateHz;
    }, seconds);
  }

  /** Calls a method of the engine. */
  async tell(method: Method, argument?: unknown): Promise<void> {
    await this.page.evaluate(([method, argument]) => {
      (globalThis as unknown as Globals).listening[method](argument);
    }, [method, argument] as const);
  }

  /** Lets the device stand still for a while. */
  async suspend(ms: number): Promise<void> {
    await this.page.evaluate(async (ms) => {
      const { context } = (globalThis as unknown as Globals).listening;
      await context.suspend();
      await new Promise((resolve) => setTimeout(resolve, ms));
      await context.resume();
    }, ms);
  }

  /** Number of the device's newest frame that a position was told of. */
  frame(): Promise<number> {
    return this.page.evaluate(() =>
      (globalThis as unknown as Globals).earshotTap.marks.at(-1)?.frame ?? 0
    );
  }

  /** Waits until the newest mark is as wished. */
  async marked(wish: Wish): Promise<void> {
    await this.page.waitForFunction((wish) => {
      const mark = (globalThis as unknown as Globals).earshotTap.marks.at(-1);
      if (mark === undefined) return false;
      const { after = -Infinity, from = -Infinity, to = Infinity, playing, live } = wish;
      return mark.frame > after && mark.position >= from && mark.position <= to &&
        (playing === undefined || mark.playing === playing) &&
        (live === undefined || mark.live === live);
    }, wish);
  }

  /** All that was played until now. Closes the page. */
  async close(): Promise<Tapped> {
    const { samples, marks, firstFrame } = await this.page.evaluate(() => {
      const { earshotTap: tap, statuses } = globalThis as unknown as Globals;
      const first = tap.batches[0]?.frame ?? 0;
      const marks = tap.marks.map((mark, index) => ({
        ...statuses[index],
        ...mark,
        frame: mark.frame - first,
      }));
      return { samples: Array.from(tap.samples()), marks, firstFrame: first };
    });
    await this.page.close();
    return { samples: Float32Array.from(samples), marks, firstFrame };
  }
}

/** Runs in the browser. */
async function startListening(
  { module, sampleRateHz, url, statusUrl }: {
    module: string;
    sampleRateHz: number;
    url: string;
    statusUrl: string;
  },
) {
  const { Listening } = await import(module);
  const statuses: Mark[] = [];
  const listening = new Listening({
    tap: true,
    sampleRateHz,
    onStatus: (status: Mark) => statuses.push(status),
    onConnection() {},
  });
  Object.assign(globalThis, { listening, statuses });
  await listening.start({ url, statusUrl });
}
