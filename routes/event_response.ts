import { z } from "@hono/zod-openapi";
import type { Context } from "hono";
import type { EventStream } from "../events/event_stream.ts";
import { ApiError } from "./api_error.ts";
import { error } from "./openapi.ts";
import type { Services } from "./services.ts";

/** A stream of server-sent events, for OpenAPI. */
export const eventAnswer = {
  description: "A stream that goes on until one of the two ends it",
  content: { "text/event-stream": { schema: z.string() } },
};

/** The refusal when an organisation has as many streams as it may, for OpenAPI. */
export const tooManyStreams = error("The organisation has as many streams open as it may");

const HEADERS = {
  "Content-Type": "text/event-stream",
  "Cache-Control": "no-store",
  "X-Accel-Buffering": "no",
};

/**
 * A stream of server-sent events for the organisation.
 *
 * @throws {ApiError} 429 when it has as many as it may
 */
export function openEventStream({ streams }: Services, organisation: string): EventStream {
  if (streams.hasRoom(organisation)) return streams.open(organisation);
  throw new ApiError(
    429,
    "too_many_streams",
    "Too many event streams are open; close one, or raise EARSHOT_MAX_EVENT_STREAMS_PER_ORG",
  );
}

/** The response whose body is the stream. No proxy on the way may hold it back. */
export function eventResponse(c: Context, { body }: EventStream): Response {
  return c.body(body, 200, HEADERS);
}

/** The answer to HEAD: nobody would read, or cancel, the body of a stream. */
export function emptyEventResponse(c: Context): Response {
  return c.body(null, 200, HEADERS);
}
