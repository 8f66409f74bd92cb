import type { InProcessFigures } from "./in_process.ts";
import type { LatencyFigures } from "./latency.ts";
import type { LiveComparison, LiveFigures } from "./live.ts";
import type { MemoryFigures } from "./memory.ts";
import type { WallFigures } from "./wall.ts";
import type { PeerComparison } from "./peers.ts";

/** The load a core is planned for: beyond it a stall is no longer caught up with at once. */
const PLANNED_LOAD = 0.8;
/** A load generator busier than this may itself be what is measured. */
const BUSY_LOAD = 0.7;
/** A server kept from its core for longer falls behind, and does less work than it was given. */
const LONG_WAIT = 0.1;

/** Scenario a as a table. */
export function liveTable(comparisons: readonly LiveComparison[]): string {
  const head = [
    "calls",
    "server",
    "CPU",
    "spread",
    "CPU per call",
    "ratio",
    "calls per core",
    "frame late p50",
    "p99",
    "memory",
    "load CPU",
  ];
  const rows = comparisons.flatMap(({ floor, earshot, ratio, ratioSpread }) => [
    liveRow(floor, "1"),
    liveRow(earshot, `**${ratio.toFixed(2)}** (${percent(ratioSpread)})`),
  ]);
  return table(head, rows);
}

/** Scenario c as a table. */
export function crowdTable(comparisons: readonly LiveComparison[]): string {
  const head = [
    "listeners",
    "server",
    "CPU",
    "CPU per frame sent",
    "ratio",
    "frame late p99",
    "memory",
  ];
  const row = (figures: LiveFigures, ratio: string) => {
    const { name, listeners, cpu, frameLatenessMs, residentBytes, framesReceived } = figures;
    const perFrame = (cpu * 1e6) / (listeners * 20 * framesReceived);
    return [
      String(listeners),
      name,
      percent(cpu),
      `${perFrame.toFixed(2)} us`,
      ratio,
      `${frameLatenessMs.p99.toFixed(1)} ms`,
      `${Math.round(residentBytes / 2 ** 20)} MiB`,
    ];
  };
  const rows = comparisons.flatMap(({ floor, earshot, ratio, ratioSpread }) => [
    row(floor, "1"),
    row(earshot, `**${ratio.toFixed(2)}** (${percent(ratioSpread)})`),
  ]);
  return table(head, rows);
}

/** Scenario l as a table. */
export function latencyTable(figures: LatencyFigures): string {
  const { windows, p50, p95, max, deviceRateHz } = figures;
  return table(["windows of 250 ms", "device", "p50", "p95", "max"], [[
    String(windows),
    `${deviceRateHz} Hz`,
    `**${p50.toFixed(0)} ms**`,
    `**${p95.toFixed(0)} ms**`,
    `${max.toFixed(0)} ms`,
  ]]);
}

/** Scenario p as a table. */
export function peersTable(comparisons: readonly PeerComparison[]): string {
  const head = [
    "calls",
    "server",
    "CPU",
    "CPU per call",
    "calls per core",
    "frame late p99",
    "gain",
  ];
  const row = (figures: LiveFigures, gain: string) => {
    const { calls, name, cpu, frameLatenessMs } = figures;
    const late = `${frameLatenessMs.p99.toFixed(1)} ms`;
    return [String(calls), name, percent(cpu), perCall(figures), perCore(figures), late, gain];
  };
  const rows = comparisons.flatMap(({ peer, earshot, gain }) => [
    row(peer, "1"),
    row(earshot, `**${gain.toFixed(2)}**`),
  ]);
  return table(head, rows);
}

/** What makes figures doubtful, a line each. */
export function doubts(comparisons: readonly LiveComparison[]): string[] {
  return comparisons.flatMap(({ floor, earshot }) => [floor, earshot]).flatMap(doubtsAbout);
}

/** The same of one server's. */
export function doubtsAbout(figures: LiveFigures): string[] {
  const { name, calls, listeners } = figures;
  const who = listeners === 1 ? `${name}, ${calls} calls` : `${name}, ${listeners} listeners`;
  const { loadCpu, framesReceived, sendLatenessMs, waiting } = figures;
  const lines: string[] = [];
  if (loadCpu > BUSY_LOAD) lines.push(`${who}: the load generator took ${percent(loadCpu)}`);
  if (waiting > LONG_WAIT) {
    lines.push(`${who}: other programs kept it waiting for ${percent(waiting)} of the time`);
  }
  if (framesReceived < 0.99) lines.push(`${who}: ${percent(framesReceived)} of the frames came`);
  if (sendLatenessMs.p99 > 20) {
    lines.push(`${who}: the load was ${sendLatenessMs.p99} ms late (p99): the machine is busy`);
  }
  return lines;
}

/** Scenario d as a table. */
export function inProcessTable(figures: readonly InProcessFigures[]): string {
  const rows = figures.map(({ calls, pipelineNs, fusedNs, ratio }) => [
    String(calls),
    `${(pipelineNs / 1000).toFixed(2)} us`,
    `${(fusedNs / 1000).toFixed(2)} us`,
    `**${ratio.toFixed(2)}**`,
  ]);
  return table(["calls", "pipeline", "plain loops", "ratio"], rows);
}

/** Scenario f as a table. */
export function wallTable(figures: readonly WallFigures[]): string {
  const head = [
    "screen",
    "calls",
    "longest task",
    "tasks over 50 ms",
    "longest while loading",
    "frames/s",
    "meter moves/s",
    "main thread CPU",
    "longest task CPU",
    "events",
    "server CPU without",
    "with",
  ];
  return table(
    head,
    figures.map((wall) => [
      wall.screen,
      String(wall.calls),
      wall.longTasks === 0 ? "below 50 ms" : `${wall.longestTaskMs.toFixed(0)} ms`,
      String(wall.longTasks),
      wall.longestTaskAtLoadMs === 0 ? "below 50 ms" : `${wall.longestTaskAtLoadMs.toFixed(0)} ms`,
      wall.framesPerSecond.toFixed(0),
      wall.metersPerSecond.toFixed(1),
      percent(wall.mainThread.cpu),
      `${wall.mainThread.longestTaskMs.toFixed(0)} ms`,
      `${(wall.eventBytesPerSecond / 1024).toFixed(1)} KiB/s`,
      percent(wall.cpuWithout),
      percent(wall.cpuWith),
    ]),
  );
}

/** Scenario g as a table. */
export function memoryTable(figures: MemoryFigures): string {
  const { calls, idle, perCall, perRecordedCall, perRewindCall, perListener } = figures;
  const kilobytes = (bytes: number) => `${Math.round(bytes / 1024)} KiB`;
  return table(["what", "resident"], [
    ["process without calls", kilobytes(idle)],
    [`a call (of ${calls}), not recorded, rewind off`, kilobytes(perCall)],
    ...(perRewindCall === undefined
      ? []
      : [["a call, not recorded, default rewind", kilobytes(perRewindCall)]]),
    ["a call that is recorded to a file", kilobytes(perRecordedCall)],
    ["a listener", kilobytes(perListener)],
  ]);
}

function liveRow(figures: LiveFigures, ratio: string): string[] {
  const { calls, name, cpu, cpuSpread, residentBytes, frameLatenessMs, loadCpu } = figures;
  return [
    String(calls),
    name,
    percent(cpu),
    percent(cpuSpread),
    perCall(figures),
    ratio,
    perCore(figures),
    `${frameLatenessMs.p50.toFixed(1)} ms`,
    `${frameLatenessMs.p99.toFixed(1)} ms`,
    `${Math.round(residentBytes / 2 ** 20)} MiB`,
    percent(loadCpu),
  ];
}

function perCall({ cpu, calls }: LiveFigures): string {
  return `${((100 * cpu) / calls).toFixed(3)} %`;
}

function perCore({ cpu, calls }: LiveFigures): string {
  return String(Math.floor((PLANNED_LOAD * calls) / cpu));
}

/** A share, in percent. */
export function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}

/** Rows in Markdown. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [head, head.map(() => "---"), ...rows];
  return lines.map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}
