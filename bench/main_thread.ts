import type { Browser, Page } from "playwright-core";

/** The tasks of a page's main thread. */
export interface MainThread {
  /** CPU time, as a share of one core. */
  readonly cpu: number;
  /** CPU time of the longest task, ms: unlike its duration, no other program makes it longer. */
  readonly longestTaskMs: number;
}

interface TraceEvent {
  readonly name: string;
  readonly ph: string;
  readonly pid: number;
  readonly tid: number;
  /** CPU time, us. */
  readonly tdur?: number;
  readonly args: { readonly name?: string };
}

/** Traces a page while `measured` runs. */
export async function traceMainThread<T>(
  browser: Browser,
  page: Page,
  measured: () => Promise<T>,
): Promise<{ result: T; mainThread: MainThread }> {
  const categories = ["disabled-by-default-devtools.timeline"];
  await browser.startTracing(page, { categories });
  const startMs = performance.now();
  const result = await measured();
  const seconds = (performance.now() - startMs) / 1000;
  const trace = new TextDecoder().decode(await browser.stopTracing());
  const { traceEvents }: { traceEvents: TraceEvent[] } = JSON.parse(trace);
  return { result, mainThread: readTrace(traceEvents, seconds) };
}

/** Of all renderers' main threads that were traced the page's is the busiest one. */
function readTrace(events: readonly TraceEvent[], seconds: number): MainThread {
  const threads = new Map<string, { cpu: number; longestTaskMs: number }>();
  for (const { name, ph, pid, tid, args } of events) {
    if (ph !== "M" || name !== "thread_name" || args.name !== "CrRendererMain") continue;
    threads.set(`${pid}/${tid}`, { cpu: 0, longestTaskMs: 0 });
  }
  for (const { name, ph, pid, tid, tdur = 0 } of events) {
    const thread = name === "RunTask" && ph === "X" ? threads.get(`${pid}/${tid}`) : undefined;
    if (thread === undefined) continue;
    thread.cpu += tdur / 1e6 / seconds;
    thread.longestTaskMs = Math.max(thread.longestTaskMs, tdur / 1000);
  }
  const [busiest] = [...threads.values()].sort((a, b) => b.cpu - a.cpu);
  if (busiest === undefined) throw new Error("Cannot measure page: the trace has no main thread");
  return busiest;
}
