import { type Context, Hono } from "hono";
import { mayListen, subprotocols } from "../auth/authorize.ts";
import type { Call } from "../calls/call.ts";
import type { ViewOptions } from "../calls/view.ts";
import { authenticate, ownedCall, unauthorized } from "./access.ts";
import { ApiError } from "./api_error.ts";
import { checkHandshake } from "./handshake.ts";
import { readFrom, readView } from "./live_query.ts";
import { MessageAllowance } from "./message_allowance.ts";
import type { Services } from "./services.ts";
import { callUrls, publicOrigin } from "./urls.ts";

/** Listening: `WS /live/{id}/ws`. To be mounted before middleware that writes headers late. */
export function liveRoutes(services: Services): Hono {
  const checkRoom = (call: Call, from: number | undefined) => {
    if (!services.audience.hasRoom(call)) {
      throw new ApiError(429, "too_many_listeners", "Too many listeners; try again later");
    }
    if (from === undefined || services.catchUps.hasRoom(call.details.organisation)) return;
    throw new ApiError(
      429,
      "too_many_catching_up",
      "Too many listeners are being sent the past; try again in a moment, or without from",
    );
  };
  return new Hono().get("/live/:id/ws", async (c) => {
    const call = await findLiveCall(c, services, c.req.param("id"));
    const query = new URL(c.req.url).searchParams;
    const view = readView(query);
    const from = readFrom(query);
    // Before a single-use token is spent.
    checkRoom(call, from);
    checkHandshake(c);
    await authenticate(c, services, true);
    // Others may have come in while that was waited for.
    checkRoom(call, from);
    return listen(c.req.raw, services, call, { view, from });
  });
}

/**
 * The call that the request may listen to.
 *
 * @throws {ApiError} 401, 403, 404 or 410, as the protocol has it
 */
export async function findLiveCall(c: Context, services: Services, id: string): Promise<Call> {
  const { calls, config } = services;
  const principal = await authenticate(c, services, false);
  const call = calls.get(id);
  const known = call === undefined ? await calls.archive.find(id) : ownedCall(call);
  if (known === undefined) {
    if (principal.kind === "token" && principal.callId !== id) throw unauthorized();
    throw new ApiError(404, "call_not_found", `There is no call ${id}; check its id`);
  }
  if (!mayListen(principal, known)) throw unauthorized();
  if (call === undefined || call.state === "ended") {
    const { recordingUrl } = callUrls(publicOrigin(c, config.publicUrl), id);
    const isRecorded = calls.archive.isKept(id) || call?.recorder !== undefined;
    throw isRecorded
      ? new ApiError(410, "call_ended", "The call has ended; it was recorded", { recordingUrl })
      : new ApiError(410, "call_ended", "The call has ended; it was not recorded");
  }
  if (!call.details.media.live) {
    throw new ApiError(
      403,
      "live_off",
      'Listening is off for this call; start it with "media":{"live":true}',
    );
  }
  return call;
}

function listen(
  request: Request,
  { audience, catchUps, clock, log }: Services,
  call: Call,
  { view, from }: { view: ViewOptions; from: number | undefined },
): Response {
  // With a ping, because an endpoint that is hosted may be stopped for want of traffic.
  const names = subprotocols(request.headers.get("sec-websocket-protocol"));
  // A browser takes no connection for open whose server chose none of what it offered.
  const protocol = names.includes("earshot") ? "earshot" : names[0];
  const { socket, response } = Deno.upgradeWebSocket(request, {
    idleTimeout: 30,
    ...(protocol !== undefined && { protocol }),
  });
  const { id, organisation, sampleRate } = call.details;
  const listener = audience.admit(call, socket, view);
  const leave = from === undefined ? undefined : catchUps.take(organisation);
  socket.onopen = () => {
    const { channels } = view;
    const metadata = { type: "metadata", sampleRate, channels, bitDepth: 16, sessionId: id };
    listener.sendLast(JSON.stringify(metadata));
    if (from === undefined) call.addListener(listener, view);
    else void call.catchUp(listener, view, from).finally(leave);
    log.debug("listener joined", { id, listeners: audience.of(id) });
  };
  socket.binaryType = "arraybuffer";
  const allowance = new MessageAllowance(clock);
  socket.onmessage = ({ data }) => {
    if (!allowance.take(data)) listener.close(1008, "too many messages");
  };
  // Either may come, and the first more than once.
  socket.onclose = socket.onerror = () => {
    listener.closed();
    leave?.();
  };
  return response;
}
