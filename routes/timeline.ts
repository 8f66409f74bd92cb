import { OpenAPIHono } from "@hono/zod-openapi";
import type { Context } from "hono";
import { mayFollow } from "../auth/authorize.ts";
import type { Call } from "../calls/call.ts";
import { authenticate, ownedCall, unauthorized } from "./access.ts";
import { ApiError } from "./api_error.ts";
import { describeCall, describeEnded } from "./call_description.ts";
import { endedTimeline } from "./ended_timeline.ts";
import { callParamSchema } from "./call_schemas.ts";
import {
  emptyEventResponse,
  eventAnswer,
  eventResponse,
  openEventStream,
  tooManyStreams,
} from "./event_response.ts";
import { LiveTimeline } from "./live_timeline.ts";
import { errors } from "./openapi.ts";
import type { Services } from "./services.ts";
import { publicOrigin } from "./urls.ts";

/**
 * All that a page needs to draw a call from its beginning and to follow it, as server-sent events:
 * `GET /calls/{id}/timeline`. To be mounted before what takes keys alone.
 */
export function timelineRoutes(services: Services): OpenAPIHono {
  const app = new OpenAPIHono();
  app.openAPIRegistry.registerPath({
    method: "get",
    path: "/calls/{id}/timeline",
    summary: "All of a call so far, and what follows, for drawing it, as server-sent events",
    request: { params: callParamSchema },
    responses: { 200: eventAnswer, 401: errors[401], 404: errors[404], 429: tooManyStreams },
  });
  app.get("/calls/:id/timeline", async (c) => {
    const id = c.req.param("id");
    const { call, ended, organisation } = await find(c, services, id);
    if (c.req.method === "HEAD") return emptyEventResponse(c);
    const origin = publicOrigin(c, services.config.publicUrl);
    const stream = openEventStream(services, organisation);
    if (call !== undefined) {
      const describe = (call: Call) => describeCall(call, origin, services);
      new LiveTimeline({ call, stream, services, describe }).start();
    } else {
      const ref = { organisation, callId: id };
      void endedTimeline({ ref, call: describeEnded(ended, origin), stream, services });
    }
    return eventResponse(c, stream);
  });
  return app;
}

/**
 * The call of the path, if who asks may follow it.
 *
 * @throws {ApiError} 401 or 404
 */
async function find(c: Context, services: Services, id: string) {
  const { calls } = services;
  const principal = await authenticate(c, services, false);
  const call = calls.get(id);
  if (call !== undefined) {
    const { organisation } = call.details;
    if (!mayFollow(principal, ownedCall(call))) throw unauthorized();
    return { call, organisation };
  }
  const ended = await calls.archive.find(id);
  if (ended === undefined) {
    if (principal.kind === "token" && principal.callId !== id) throw unauthorized();
    throw new ApiError(404, "call_not_found", `There is no call ${id}; check its id`);
  }
  if (!mayFollow(principal, ended)) throw unauthorized();
  return { ended, organisation: ended.organisation };
}
