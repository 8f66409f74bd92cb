import { sign, verify } from "hono/jwt";
import type { Secret } from "../config.ts";

/** What a token may allow: to hear the call live, or to have its recording. */
export const TOKEN_SCOPES = ["listen", "recording"] as const;
export type TokenScope = typeof TOKEN_SCOPES[number];

/** What a listen token shall be good for. */
export interface ListenTokenRequest {
  readonly organisation: string;
  readonly callId: string;
  /**
   * When the call began, or was announced if its audio is to come: wall time, ms since the Unix epoch.
   * A later call with the same id is another one. Left out, the token opens that, too.
   */
  readonly callStartedAt?: number;
  readonly scope: readonly TokenScope[];
  /** 1 to 86,400. */
  readonly ttlSeconds: number;
  /** The token opens one connection and no second one. @default {false} */
  readonly singleUse?: boolean;
}

/** What a valid listen token allows. */
export type ListenGrant = Pick<
  ListenTokenRequest,
  "organisation" | "callId" | "callStartedAt" | "scope"
>;

interface WallClock {
  wallTime(): number;
}

/** Options of {@linkcode ListenTokens}. */
export interface ListenTokensOptions {
  /** Any `Clock`; wall time is in ms since the Unix epoch. */
  readonly clock: WallClock;
  /** What tokens are signed with. @default {32 random bytes: tokens end with the process} */
  readonly secret?: Secret | undefined;
  /** Used single-use tokens remembered until they expire. @default {100_000} */
  readonly maxSpent?: number;
}

const AUDIENCE = "earshot";
const MAX_TTL_SECONDS = 86_400;
const MAX_TOKEN_LENGTH = 1024;
/** How far the clock of another process with the same secret may be ahead. */
const CLOCK_SKEW_SECONDS = 5;

/** Signs and verifies tokens for one call each: JSON Web Tokens (RFC 7519), HS256 and nothing else. */
export class ListenTokens {
  readonly #clock: WallClock;
  // Imported here, because hono would take a secret with the word PUBLIC or PRIVATE in it for PEM.
  readonly #key: Promise<CryptoKey>;
  readonly #maxSpent: number;
  readonly #startedAt: number;
  /** Expiry in seconds of each used single-use token, by its `jti`. */
  readonly #spent = new Map<string, number>();
  #sweptAt: number;

  constructor(options: ListenTokensOptions) {
    const { clock, secret, maxSpent = 100_000 } = options;
    this.#clock = clock;
    this.#maxSpent = maxSpent;
    this.#key = importKey(secret);
    this.#startedAt = clock.wallTime() / 1000;
    this.#sweptAt = this.#startedAt;
  }

  /**
   * A new token.
   *
   * @throws {RangeError} when the scope is empty or unknown, a name is empty or longer than 128, or
   * `ttlSeconds` is not a whole number from 1 to 86,400
   */
  async sign(request: ListenTokenRequest): Promise<string> {
    const { organisation, callId, callStartedAt, scope, ttlSeconds, singleUse = false } = request;
    if (!isName(organisation) || !isName(callId)) {
      throw new RangeError("Cannot sign token: names must have 1 to 128 characters");
    }
    if (!isScope(scope)) {
      throw new RangeError(
        `Cannot sign token: scope must have one or more of ${TOKEN_SCOPES.join(", ")}, each once`,
      );
    }
    if (!Number.isInteger(ttlSeconds) || ttlSeconds < 1 || ttlSeconds > MAX_TTL_SECONDS) {
      throw new RangeError(
        `Cannot sign token: ttlSeconds must be a whole number from 1 to ${MAX_TTL_SECONDS}, ` +
          `received ${ttlSeconds}`,
      );
    }
    // With its fraction, which RFC 7519 allows: a token of the second of the start is not an older one.
    const iat = this.#clock.wallTime() / 1000;
    const claims = {
      aud: AUDIENCE,
      org: organisation,
      call: callId,
      start: callStartedAt,
      scope: [...scope],
      iat,
      exp: Math.floor(iat) + ttlSeconds,
      jti: crypto.randomUUID(),
      once: singleUse || undefined,
    };
    return await sign(claims, await this.#key, "HS256");
  }

  /**
   * What a token allows; `null` for one that is forged, expired, used up or no token at all. A
   * single-use token is used up by this, unless `spend` is `false`: then it is only looked at, as for
   * a page whose connection is still to come.
   *
   * A process remembers what it saw used. It refuses single-use tokens older than itself, and all
   * new ones while `maxSpent` used ones have not expired.
   */
  async verify(token: string, options: { spend?: boolean } = {}): Promise<ListenGrant | null> {
    const { spend = true } = options;
    const claims = await this.#claimsOf(token);
    if (claims === null) return null;
    const { aud, org, call, start, scope, iat, exp, jti, once } = claims;
    const now = this.#clock.wallTime() / 1000;
    if (aud !== AUDIENCE || !isName(org) || !isName(call) || !isScope(scope)) return null;
    if (typeof exp !== "number" || !(now < exp)) return null;
    if (typeof iat !== "number" || !(iat <= now + CLOCK_SKEW_SECONDS)) return null;
    if (!(exp - iat <= MAX_TTL_SECONDS) || !isName(jti)) return null;
    if (start !== undefined && typeof start !== "number") return null;
    if (once !== undefined) {
      if (once !== true || iat < this.#startedAt || !this.#mayUse(jti, now)) return null;
      if (spend) this.#spent.set(jti, exp);
    }
    return Object.freeze({
      organisation: org,
      callId: call,
      ...(start !== undefined && { callStartedAt: start }),
      scope: Object.freeze([...scope]),
    });
  }

  async #claimsOf(token: string): Promise<Record<string, unknown> | null> {
    if (token.length > MAX_TOKEN_LENGTH) return null;
    const key = await this.#key;
    try {
      // Times are checked by the caller: hono would compare them with Date.now().
      return await verify(token, key, { alg: "HS256", exp: false, iat: false, nbf: false });
    } catch {
      return null;
    }
  }

  #mayUse(jti: string, now: number): boolean {
    if (this.#spent.has(jti)) return false;
    const isFull = this.#spent.size >= this.#maxSpent;
    if (now >= this.#sweptAt + (isFull ? 1 : 60)) {
      this.#sweptAt = now;
      for (const [spent, exp] of this.#spent) if (exp <= now) this.#spent.delete(spent);
    }
    return this.#spent.size < this.#maxSpent;
  }
}

function importKey(secret: Secret | undefined): Promise<CryptoKey> {
  const bytes = secret === undefined
    ? crypto.getRandomValues(new Uint8Array(32))
    : new TextEncoder().encode(secret.reveal());
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  return crypto.subtle.importKey("raw", bytes, algorithm, false, ["sign", "verify"]);
}

function isName(value: unknown): value is string {
  return typeof value === "string" && value.length >= 1 && value.length <= 128;
}

function isScope(value: unknown): value is readonly TokenScope[] {
  return Array.isArray(value) && value.length >= 1 && new Set(value).size === value.length &&
    value.every((scope) => TOKEN_SCOPES.includes(scope));
}
