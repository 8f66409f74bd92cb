import { type Context, Hono } from "hono";
import { secureHeaders } from "hono/secure-headers";
import { ApiError } from "./api_error.ts";
import { findLiveCall } from "./live.ts";
import { type PageFile, PageFiles } from "./page_files.ts";
import type { Services } from "./services.ts";

const FOLDER = new URL("../static/", import.meta.url);
/** How files of the pages are named, perhaps with the version that asks for them. */
const FILE_PATH =
  /^\/static\/(?:([0-9a-f]{12})\/)?((?:[a-z_]{1,32}\/){0,2}[a-z_]{1,64}\.(?:js|css|svg))$/;

/** Read when the first page is asked for. */
let files: Promise<PageFiles> | undefined;

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
  app.get("/static/*", async (c) => {
    const [, version, path = ""] = FILE_PATH.exec(c.req.path) ?? [];
    const pages = await pageFiles();
    const file = pages.get(path);
    // What a page of another version asks for is not there: it must not be mixed with this one's.
    if (file === undefined || version !== undefined && version !== pages.version) {
      return c.notFound();
    }
    const isLasting = version !== undefined;
    c.header("Cache-Control", isLasting ? "public, max-age=31536000, immutable" : "no-cache");
    const etag = `"${pages.version}"`;
    c.header("ETag", etag);
    if (c.req.header("if-none-match") === etag) return c.body(null, 304);
    return send(c, file);
  });
  return app;
}

function pageFiles(): Promise<PageFiles> {
  return files ??= PageFiles.load(FOLDER);
}

async function page(c: Context, name: string): Promise<Response> {
  c.header("Cache-Control", "no-store");
  const file = (await pageFiles()).get(name);
  if (file === undefined) throw new Error(`Cannot find ${name} among the pages`);
  return send(c, file);
}

function send(c: Context, { type, plain, gzip }: PageFile): Response {
  c.header("Content-Type", type);
  c.header("Vary", "Accept-Encoding");
  const isGzip = /\bgzip\b/.test(c.req.header("accept-encoding") ?? "");
  if (!isGzip) return c.body(plain);
  c.header("Content-Encoding", "gzip");
  return c.body(gzip);
}
