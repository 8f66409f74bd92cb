import type { Context } from "hono";
import type { OwnedCall, Principal } from "../auth/authorize.ts";
import type { StoredRecording } from "../recordings/store.ts";
import { settlesWithin } from "../mixer/clock.ts";
import { authenticate, ownedCall, unauthorized } from "./access.ts";
import { ApiError } from "./api_error.ts";
import type { Services } from "./services.ts";

/** How long a request waits for a recording that is being completed, ms. */
const COMPLETE_WITHIN_MS = 5000;
/** When it is told to come again otherwise, s. */
const RETRY_SECONDS = 2;

/**
 * The recording that a request is for, if its key or its token may have it.
 *
 * @param isAllowed whether somebody may do with a call what is asked
 * In the moment of a call's end it waits for the rest: what it answers of an ended call is whole.
 *
 * @throws {ApiError} 401, 404, 410, 503
 */
export async function findRecording(
  c: Context,
  id: string,
  services: Services,
  isAllowed: (principal: Principal, call: OwnedCall) => boolean,
): Promise<StoredRecording> {
  const { calls, store } = services;
  const principal = await authenticate(c, services, false);
  await untilComplete(c, id, services);
  const live = calls.get(id);
  const known = live === undefined ? await calls.archive.find(id) : ownedCall(live);
  const { organisation } = principal;
  if (!isAllowed(principal, known ?? { id, organisation })) throw unauthorized();
  const ref = { organisation, callId: id };
  const recording = await store.open(ref);
  if (recording !== null) return recording;
  // A live call may have the id of one whose recording was deleted.
  const state = live === undefined ? (await store.describe(ref))?.state : undefined;
  if (state === "deleted") {
    throw new ApiError(410, "recording_deleted", `The recording of call ${id} was deleted`);
  }
  throw known === undefined
    ? new ApiError(404, "call_not_found", `There is no call ${id}; check its id`)
    : new ApiError(404, "not_recorded", `Call ${id} has no recording`);
}

async function untilComplete(c: Context, id: string, { calls, clock }: Services): Promise<void> {
  const completing = calls.completing(id);
  if (completing === undefined) return;
  if (await settlesWithin(clock, COMPLETE_WITHIN_MS, completing)) return;
  c.header("Retry-After", String(RETRY_SECONDS));
  throw new ApiError(
    503,
    "recording_incomplete",
    `The recording of call ${id} is being completed; retry later`,
  );
}
