import type { Context } from "hono";
import { ApiError } from "./api_error.ts";

/**
 * Checks that a request can be upgraded to a WebSocket: what the platform would throw at is a mistake of
 * the client's, and nothing for the log.
 *
 * @throws {ApiError} 426
 */
export function checkHandshake({ req }: Context): void {
  const isHandshake = req.header("upgrade")?.toLowerCase() === "websocket" &&
    lists(req.header("connection") ?? "", "upgrade") && req.header("sec-websocket-key");
  if (!isHandshake) throw new ApiError(426, "upgrade_required", "Open this URL as a WebSocket");
}

/** Whether a comma-separated header has a token. A pattern that takes blanks off would be quadratic. */
function lists(header: string, token: string): boolean {
  return header.split(",").some((item) => item.trim().toLowerCase() === token);
}
