/**
 * Conditional requests (RFC 9110, 13) for what the recordings routes answer.
 *
 * @module
 */
import type { Context } from "hono";
import type { RecordingInfo } from "../recordings/store.ts";
import { ApiError } from "./api_error.ts";

/** What a response is told apart by from another one of the same URL. */
export interface Validators {
  /** Strong, with its quotes: the same for the same bytes and for no others. */
  readonly etag: string;
  /** When the newest of it happened, ms since the Unix epoch. Left out while it is growing. */
  readonly modifiedAt?: number | undefined;
}

/** The part of a `Headers` object that is read here. */
export interface RequestHeaders {
  get(name: string): string | null;
}

/** The validators of what is made of a recording; `tag` is the same for the same bytes. */
export function validatorsOf(
  { state, startedAt, samples, sampleRate }: RecordingInfo,
  tag: string,
): Validators {
  const isGrowing = state === "recording";
  return {
    etag: `"${tag}"`,
    modifiedAt: isGrowing ? undefined : startedAt + samples * 1000 / sampleRate,
  };
}

/**
 * Answers what the request's conditions demand in place of the response, if they do.
 *
 * @throws {ApiError} 412
 */
export function answerCondition(
  c: Context,
  validators: Validators,
  cacheControl: string,
): Response | null {
  const status = conditionStatus(c.req.raw.headers, validators);
  if (status === null) return null;
  if (status === 304) {
    return c.body(null, 304, { "Cache-Control": cacheControl, ...validatorHeaders(validators) });
  }
  throw new ApiError(412, "changed", "It is not any more what If-Match or the like expects");
}

/** The status that a request's conditions demand in place of the response: 304, 412 or none. */
function conditionStatus(
  headers: RequestHeaders,
  { etag, modifiedAt }: Validators,
): 304 | 412 | null {
  const ifMatch = headers.get("if-match");
  const unmodifiedSince = headers.get("if-unmodified-since");
  if (ifMatch !== null) {
    if (!lists(ifMatch, etag, false)) return 412;
  } else if (unmodifiedSince !== null && modifiedAt !== undefined) {
    if (seconds(modifiedAt) > seconds(Date.parse(unmodifiedSince))) return 412;
  }
  const ifNoneMatch = headers.get("if-none-match");
  const modifiedSince = headers.get("if-modified-since");
  if (ifNoneMatch !== null) return lists(ifNoneMatch, etag, true) ? 304 : null;
  if (modifiedSince === null || modifiedAt === undefined) return null;
  return seconds(modifiedAt) <= seconds(Date.parse(modifiedSince)) ? 304 : null;
}

/** Whether a range may be answered: what the client has of it is of the same response. */
export function isRangeCurrent(headers: RequestHeaders, validators: Validators): boolean {
  const ifRange = headers.get("if-range")?.trim();
  if (ifRange === undefined) return true;
  if (ifRange.startsWith('"')) return ifRange === validators.etag;
  const { modifiedAt } = validators;
  // A date matches only exactly; a weak tag is no date, and matches never.
  return modifiedAt !== undefined && seconds(modifiedAt) === seconds(Date.parse(ifRange));
}

/** The validators as response headers. */
export function validatorHeaders({ etag, modifiedAt }: Validators): Record<string, string> {
  return {
    ETag: etag,
    ...(modifiedAt !== undefined && { "Last-Modified": new Date(modifiedAt).toUTCString() }),
  };
}

function lists(header: string, etag: string, isWeak: boolean): boolean {
  if (header.trim() === "*") return true;
  return header.split(",").some((item) => {
    const tag = item.trim();
    return (isWeak ? tag.replace(/^W\//, "") : tag) === etag;
  });
}

/** HTTP tells dates in whole seconds. What is no date is no number, and compares with nothing. */
function seconds(ms: number): number {
  return Math.floor(ms / 1000);
}
