import type { Call } from "../calls/call.ts";
import type { EndedCall } from "../archive/ended_call.ts";
import type { CallFilter, CallPlace } from "../archive/index_query.ts";
import type { CallRegistry } from "../calls/registry.ts";
import { ApiError } from "./api_error.ts";

/** What is listed. */
export interface ListRequest {
  readonly filter: CallFilter;
  /** Only calls that run, or only those that have ended. */
  readonly state?: "active" | "ended" | undefined;
  readonly limit: number;
  /** Cursor of an earlier page: only what comes behind it is answered. */
  readonly before?: string | undefined;
}

/** A page of calls, newest first, and the cursor of the next one. */
export interface CallListPage<T> {
  readonly calls: T[];
  readonly before: string | null;
}

interface Entry {
  readonly place: CallPlace;
  readonly call: Call | EndedCall;
}

/** Longest list, in bytes of its JSON but for some for what stands around it. */
const MAX_LIST_BYTES = 1024 * 1024 - 1024;

/**
 * Calls that run and calls that have ended as one list, each as `describe` has it. A page ends where
 * it would be longer than 1 MiB. A call keeps its place while it begins and
 * ends, so that who goes from page to page meets each call once, and misses none that was there all
 * the time.
 *
 * @throws {ApiError} 400 when the cursor is none
 */
export function listCalls<T>(
  calls: CallRegistry,
  request: ListRequest,
  describe: (call: Call | EndedCall) => T,
): CallListPage<T> {
  const { filter, state, limit } = request;
  const before = request.before === undefined ? undefined : parseCursor(request.before);
  const entries: Entry[] = [];
  if (state !== "ended") {
    for (const call of calls.active) {
      const place = { announcedAt: call.announcedAt, id: call.details.id };
      if (isBehind(place, before) && fits(call, filter)) entries.push({ place, call });
    }
  }
  if (state !== "active") {
    // One more than is answered tells whether there is a next page.
    // What more metadata than fits would add is not read: the page ends before it.
    const page = { limit: limit + 1, maxMetadataChars: MAX_LIST_BYTES, ...(before && { before }) };
    for (const call of calls.archive.index.list(filter, page)) entries.push({ place: call, call });
  }
  const described: T[] = [];
  let leftBytes = MAX_LIST_BYTES;
  for (const { call } of entries.sort((a, b) => compare(a.place, b.place))) {
    if (described.length === limit) break;
    const description = describe(call);
    leftBytes -= bytesOf(description) + 1;
    if (leftBytes < 0 && described.length > 0) break;
    described.push(description);
  }
  const last = entries[described.length - 1]?.place;
  const isLast = last === undefined || described.length === entries.length;
  return { calls: described, before: isLast ? null : `${last.announcedAt}~${last.id}` };
}

/** Whether a call that runs is asked for. */
function fits(call: Call, { organisation, from, to, metadata, hasRecording }: CallFilter): boolean {
  const { details, startedAt, recorder } = call;
  if (details.organisation !== organisation) return false;
  if (startedAt < (from ?? -Infinity) || startedAt >= (to ?? Infinity)) return false;
  if (hasRecording && recorder === undefined) return false;
  for (const [key, value] of metadata ?? []) {
    if (!Object.hasOwn(details.metadata, key) || details.metadata[key] !== value) return false;
  }
  return true;
}

function isBehind(place: CallPlace, before: CallPlace | undefined): boolean {
  return before === undefined || compare(place, before) > 0;
}

function compare(a: CallPlace, b: CallPlace): number {
  return b.announcedAt - a.announcedAt || (a.id < b.id ? 1 : a.id > b.id ? -1 : 0);
}

function parseCursor(text: string): CallPlace {
  const [, announcedAt, id] = /^(\d+(?:\.\d+)?)~([\w.-]+)$/.exec(text) ?? [];
  if (announcedAt === undefined || id === undefined) {
    throw new ApiError(400, "bad_query", "before takes a cursor that an earlier page answered");
  }
  return { announcedAt: Number(announcedAt), id };
}

function bytesOf(value: unknown): number {
  return new TextEncoder().encode(JSON.stringify(value)).length;
}
