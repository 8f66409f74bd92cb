import { createRoute, OpenAPIHono } from "@hono/zod-openapi";
import type { Context } from "hono";
import { Call } from "../calls/call.ts";
import { CallRefusedError } from "../calls/registry.ts";
import { organisationOf, unauthorized } from "./access.ts";
import { ApiError } from "./api_error.ts";
import { describeCall, describeEnded } from "./call_description.ts";
import { listCalls } from "./call_list.ts";
import { listQuerySchema, metadataFilter, metadataParameter } from "./call_query.ts";
import {
  announceSchema,
  callListSchema,
  callParamSchema,
  callSchema,
  endSchema,
  tokenRequestSchema,
  tokenSchema,
} from "./call_schemas.ts";
import { answer, body, errors, validationHook } from "./openapi.ts";
import type { Services } from "./services.ts";
import { callUrls, publicOrigin } from "./urls.ts";

const listRoute = createRoute({
  method: "get",
  path: "/calls",
  summary: "The organisation's calls, newest first",
  parameters: [metadataParameter],
  request: { query: listQuerySchema },
  responses: { ...answer(200, "A page of calls", callListSchema), ...errors },
});

const announceRoute = createRoute({
  method: "post",
  path: "/calls",
  summary: "Announce a call before its audio",
  request: { body: body(announceSchema) },
  responses: { ...answer(201, "The call and its URLs", callSchema), ...errors },
});

const showRoute = createRoute({
  method: "get",
  path: "/calls/{id}",
  summary: "State, timings, track health, listeners and recording of a call",
  request: { params: callParamSchema },
  responses: { ...answer(200, "The call", callSchema), ...errors },
});

const controlRoute = (action: string, summary: string) =>
  createRoute({
    method: "post",
    path: `/calls/{id}/${action}`,
    summary,
    request: { params: callParamSchema },
    responses: { ...answer(200, "The call", callSchema), ...errors },
  });

const endRoute = createRoute({
  method: "post",
  path: "/calls/{id}/end",
  summary: "End the call",
  request: { params: callParamSchema, body: body(endSchema, false) },
  responses: { ...answer(200, "The call", callSchema), ...errors },
});

const tokenRoute = createRoute({
  method: "post",
  path: "/calls/{id}/tokens",
  summary: "A token for this call alone, to put into URLs instead of the API key",
  request: { params: callParamSchema, body: body(tokenRequestSchema) },
  responses: { ...answer(201, "The token", tokenSchema), ...errors },
});

/** The HTTP API of calls. */
export function callRoutes(services: Services): OpenAPIHono {
  const { calls, config, tokens, clock } = services;
  const origin = (c: Context) => publicOrigin(c, config.publicUrl);

  /** The live call of the request's own organisation. */
  const liveCall = async (c: Context, id: string): Promise<Call> => {
    const organisation = await organisationOf(c, services);
    const call = calls.get(id);
    if (call === undefined || call.state === "ended") {
      const ended = await calls.archive.find(id);
      if (ended !== undefined && ended.organisation !== organisation) throw unauthorized();
      throw ended === undefined
        ? new ApiError(404, "call_not_found", `There is no call ${id}; check its id`)
        : new ApiError(410, "call_ended", "The call has ended");
    }
    if (call.details.organisation !== organisation) throw unauthorized();
    return call;
  };

  const app = new OpenAPIHono({ defaultHook: validationHook });

  app.openapi(listRoute, async (c) => {
    const organisation = await organisationOf(c, services);
    const { from, to, has, ...query } = c.req.valid("query");
    const filter = {
      organisation,
      ...(from !== undefined && { from }),
      ...(to !== undefined && { to }),
      metadata: metadataFilter(c.req.url),
      hasRecording: has === "recording",
    };
    const page = listCalls(
      calls,
      { ...query, filter },
      (call) =>
        call instanceof Call
          ? describeCall(call, origin(c), services)
          : describeEnded(call, origin(c)),
    );
    return c.json(page, 200);
  });

  app.openapi(announceRoute, async (c) => {
    const organisation = await organisationOf(c, services);
    const { tracks: formats, ...request } = c.req.valid("json");
    try {
      const call = calls.announce({ ...request, organisation, formats });
      return c.json(describeCall(call, origin(c), services), 201);
    } catch (error) {
      if (error instanceof RangeError) throw new ApiError(400, "bad_request", error.message);
      if (!(error instanceof CallRefusedError)) throw error;
      throw new ApiError(error.code === "call_exists" ? 409 : 429, error.code, error.message);
    }
  });

  app.openapi(showRoute, async (c) => {
    const organisation = await organisationOf(c, services);
    const { id } = c.req.valid("param");
    const call = calls.get(id);
    const ended = call === undefined ? await calls.archive.find(id) : undefined;
    const owner = call?.details.organisation ?? ended?.organisation;
    if (owner === undefined) {
      throw new ApiError(404, "call_not_found", `There is no call ${id}; check its id`);
    }
    if (owner !== organisation) throw unauthorized();
    const description = call === undefined
      ? describeEnded(ended!, origin(c))
      : describeCall(call, origin(c), services);
    return c.json(description, 200);
  });

  const controls = [
    [
      controlRoute("clear", "Barge-in: discard what the bot has not spoken"),
      (c: Call) => c.clear(),
    ],
    [
      controlRoute("pause", "Redaction begins: time goes on, sound does not"),
      (c: Call) => c.pause(),
    ],
    [controlRoute("resume", "Redaction ends"), (c: Call) => c.resume()],
  ] as const;
  for (const [route, act] of controls) {
    app.openapi(route, async (c) => {
      const call = await liveCall(c, c.req.valid("param").id);
      act(call);
      return c.json(describeCall(call, origin(c), services), 200);
    });
  }

  app.openapi(endRoute, async (c) => {
    const { id } = c.req.valid("param");
    const call = await liveCall(c, id);
    // With its recording complete, so that the answer's URL works.
    await call.end(c.req.valid("json")?.reason ?? "ended");
    const ended = await calls.archive.find(id);
    const description = ended === undefined
      ? describeCall(call, origin(c), services)
      : describeEnded(ended, origin(c));
    return c.json(description, 200);
  });

  app.openapi(tokenRoute, async (c) => {
    const { id: callId } = c.req.valid("param");
    const organisation = await organisationOf(c, services);
    const { ttlSeconds, scope, singleUse } = c.req.valid("json");
    const ended = calls.get(callId) === undefined ? await calls.archive.find(callId) : undefined;
    const isKept = ended?.recording !== undefined && ended.recording !== "deleted";
    // An ended call can be heard again if it is kept; of all others only live ones have tokens.
    const isOurs = isKept && ended.organisation === organisation;
    const { startedAt: callStartedAt } = isOurs ? ended : await liveCall(c, callId);
    const token = await tokens.sign({
      organisation,
      callId,
      callStartedAt,
      scope,
      ttlSeconds,
      singleUse,
    });
    const { listenUrl, playerUrl, recordingUrl } = callUrls(origin(c), callId);
    const query = `?token=${encodeURIComponent(token)}`;
    return c.json({
      token,
      expiresAt: clock.wallTime() + ttlSeconds * 1000,
      listenUrl: listenUrl + query,
      playerUrl: playerUrl + query,
      ...(scope.includes("recording") && { recordingUrl: recordingUrl + query }),
    }, 201);
  });

  return app;
}
