import { ApiError } from "./api_error.ts";
import type { CallDescription } from "./call_description.ts";

/** A call as far as its place in a list goes. */
type Listed = Pick<CallDescription, "id" | "startedAt">;

/**
 * A page of calls, newest first.
 *
 * @param before cursor of an earlier page: only what comes behind it is answered
 * @throws {ApiError} 400 when the cursor is none
 */
export function pageOf<T extends Listed>(
  calls: T[],
  limit: number,
  before: string | undefined,
): { calls: T[]; before: string | null } {
  const cursor = before === undefined ? undefined : parseCursor(before);
  const rest = cursor === undefined ? calls : calls.filter((call) => compare(call, cursor) > 0);
  const page = rest.sort(compare).slice(0, limit);
  const last = page.at(-1);
  const isLast = page.length === rest.length || last === undefined;
  return { calls: page, before: isLast ? null : `${last.startedAt}~${last.id}` };
}

function compare(a: Listed, b: Listed): number {
  return b.startedAt - a.startedAt || (a.id < b.id ? 1 : a.id > b.id ? -1 : 0);
}

function parseCursor(text: string): Listed {
  const [, startedAt, id] = /^(\d+(?:\.\d+)?)~([\w.-]+)$/.exec(text) ?? [];
  if (startedAt === undefined) {
    throw new ApiError(400, "bad_query", "before takes a cursor that an earlier page answered");
  }
  return { startedAt: Number(startedAt), id };
}
