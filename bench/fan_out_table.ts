import type { FanOutFigures } from "./fan_out.ts";
import { doubtsAbout, percent, table } from "./report.ts";

const NOTE =
  `All on one core. A frame is 800 bytes. icecast2 collects blocks of 1400 before it sends, and
so sends 0.57 times for each frame, up to 88 ms later; its listeners speak HTTP, the others' WebSocket.
Earshot's part is that of a whole call, received as JSON, mixed and recorded.`;

/** Scenario n as a table, and what to know of it. */
export function fanOutTable(figures: readonly FanOutFigures[]): string {
  const head = [
    "listeners",
    "server",
    "CPU",
    "CPU per frame sent",
    "by Earshot's",
    "frames that came",
    "frame late p99",
    "memory",
    "load CPU",
  ];
  const rows = figures.map((server) => [
    String(server.listeners),
    server.name,
    percent(server.cpu),
    `${server.frameUs.toFixed(2)} us`,
    `**${server.factor.toFixed(2)}**`,
    percent(server.framesReceived),
    `${server.frameLatenessMs.p99.toFixed(1)} ms`,
    `${Math.round(server.residentBytes / 2 ** 20)} MiB`,
    percent(server.loadCpu),
  ]);
  const lines = figures.flatMap(doubtsAbout).map((line) => `- doubtful: ${line}`);
  return [table(head, rows), NOTE, ...(lines.length > 0 ? [lines.join("\n")] : [])].join("\n\n");
}
