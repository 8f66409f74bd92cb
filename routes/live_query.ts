import type { ViewOptions } from "../calls/view.ts";
import { ApiError } from "./api_error.ts";

/**
 * What a listener asks for in the query.
 *
 * @throws {ApiError} 400 for values that do not exist; parameters of other names are ignored
 */
export function readView(query: URLSearchParams): ViewOptions {
  const channels = readChoice(query, "channels", ["1", "2"]);
  const track = readChoice(query, "track", ["user", "bot"]);
  const silence = readChoice(query, "silence", ["pcm"]);
  const events = readChoice(query, "events", ["1"]);
  if (channels === "2" && track !== undefined) {
    throw new ApiError(400, "bad_query", "Ask for channels=2 or for one track, not for both");
  }
  return {
    channels: channels === "2" ? 2 : 1,
    ...(track !== undefined && { track }),
    silenceAsPcm: silence === "pcm",
    ...(events === "1" && { withEvents: true }),
  };
}

/**
 * Where in the call a listener wants to begin, in seconds; negative: back from now.
 *
 * @throws {ApiError} 400
 */
export function readFrom(query: URLSearchParams): number | undefined {
  const value = query.get("from");
  if (value === null) return undefined;
  if (/^-?\d{1,6}(\.\d{1,30})?$/.test(value)) return Number(value);
  throw new ApiError(
    400,
    "bad_query",
    `from takes seconds such as 12.5 or -30, received ${JSON.stringify(value.slice(0, 40))}`,
  );
}

/** The value of an option that takes one of a few; `undefined` without it. @throws {ApiError} 400 */
export function readChoice<const T extends string>(
  query: URLSearchParams,
  name: string,
  values: readonly T[],
): T | undefined {
  const value = query.get(name);
  if (value === null) return undefined;
  const found = values.find((candidate) => candidate === value);
  if (found !== undefined) return found;
  throw new ApiError(
    400,
    "bad_query",
    `${name} takes ${values.join(" or ")}, received ${JSON.stringify(value.slice(0, 40))}`,
  );
}
