import { type Context, Hono } from "hono";
import { credentialOf } from "../auth/authorize.ts";
import type { Provider } from "../ingest/provider.ts";
import { unauthorized } from "./access.ts";
import { ApiError } from "./api_error.ts";
import { checkHandshake } from "./handshake.ts";
import { IngestSession } from "../sessions/ingest_session.ts";
import type { Services } from "./services.ts";
import { callUrls, publicOrigin } from "./urls.ts";

/** Call audio comes in: `WS /ingest/{provider}`. To be mounted before middleware that writes headers late. */
export function ingestRoutes(services: Services): Hono {
  const { providers, ingestSockets, config } = services;
  return new Hono().get("/ingest/:provider", (c) => {
    const name = c.req.param("provider");
    const provider = providers.find((candidate) => candidate.name === name);
    if (provider === undefined) {
      const names = providers.map((known) => known.name).join(", ");
      throw new ApiError(404, "provider_not_found", `There is no provider ${name}; take ${names}`);
    }
    const origin = publicOrigin(c, config.publicUrl);
    let organisation: string | undefined;
    try {
      organisation = admit(c, services, provider, origin);
      checkHandshake(c);
      if (!ingestSockets.hasRoom(organisation !== undefined)) {
        throw new ApiError(429, "too_many_sockets", "Too many open sockets; try again later");
      }
    } catch (error) {
      if (error instanceof ApiError) tellRefused(services, provider, error, organisation);
      throw error;
    }
    const describe = (callId: string) => {
      const { listenUrl, playerUrl } = callUrls(origin, callId);
      return { callId, listenUrl, playerUrl };
    };
    return open(c.req.raw, {
      services,
      provider,
      describe,
      ...(organisation && { organisation }),
    });
  });
}

/** Lets the operator see why no call comes in, and the organisation, where it is known. */
function tellRefused(
  { ingestSockets, log, hub }: Services,
  { name: provider }: Provider,
  { code, message }: ApiError,
  organisation: string | undefined,
): void {
  ingestSockets.countRefused(code);
  const level = ingestSockets.mayTell(code) ? "warn" : "debug";
  log[level]("ingest upgrade refused", { provider, code, message });
  if (organisation === undefined) return;
  hub.publish(organisation, "ingest.refused", { provider, code, message });
}

/** Whose key the upgrade carries; `undefined` where the credential comes later. */
function admit(
  c: Context,
  { keys, config }: Services,
  provider: Provider,
  origin: string,
): string | undefined {
  const { headers } = c.req.raw;
  const secret = config.providerSecrets[provider.name];
  if (provider.verifyUpgrade !== undefined && secret !== undefined) {
    const { pathname, search } = new URL(c.req.url);
    const url = origin.replace(/^http/, "ws") + pathname + search;
    if (!provider.verifyUpgrade({ url, headers }, secret.reveal())) {
      throw new ApiError(403, "bad_signature", "The request's signature is not the provider's");
    }
  }
  if (provider.credentialIn === "start") return undefined;
  const credential = credentialOf({ url: c.req.url, headers });
  const organisation = credential === undefined ? null : keys.find(credential);
  if (organisation === null) throw unauthorized();
  return organisation;
}

function open(
  request: Request,
  options: Omit<ConstructorParameters<typeof IngestSession>[0], "socket">,
): Response {
  // Without a ping, which costs a tenth of the CPU: a quiet socket is swept by its session.
  const { socket, response } = Deno.upgradeWebSocket(request, { idleTimeout: 0 });
  socket.binaryType = "arraybuffer";
  const session = new IngestSession({ ...options, socket });
  // The session itself, and no function for each socket: it is one object less to fetch for every message.
  socket.addEventListener("message", session);
  socket.onclose = () => session.closed();
  socket.onerror = () => session.closed();
  return response;
}
