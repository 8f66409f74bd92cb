import type { LongMemoryFigures } from "./long_memory.ts";
import type { ProfileFigures } from "./profile.ts";
import { percent, table } from "./report.ts";
import type { StartFigures } from "./start.ts";

const MOST_FUNCTIONS = 25;

/** Memory of a call over 30 minutes as a table. */
export function longMemoryTable(figures: readonly LongMemoryFigures[]): string {
  const [{ calls, others, measured: moments }] = figures;
  const ends = [moments[0], moments[moments.length - 1]];
  const head = [
    `of a call (of ${calls}), after`,
    ...moments.map(({ minutes }) => `${minutes} min`),
    `process with ${calls + others}, after ${ends.map(({ minutes }) => minutes).join(" and ")} min`,
  ];
  const rows = figures.map(({ what, measured }) => [
    what,
    ...measured.map(({ perCall }) => `${Math.round(perCall / 1024)} KiB`),
    [measured[0], measured[measured.length - 1]]
      .map(({ residentBytes }) => `${Math.round(residentBytes / 2 ** 20)} MiB`)
      .join(" and "),
  ]);
  return table(head, rows);
}

/** Scenario t as a table. */
export function startTable(figures: readonly StartFigures[]): string {
  const rows = figures.map(({ name, runs, median, min, max }) => [
    name,
    String(runs),
    `**${median.toFixed(0)} ms**`,
    `${min.toFixed(0)} ms`,
    `${max.toFixed(0)} ms`,
  ]);
  return table(["server", "starts", "median", "min", "max"], rows);
}

/** Scenario w as two tables. */
export function profileTables({ idle, cpu, functions, parts }: ProfileFigures): string {
  return [
    `The main thread was idle for ${percent(idle)} of the time; the process took ${
      percent(cpu)
    } of ` +
    "a core, the profiler included. Shares are of the time that was not idle, each function's " +
    "without what it calls.",
    table(
      ["part", "share"],
      parts.filter(({ share }) => share >= 0.001).map(({ name, share }) => [name, percent(share)]),
    ),
    table(
      ["function", "where", "share"],
      functions.slice(0, MOST_FUNCTIONS).map(({ name, where, share }) => [
        `\`${name}\``,
        where,
        percent(share),
      ]),
    ),
  ].join("\n\n");
}
