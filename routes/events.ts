import { OpenAPIHono, z } from "@hono/zod-openapi";
import type { Context } from "hono";
import type { EventStream } from "../events/event_stream.ts";
import type { HubEvent } from "../events/hub.ts";
import { organisationOf } from "./access.ts";
import type { CallDescription } from "./call_description.ts";
import {
  emptyEventResponse,
  eventAnswer,
  eventResponse,
  openEventStream,
  tooManyStreams,
} from "./event_response.ts";
import { readChoice } from "./live_query.ts";
import { errors } from "./openapi.ts";
import type { Services } from "./services.ts";
import { callUrls, publicOrigin } from "./urls.ts";

/** What happens to the organisation's calls, as server-sent events: `GET /events`. */
export function eventRoutes(services: Services): OpenAPIHono {
  const app = new OpenAPIHono();
  app.openAPIRegistry.registerPath({
    method: "get",
    path: "/events",
    summary: "What happens to the organisation's calls, as server-sent events",
    request: {
      query: z.object({
        levels: z.enum(["1"]).optional().describe("tell how loud calls are, too"),
      }),
      headers: z.object({ "last-event-id": z.string().optional() }),
    },
    responses: { 200: eventAnswer, 400: errors[400], 401: errors[401], 429: tooManyStreams },
  });
  app.get("/events", async (c) => {
    const organisation = await organisationOf(c, services);
    const wantsLevels = readChoice(new URL(c.req.url).searchParams, "levels", ["1"]) === "1";
    if (c.req.method === "HEAD") return emptyEventResponse(c);
    const stream = openEventStream(services, organisation);
    follow(c, services, organisation, stream);
    if (wantsLevels) {
      const tell = (data: unknown) => stream.send({ event: "levels", data });
      stream.onEnd(services.levels.subscribe(organisation, tell));
    }
    return eventResponse(c, stream);
  });
  return app;
}

/** Sends what the client missed, and then what happens, in order. */
function follow(
  c: Context,
  { hub, config, clock }: Services,
  organisation: string,
  stream: EventStream,
): void {
  const origin = publicOrigin(c, config.publicUrl);
  const send = ({ id, type: event, data }: HubEvent) =>
    stream.send({ id, event, data: located(data, origin) });
  /** What waits to be sent while there is more of it than the stream has room for. */
  let backlog: HubEvent[] | undefined;
  const { missed, lastEventId: id, end } = hub.subscribe(
    organisation,
    { lastEventId: c.req.header("last-event-id") },
    (event) => backlog === undefined ? send(event) : void backlog.push(event),
  );
  stream.onEnd(end);
  const now = clock.wallTime();
  if (missed === null || missed.length === 0) {
    stream.send({ event: "hello", data: { id, now }, id });
    if (missed === null) stream.send({ event: "reset", data: {} });
    return;
  }
  // Without an id: who loses the line now has not received what was missed.
  stream.send({ event: "hello", data: { id, now } });
  backlog = [...missed];
  const catchUp = async (events: HubEvent[]) => {
    for (let next = 0; next < events.length; next++) {
      // One who falls behind by as much again can come back for it.
      if (events.length - next > 2 * config.eventsKept) return stream.close();
      if (!await stream.hasRoom()) return;
      send(events[next]);
    }
    backlog = undefined;
  };
  void catchUp(backlog);
}

/** The same data with URLs by which its receiver reaches the server. */
function located(data: HubEvent["data"], origin: string): HubEvent["data"] {
  const { call } = data as { call?: CallDescription };
  if (call === undefined) return data;
  const { recordingUrl: url, ...urls } = callUrls(origin, call.id);
  return {
    ...data,
    call: { ...call, ...urls, recording: call.recording && { ...call.recording, url } },
  };
}
