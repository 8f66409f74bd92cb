import { type Context, Hono } from "hono";
import { serveStatic } from "hono/deno";
import { secureHeaders } from "hono/secure-headers";
import { ApiError } from "./api_error.ts";
import { findLiveCall } from "./live.ts";
import type { Services } from "./services.ts";

const FOLDER = new URL("../static/", import.meta.url);
/** How files of the pages are named. Any other name is not looked for: the platform would log it. */
const FILE_PATH = /^\/static\/(?:[a-z_]{1,32}\/){0,2}[a-z_]{1,64}\.(?:js|css|svg)$/;

/** The pages: the dashboard, the player, and the files they are made of. */
export function pageRoutes(services: Services): Hono {
  const app = new Hono();
  app.use(secureHeaders({
    contentSecurityPolicy: {
      defaultSrc: ["'none'"],
      scriptSrc: ["'self'"],
      workerSrc: ["'self'"],
      styleSrc: ["'self'"],
      imgSrc: ["'self'"],
      connectSrc: ["'self'"],
      baseUri: ["'none'"],
      formAction: ["'none'"],
    },
    // Whether there is TLS, and for which hosts, is for the proxy to say.
    strictTransportSecurity: false,
    // A player may be embedded into an operator's own pages.
    xFrameOptions: false,
    crossOriginResourcePolicy: "same-origin",
    referrerPolicy: "no-referrer",
  }));
  app.get("/", (c) => page(c, "index.html"));
  app.get("/docs", (c) => page(c, "docs.html"));
  app.get("/live/:id/player", async (c) => {
    try {
      await findLiveCall(c, services, c.req.param("id"));
      return await page(c, "player.html");
    } catch (error) {
      const wantsPage = c.req.header("accept")?.includes("text/html");
      if (!(error instanceof ApiError) || !wantsPage) throw error;
      // The page finds out for itself why it is refused, and says so in words.
      c.status(error.status);
      return await page(c, "player.html");
    }
  });
  app.get(
    "/static/*",
    async (c, next) => FILE_PATH.test(c.req.path) ? await next() : c.notFound(),
    serveStatic({
      root: FOLDER.pathname,
      rewriteRequestPath: (path) => path.slice("/static".length),
    }),
  );
  return app;
}

async function page(c: Context, name: string): Promise<Response> {
  c.header("Cache-Control", "no-store");
  return c.html(await Deno.readTextFile(new URL(name, FOLDER)));
}
