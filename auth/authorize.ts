import type { KeyRing } from "./keys.ts";
import type { ListenTokens, TokenScope } from "./tokens.ts";

/** Who is asking: the holder of an organisation's key, or of a token for one of its calls. */
export type Principal =
  | { readonly organisation: string; readonly kind: "key" }
  | {
    readonly organisation: string;
    readonly kind: "token";
    readonly callId: string;
    /** Tells the call from others that have its id at another time. */
    readonly callStartedAt?: number;
    readonly scope: readonly string[];
  };

/** What of a call decides who may do what with it. Times are wall times, ms since the Unix epoch. */
export interface OwnedCall {
  readonly id: string;
  readonly organisation: string;
  /** Left out when nothing but its id is known: then there is nothing to protect. */
  readonly startedAt?: number;
  readonly announcedAt?: number;
}

/** The part of a `Request` that may carry a credential. */
export interface CredentialSource {
  /** A whole URL, or a path with its query. */
  readonly url: string;
  readonly headers: { get(name: string): string | null };
}

/** No key and no token is longer. */
const MAX_CREDENTIAL_LENGTH = 1024;
/** No more of a URL than this is searched for a token. */
const MAX_URL_LENGTH = 16_384;

/** Tells from a credential who is asking. */
export class Authorizer {
  readonly #keys: KeyRing;
  readonly #tokens: ListenTokens;

  constructor(options: { keys: KeyRing; tokens: ListenTokens }) {
    this.#keys = options.keys;
    this.#tokens = options.tokens;
  }

  /**
   * The principal of a credential, or `null` when there is none or it is not valid (any more).
   *
   * A single-use token is used up by this, unless `spend` is `false`. So a connection is checked
   * with `spend: false` first, and once more, spending, when nothing else stands in its way.
   */
  async authorize(
    credential: string | undefined,
    options: { spend?: boolean } = {},
  ): Promise<Principal | null> {
    if (credential === undefined || credential === "") return null;
    if (credential.length > MAX_CREDENTIAL_LENGTH) return null;
    const organisation = this.#keys.find(credential);
    if (organisation !== null) return Object.freeze({ organisation, kind: "key" });
    const grant = await this.#tokens.verify(credential, options);
    return grant === null ? null : Object.freeze({ ...grant, kind: "token" });
  }
}

/**
 * The credential a request carries: the first that is there of `?token=`, `Authorization: Bearer`,
 * `X-API-Key` and the WebSocket subprotocol `earshot.token.` with the token behind it. One that is there and wrong is not made good by a later one. An empty one counts as
 * absent, one longer than 1024 characters is answered as `undefined`.
 */
export function credentialOf(request: CredentialSource): string | undefined {
  const { url, headers } = request;
  const credential = queryToken(url) || bearer(headers.get("authorization")) ||
    headers.get("x-api-key")?.trim() || offered(headers.get("sec-websocket-protocol"));
  if (!credential || credential.length > MAX_CREDENTIAL_LENGTH) return undefined;
  return credential;
}

/** Whether a principal may hear a call. */
export function mayListen(principal: Principal, call: OwnedCall): boolean {
  return isFor(principal, call, "listen");
}

/** Whether a principal may see how a call goes or went: its timeline. */
export function mayFollow(principal: Principal, call: OwnedCall): boolean {
  return mayListen(principal, call) || mayTakeRecording(principal, call);
}

/** Whether a principal may have the recording of a call. */
export function mayTakeRecording(principal: Principal, call: OwnedCall): boolean {
  return isFor(principal, call, "recording");
}

/** Whether a principal may start, control, list and delete what belongs to `organisation`. */
export function mayManage(principal: Principal, organisation: string): boolean {
  return principal.kind === "key" && principal.organisation === organisation;
}

function isFor(principal: Principal, call: OwnedCall, scope: TokenScope): boolean {
  if (principal.organisation !== call.organisation) return false;
  if (principal.kind === "key") return true;
  const { callId, callStartedAt: startedAt } = principal;
  return callId === call.id && principal.scope.includes(scope) &&
    // It may have been given before the audio began.
    [undefined, call.startedAt, call.announcedAt].includes(startedAt);
}

function queryToken(url: string): string | null {
  if (url.length > MAX_URL_LENGTH) return null;
  const query = /^[^?#]*\?([^#]*)/.exec(url)?.[1];
  return query === undefined ? null : new URLSearchParams(query).get("token");
}

/** What a listener's subprotocol that carries a token begins with. */
const TOKEN_PROTOCOL = "earshot.token.";

/** The subprotocols a client offers, without what carries a credential; none of an absurd header. */
export function subprotocols(header: string | null): string[] {
  return namesIn(header).filter((name) => !name.startsWith(TOKEN_PROTOCOL));
}

function offered(header: string | null): string | undefined {
  return namesIn(header).find((name) => name.startsWith(TOKEN_PROTOCOL))
    ?.slice(TOKEN_PROTOCOL.length);
}

function namesIn(header: string | null): string[] {
  if (header === null || header.length > MAX_URL_LENGTH) return [];
  return header.split(",").map((name) => name.trim()).filter((name) => name !== "");
}

function bearer(authorization: string | null): string | undefined {
  return /^bearer +(\S+)$/i.exec(authorization?.trim() ?? "")?.[1];
}
