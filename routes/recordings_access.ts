import type { Context } from "hono";
import type { OwnedCall, Principal } from "../auth/authorize.ts";
import type { StoredRecording } from "../recordings/store.ts";
import { authenticate, ownedCall, unauthorized } from "./access.ts";
import { ApiError } from "./api_error.ts";
import type { Services } from "./services.ts";

/**
 * The recording that a request is for, if its key or its token may have it.
 *
 * @param isAllowed whether somebody may do with a call what is asked
 * @throws {ApiError} 401, 404, 410
 */
export async function findRecording(
  c: Context,
  id: string,
  services: Services,
  isAllowed: (principal: Principal, call: OwnedCall) => boolean,
): Promise<StoredRecording> {
  const { calls, store } = services;
  const principal = await authenticate(c, services, false);
  const live = calls.get(id);
  const known = live === undefined ? await calls.findEnded(id) : ownedCall(live);
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
