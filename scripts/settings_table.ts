/**
 * Prints the README's table of settings: `deno run scripts/settings_table.ts`.
 *
 * @module
 */
import { type Setting, SETTINGS } from "../config.ts";

const HEADINGS = ["Variable", "Default", "Takes", "Meaning"];

/** The table as Markdown, laid out the way `deno fmt` leaves it, without a final line break. */
export function settingsTable(): string {
  const rows = [HEADINGS, ...Object.values<Setting<unknown>>(SETTINGS).map(cells)];
  const widths = HEADINGS.map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  const line = (row: string[]) =>
    `| ${row.map((cell, column) => cell.padEnd(widths[column])).join(" | ")} |`;
  const [headings, ...body] = rows.map(line);
  return [headings, line(widths.map((width) => "-".repeat(width))), ...body].join("\n");
}

function cells(setting: Setting<unknown>): string[] {
  const { env, unit, unset = "", parser, doc } = setting;
  const unitSuffix = unit === undefined ? "" : ` ${unit}`;
  const byDefault = setting.default === undefined ? unset : `\`${setting.default}\`${unitSuffix}`;
  return [`\`${env}\``, byDefault, parser.takes, doc].map((cell) => cell.replaceAll("|", "\\|"));
}

if (import.meta.main) console.log(settingsTable());
