import { OpenAPIHono } from "@hono/zod-openapi";
import type { Context } from "hono";
import { authenticate, organisationOf } from "./access.ts";
import { answerError, ApiError, errorBody } from "./api_error.ts";
import { callRoutes } from "./calls.ts";
import { eventRoutes } from "./events.ts";
import { ingestRoutes } from "./ingest.ts";
import { liveRoutes } from "./live.ts";
import { opsRoutes } from "./ops.ts";
import { pageRoutes } from "./pages.ts";
import { recordingRoutes } from "./recordings.ts";
import { readBody } from "./request_body.ts";
import type { Services } from "./services.ts";
import { timelineRoutes } from "./timeline.ts";

/** Everything the server answers. */
export function createApp(services: Services): OpenAPIHono {
  const app = new OpenAPIHono();
  app.onError((error, c) => answerError(error, c, services.log));
  app.notFound((c) => c.json(errorBody("not_found", `There is nothing at ${c.req.path}`), 404));
  app.use(async (c, next) => {
    if (!URL.canParse(c.req.url)) {
      throw new ApiError(400, "bad_request", "Send a Host header that names a host");
    }
    await next();
  });
  // WebSockets first: a header written late onto an upgraded response ends older servers.
  app.route("/", liveRoutes(services));
  app.route("/", ingestRoutes(services));
  app.route("/", timelineRoutes(services));
  app.use("/calls/*", async (c, next) => {
    // Before anything of the request is read or told to be wrong.
    if (isOpenToTokens(c)) await authenticate(c, services, false);
    else await organisationOf(c, services);
    await readBody(c, services.clock);
    await next();
  });
  app.use("/calls/*", keepPrivate);
  app.use("/metrics", keepPrivate);
  app.route("/", callRoutes(services));
  app.route("/", recordingRoutes(services));
  app.route("/", eventRoutes(services));
  app.route("/", opsRoutes(services));
  app.doc31("/openapi.json", {
    openapi: "3.1.0",
    info: { title: "Earshot", version: "1", license: { name: "MIT" } },
  });
  app.route("/", pageRoutes(services));
  return app;
}

/** What a credential opens is kept by nobody on the way, unless its route says otherwise. */
async function keepPrivate(c: Context, next: () => Promise<void>): Promise<void> {
  await next();
  if (!c.res.headers.has("cache-control")) c.header("Cache-Control", "no-store");
}

/** Whether the request is for what a token of a call may open; its route looks at the token itself. */
function isOpenToTokens({ req }: Context): boolean {
  return ["GET", "HEAD"].includes(req.method) &&
    /^\/calls\/[^/]+\/(recording|peaks)$/.test(req.path);
}
