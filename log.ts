import { redactUrl } from "./auth/redact.ts";

/** How severe a message is, least severe first. */
const LOG_LEVELS = ["debug", "info", "warn", "error"] as const;
export type LogLevel = typeof LOG_LEVELS[number];

/** Details of a message; an error is shown by its message. */
export type LogFields = Readonly<Record<string, unknown>>;

/** Where the server says what it does, a line a message. */
export type Log = Readonly<Record<LogLevel, (message: string, fields?: LogFields) => void>>;

/**
 * A log of lines such as `2026-11-22T08:40:00.000Z info call started id=CA123`. Whatever looks like a
 * credential in a URL is blacked out.
 *
 * @param least least severe level that is written
 * @param write takes a line
 */
export function createLog(
  least: LogLevel,
  write: (line: string) => void = console.error,
  wallTime: () => number = Date.now,
): Log {
  const at = (level: LogLevel) => (message: string, fields: LogFields = {}) => {
    if (LOG_LEVELS.indexOf(level) < LOG_LEVELS.indexOf(least)) return;
    const details = Object.entries(fields)
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => ` ${name}=${show(value)}`)
      .join("");
    write(`${new Date(wallTime()).toISOString()} ${level} ${redactUrl(message)}${details}`);
  };
  return { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
}

function show(value: unknown): string {
  if (value instanceof Error) return JSON.stringify(redactUrl(value.message));
  if (typeof value !== "string") return JSON.stringify(value);
  const text = redactUrl(value);
  return /^[\w.:/…-]+$/.test(text) ? text : JSON.stringify(text);
}
