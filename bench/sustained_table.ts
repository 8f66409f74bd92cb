import { percent, table } from "./report.ts";
import {
  HOLDBACK_MS,
  LATEST_MS,
  LEAST_FRAMES,
  MOST_HOLES,
  PART,
  type SustainedFigures,
} from "./sustained.ts";

const NOTE = `Twilio calls, each recorded and with one listener. A server keeps up while it sends
${
  percent(LEAST_FRAMES)
} of the frames, 99 % of them no more than ${LATEST_MS} ms later than the earliest of
the same listener, and no more than ${
  percent(MOST_HOLES)
} of them lack 10 ms or more of both sides' sound
(the floor's have none). Earshot and the peer wait ${HOLDBACK_MS} ms for late audio from the start, which is
Earshot's most: so its holdback does not rise and move the frames while they are measured.`;

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
