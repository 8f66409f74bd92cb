import { percent, table } from "./report.ts";
import {
  HOLDBACK_MS,
  LATEST_MS,
  LEAST_FRAMES,
  MOST_CPU,
  MOST_HOLES,
  PART,
  type SustainedFigures,
} from "./sustained.ts";

const NOTE = `Twilio calls, each recorded and with one listener. A server keeps up while
${
  percent(LEAST_FRAMES)
} of the frames come, 99 % of them no more than ${LATEST_MS} ms later than the
earliest to the same listener, no more than ${
  percent(MOST_HOLES)
} of them lack 10 ms or more of both
sides' sound (the floor's never have any), and it takes no more than ${
  percent(MOST_CPU)
} of the core:
without a pause it could not catch up. Earshot and the peer wait ${HOLDBACK_MS} ms for late audio from the
start, Earshot's most: its holdback cannot rise, so what is late here is the server's doing. The peer has
no timeline: that its sound lags ever more after a stall is not seen here.`;

/** Scenario s as a table, and what its words mean. */
export function sustainedTable(figures: readonly SustainedFigures[]): string {
  const head = [
    "server",
    "most calls",
    "beyond",
    `CPU at ${100 * PART} %`,
    `frame late at ${100 * PART} %: p50`,
    "p99",
    "max",
    "with holes",
  ];
  const rows = figures.map(({ name, isSilent, most, beyond, relaxed }) => [
    name,
    `**${most}**`,
    beyond ? `${beyond.calls}: ${beyond.how}` : "not tried",
    relaxed ? percent(relaxed.cpu) : "",
    relaxed ? `${relaxed.frameLatenessMs.p50.toFixed(1)} ms` : "",
    relaxed ? `${relaxed.frameLatenessMs.p99.toFixed(1)} ms` : "",
    relaxed ? `${relaxed.frameLatenessMs.max.toFixed(0)} ms` : "",
    relaxed && !isSilent ? percent(relaxed.holes) : "",
  ]);
  return `${table(head, rows)}\n\n${NOTE}`;
}
