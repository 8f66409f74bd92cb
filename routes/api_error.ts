import type { Context } from "hono";
import { HTTPException } from "hono/http-exception";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import type { Log } from "../log.ts";

/** What may stand beside code and message in the body of an error. */
export interface ErrorExtra {
  /** Where the recording of an ended call is. */
  recordingUrl?: string;
}

/** A failure as HTTP says it: a status, a code for programs and a message that tells what to do. */
export class ApiError extends HTTPException {
  readonly code: string;
  readonly extra: ErrorExtra;

  constructor(status: ContentfulStatusCode, code: string, message: string, extra: ErrorExtra = {}) {
    super(status, { message });
    this.code = code;
    this.extra = extra;
  }
}

/** The JSON body of every error. */
export function errorBody(code: string, message: string, extra: ErrorExtra = {}) {
  return { error: { code, message, ...extra } };
}

/** Turns whatever a handler throws into an answer; what nobody foresaw is logged and not told. */
export function answerError(error: Error, c: Context, log: Log): Response {
  if (error instanceof ApiError) {
    if (error.status === 401) c.header("WWW-Authenticate", "Bearer");
    if (error.status === 426) c.header("Upgrade", "websocket");
    // Who is one too many shall not keep the connection either.
    if (error.status === 429) c.header("Connection", "close");
    return c.json(errorBody(error.code, error.message, error.extra), error.status);
  }
  if (error instanceof HTTPException) {
    const message = error.status === 415
      ? "Send JSON, with Content-Type: application/json"
      : error.message || "Bad request";
    return c.json(errorBody("bad_request", message), error.status);
  }
  log.error("request failed", { method: c.req.method, url: c.req.url, error });
  return c.json(errorBody("internal", "The server failed; its log says why"), 500);
}
