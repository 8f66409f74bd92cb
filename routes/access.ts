import type { Context } from "hono";
import { credentialOf, type OwnedCall, type Principal } from "../auth/authorize.ts";
import type { Call } from "../calls/call.ts";
import { ApiError } from "./api_error.ts";
import type { Services } from "./services.ts";

/** The answer to a missing or wrong credential: it never tells which, nor what exists. */
export function unauthorized(): ApiError {
  return new ApiError(
    401,
    "unauthorized",
    "Send a valid API key as ?token=, Authorization: Bearer or X-API-Key",
  );
}

/**
 * Who is asking.
 *
 * @param spend whether a single-use token is used up by this
 * @throws {ApiError} 401
 */
export async function authenticate(
  c: Context,
  { authorizer }: Services,
  spend: boolean,
): Promise<Principal> {
  const principal = await authorizer.authorize(credentialOf(requestOf(c)), { spend });
  if (principal === null) throw unauthorized();
  return principal;
}

/**
 * The organisation whose key the request carries; a token for one call is not enough.
 *
 * @throws {ApiError} 401
 */
export async function organisationOf(c: Context, services: Services): Promise<string> {
  const principal = await authenticate(c, services, false);
  if (principal.kind !== "key") throw unauthorized();
  return principal.organisation;
}

/** What of a call that runs decides who may do what with it. */
export function ownedCall(
  { details: { id, organisation }, startedAt, announcedAt }: Call,
): OwnedCall {
  return { id, organisation, startedAt, announcedAt };
}

function requestOf(c: Context) {
  return { url: c.req.url, headers: c.req.raw.headers };
}
