import type { Browser, CDPSession } from "playwright-core";
import { openBrowser } from "../tests/support/browser.ts";
import { ManyCalls } from "../tests/support/many_calls.ts";
import { BENCH_KEY, earshot } from "./contestants.ts";
import { type MainThread, traceMainThread } from "./main_thread.ts";
import { ServerProcess } from "./server_process.ts";
import { median } from "./statistics.ts";

/** What the wall of calls costs on one screen. */
export interface WallFigures {
  screen: string;
  calls: number;
  /** Longest task of the page while it was measured, ms; 0 when none took 50 ms. */
  longestTaskMs: number;
  longTasks: number;
  /** The same, while the page loaded and all cards were made. */
  longestTaskAtLoadMs: number;
  framesPerSecond: number;
  mainThread: MainThread;
  /** How often a meter on the screen moved, per second; the median over 20 of them. */
  metersPerSecond: number;
  /** On the events' connection, as it came over the wire. */
  eventBytesPerSecond: number;
  /** CPU of the server, as a share of one core, without and with the wall. */
  cpuWithout: number;
  cpuWith: number;
}

const SCREENS = [
  { name: "laptop 1440 x 900", width: 1440, height: 900 },
  { name: "wall 3840 x 2160", width: 3840, height: 2160 },
];
const SETTLE_MS = 4000;

/**
 * The wall of calls in Chromium, with that many live calls.
 *
 * @param folder for logs
 * @param seconds of each measurement
 */
export async function measureWall(
  folder: string,
  calls: number,
  seconds: number,
): Promise<WallFigures[]> {
  const server = await ServerProcess.start(earshot("memory", folder), `${folder}/server.log`);
  try {
    const ingestUrl = `ws://127.0.0.1:${server.port}/ingest/pcm`;
    await using _calls = await ManyCalls.start(ingestUrl, BENCH_KEY, calls);
    const browser = await openBrowser();
    try {
      await sleep(SETTLE_MS);
      const figures: WallFigures[] = [];
      for (const screen of SCREENS) {
        const cpuWithout = await cpuOf(server, seconds);
        figures.push({ calls, cpuWithout, ...await show(browser, server, screen, seconds) });
      }
      return figures;
    } finally {
      await browser.close();
    }
  } finally {
    await server.stop();
  }
}

async function show(
  browser: Browser,
  server: ServerProcess,
  { name: screen, ...viewport }: typeof SCREENS[number],
  seconds: number,
): Promise<Omit<WallFigures, "calls" | "cpuWithout">> {
  const context = await browser.newContext({ viewport });
  try {
    const page = await context.newPage();
    await page.addInitScript(countLongTasks);
    const session = await context.newCDPSession(page);
    const events = await countEventBytes(session);
    await page.goto(`http://127.0.0.1:${server.port}/?token=${BENCH_KEY}`);
    await page.locator('#connection[data-state="live"]').waitFor();
    await sleep(SETTLE_MS);
    const atLoad = await page.evaluate(takeLongTasks);
    const bytesBefore = events.bytes;
    const startMs = performance.now();
    const cpu = cpuOf(server, seconds);
    const { result: watched, mainThread } = await traceMainThread(
      browser,
      page,
      () => page.evaluate(watch, seconds * 1000),
    );
    // Until now: what came while the trace was read counts, too.
    const elapsed = (performance.now() - startMs) / 1000;
    const eventBytesPerSecond = (events.bytes - bytesBefore) / elapsed;
    const cpuWith = await cpu;
    return {
      screen,
      longestTaskMs: Math.max(0, ...watched.longTasks),
      longTasks: watched.longTasks.length,
      longestTaskAtLoadMs: Math.max(0, ...atLoad),
      framesPerSecond: watched.frames / seconds,
      mainThread,
      metersPerSecond: median(watched.moves) / seconds,
      eventBytesPerSecond,
      cpuWith,
    };
  } finally {
    await context.close();
  }
}

async function cpuOf(server: ServerProcess, seconds: number): Promise<number> {
  const before = server.usage().cpuSeconds;
  const startMs = performance.now();
  await sleep(seconds * 1000);
  return ((server.usage().cpuSeconds - before) * 1000) / (performance.now() - startMs);
}

/** Counts what comes on the connection of `/events`. */
async function countEventBytes(session: CDPSession): Promise<{ bytes: number }> {
  await session.send("Network.enable");
  const counted = { bytes: 0 };
  let requestId = "";
  session.on("Network.requestWillBeSent", (event) => {
    if (new URL(event.request.url).pathname === "/events") requestId = event.requestId;
  });
  session.on("Network.dataReceived", (event) => {
    if (event.requestId === requestId) counted.bytes += event.encodedDataLength;
  });
  return counted;
}

/** Runs in the page. */
function countLongTasks(): void {
  const tasks: number[] = [];
  Object.assign(globalThis, { earshotLongTasks: tasks });
  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) tasks.push(duration);
  }).observe({ type: "longtask", buffered: true });
}

/** Runs in the page. */
function takeLongTasks(): number[] {
  return (globalThis as unknown as { earshotLongTasks: number[] }).earshotLongTasks.splice(0);
}

/** Runs in the page: frames, long tasks, and how often each of the first 20 calls' meters moved. */
async function watch(ms: number) {
  const page = globalThis as unknown as {
    earshotLongTasks: number[];
    document: { querySelectorAll(selector: string): Iterable<object> };
    requestAnimationFrame(callback: () => void): void;
    MutationObserver: new (onChange: () => void) => {
      observe(target: object, options: object): void;
    };
  };
  page.earshotLongTasks.length = 0;
  const cards = [...page.document.querySelectorAll("#live .call .levels")].slice(0, 20);
  const moves = cards.map((card, index) => {
    const observer = new page.MutationObserver(() => moves[index]++);
    observer.observe(card, { subtree: true, attributes: true });
    return 0;
  });
  let frames = 0;
  let isOver = false;
  const count = () => {
    frames++;
    if (!isOver) page.requestAnimationFrame(count);
  };
  page.requestAnimationFrame(count);
  await new Promise((resolve) => setTimeout(resolve, ms));
  isOver = true;
  return { frames, moves, longTasks: page.earshotLongTasks.splice(0) };
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
