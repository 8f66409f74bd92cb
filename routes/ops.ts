import { Hono } from "hono";
import { organisationOf } from "./access.ts";
import type { Services } from "./services.ts";

/** For those who run the server: health for everyone, metrics for holders of a key. */
export function opsRoutes(services: Services): Hono {
  return new Hono()
    .get("/healthz", (c) => c.json({ status: "ok" }))
    .get("/metrics", async (c) => {
      await organisationOf(c, services);
      return c.text(await services.metrics(), 200, { "Content-Type": "text/plain; version=0.0.4" });
    });
}
