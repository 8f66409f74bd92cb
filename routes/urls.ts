import type { Context } from "hono";

/** Where the server is reached from outside, without a slash at the end: `https://…`. */
export function publicOrigin(c: Context, publicUrl: string | undefined): string {
  if (publicUrl !== undefined) return publicUrl;
  const url = new URL(c.req.url);
  // Behind a proxy that ends TLS the request itself arrives by plain HTTP.
  const said = c.req.header("x-forwarded-proto")?.split(",", 1)[0].trim().toLowerCase();
  const isSecure = said === "https" || said === "wss";
  return `${isSecure ? "https:" : url.protocol}//${url.host}`;
}

/** The URLs of one call. They carry no credential. */
export interface CallUrls {
  listenUrl: string;
  playerUrl: string;
  recordingUrl: string;
}

/** @param origin as {@linkcode publicOrigin} answers it */
export function callUrls(origin: string, callId: string): CallUrls {
  const id = encodeURIComponent(callId);
  return {
    listenUrl: `${origin.replace(/^http/, "ws")}/live/${id}/ws`,
    playerUrl: `${origin}/live/${id}/player`,
    recordingUrl: `${origin}/calls/${id}/recording`,
  };
}
