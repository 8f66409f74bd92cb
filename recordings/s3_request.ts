import { AwsV4Signer } from "aws4fetch";
import type { Clock } from "../mixer/clock.ts";
import { S3Error } from "./s3_error.ts";

/** A bucket, and with whose rights it is used. */
export interface S3Access {
  readonly bucket: string;
  readonly region: string;
  /** Of a server that is not Amazon's, without a slash at the end; the bucket is then part of paths. */
  readonly endpoint?: string | undefined;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string | undefined;
}

/** One request. */
export interface S3Request {
  readonly method: "GET" | "HEAD" | "PUT" | "POST" | "DELETE";
  /** What it is for, in words that follow "Cannot" in an error. */
  readonly action: string;
  /** `""` for the bucket itself. */
  readonly key: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array<ArrayBuffer>;
  /** For the whole exchange, its body included. @default {15_000} */
  readonly timeoutMs?: number;
  /** Tries while S3 is away. @default {1} */
  readonly tries?: number;
  /** Nobody waits for the answer any more. */
  readonly signal?: AbortSignal;
}

/** An answer that has arrived whole; its status is 2xx, 404 or 416. */
export interface S3Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

const RETRY_MS = 200;

/** Signs requests of one bucket and sends them. */
export class S3Sender {
  readonly #access: S3Access;
  readonly #clock: Clock;
  #origin: string;
  #region: string;
  /** What is under way. A signal shared by all requests would keep a little of each for good. */
  readonly #exchanges = new Set<AbortController>();
  #isClosed = false;
  /** Keys derived from the secret: one for each day, which the signer would otherwise make anew. */
  #keys = new Map<string, ArrayBuffer>();
  #keysOfDay = "";

  constructor(access: S3Access, clock: Clock) {
    this.#access = access;
    this.#clock = clock;
    this.#origin = bucketUrl(access);
    this.#region = access.region;
  }

  /**
   * Sends a request and waits for the whole answer.
   *
   * @throws {S3Error} at every other status, when there is no answer in time, or none at all
   */
  async send(request: S3Request): Promise<S3Answer> {
    const { tries = 1 } = request;
    let hasMoved = false;
    for (let tried = 1;; tried++) {
      try {
        return await this.#exchange(request);
      } catch (error) {
        if (!hasMoved && error instanceof S3Error && this.#follow(error)) {
          hasMoved = true;
          tried--;
          continue;
        }
        const mayPass = error instanceof S3Error && error.problem === "away";
        if (!mayPass || tried >= tries || this.#isGivenUp(request)) throw error;
        await this.#wait(RETRY_MS * tried * (0.5 + Math.random()));
      }
    }
  }

  /** A URL that needs no credentials for `expiresSeconds`. */
  async signedUrl(
    key: string,
    query: Readonly<Record<string, string>>,
    expiresSeconds: number,
  ): Promise<string> {
    const url = this.#url(key, { ...query, "X-Amz-Expires": String(expiresSeconds) });
    const signed = await this.#signer({ method: "GET", url, signQuery: true }).sign();
    return signed.url.href;
  }

  /** Ends all exchanges, and those to come. */
  close(): void {
    this.#isClosed = true;
    for (const exchange of this.#exchanges) exchange.abort();
  }

  /** Goes to the region that S3 names. Answers whether that is another one. */
  #follow({ region }: S3Error): boolean {
    if (region === undefined || region === this.#region) return false;
    this.#region = region;
    this.#origin = bucketUrl({ ...this.#access, region });
    this.#keys = new Map();
    return true;
  }

  #isGivenUp({ signal }: S3Request): boolean {
    return this.#isClosed || signal?.aborted === true;
  }

  async #exchange(request: S3Request): Promise<S3Answer> {
    const { method, action, key, query = {}, headers = {}, body, timeoutMs = 15_000 } = request;
    const { signal } = request;
    const hash = await sha256Hex(body ?? new Uint8Array(0));
    const signed = await this.#signer({
      method,
      url: this.#url(key, query),
      headers: { ...headers, "x-amz-content-sha256": hash },
    }).sign();
    const abort = new AbortController();
    const giveUp = () => abort.abort();
    if (this.#isGivenUp(request)) giveUp();
    signal?.addEventListener("abort", giveUp);
    this.#exchanges.add(abort);
    const timer = this.#clock.setTimeout(giveUp, timeoutMs);
    try {
      const response = await fetch(signed.url, {
        method,
        headers: signed.headers,
        signal: abort.signal,
        redirect: "manual",
        ...(body !== undefined && { body }),
      });
      const bytes = await response.bytes();
      const { status, headers: answered } = response;
      const text = status >= 300 ? new TextDecoder().decode(bytes.subarray(0, 4096)) : "";
      if (isForeign(method, response, text)) {
        throw new S3Error("away", action, "an answer that is not S3's", status);
      }
      const isFine = response.ok || status === 416 ||
        status === 404 && !text.includes("<Code>NoSuchBucket<");
      if (isFine && !(status === 404 && text.includes("<Code>NoSuchUpload<"))) {
        return { status, headers: answered, bytes };
      }
      throw S3Error.of(action, status, text, answered);
    } catch (error) {
      if (error instanceof S3Error) throw error;
      // What the platform says of a failed connection may hold addresses and changes between versions.
      const code = abort.signal.aborted ? `no answer in ${timeoutMs / 1000} s` : "no connection";
      throw new S3Error("away", action, code);
    } finally {
      this.#clock.clearTimeout(timer);
      this.#exchanges.delete(abort);
      signal?.removeEventListener("abort", giveUp);
    }
  }

  #url(key: string, query: Readonly<Record<string, string>>): URL {
    const url = new URL(`${this.#origin}/${key}`);
    for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
    return url;
  }

  #signer(
    request: { method: string; url: URL; headers?: Record<string, string>; signQuery?: true },
  ): AwsV4Signer {
    const { accessKeyId, secretAccessKey, sessionToken } = this.#access;
    const datetime = new Date(this.#clock.wallTime()).toISOString().replace(/[:-]|\.\d{3}/g, "");
    const day = datetime.slice(0, 8);
    if (day !== this.#keysOfDay) this.#keys = new Map();
    this.#keysOfDay = day;
    return new AwsV4Signer({
      ...request,
      url: request.url.href,
      service: "s3",
      region: this.#region,
      accessKeyId,
      secretAccessKey,
      ...(sessionToken !== undefined && { sessionToken }),
      cache: this.#keys,
      datetime,
    });
  }

  #wait(ms: number): Promise<void> {
    return new Promise((resolve) => void this.#clock.setTimeout(resolve, ms));
  }
}

/**
 * Whether something else answered: a page for people, or "not found" in other words than S3's. S3 says
 * nothing in answer to HEAD.
 */
function isForeign(method: string, { status, headers }: Response, text: string): boolean {
  if (status !== 404 && status >= 300) return false;
  if (/^text\/html\b/i.test(headers.get("content-type") ?? "")) return true;
  return status === 404 && method !== "HEAD" && !text.includes("<Code>");
}

/** Where the bucket's objects lie, without a slash at the end. */
function bucketUrl({ bucket, region, endpoint }: S3Access): string {
  if (endpoint !== undefined) return `${endpoint}/${bucket}`;
  const host = `s3.${region}.amazonaws.com${region.startsWith("cn-") ? ".cn" : ""}`;
  // A certificate covers one label: a bucket with dots does not fit in front.
  return bucket.includes(".") ? `https://${host}/${bucket}` : `https://${bucket}.${host}`;
}

async function sha256Hex(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
}
