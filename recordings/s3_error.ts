/**
 * What went wrong: `away` passes by itself (a broken connection, a timeout, 5xx, too many requests);
 * `refused` needs an operator (credentials, permissions, the bucket); `invalid` concerns one request.
 */
export type S3Problem = "away" | "refused" | "invalid";

/** S3 did not do what it was asked to. The message names neither a key nor a credential. */
export class S3Error extends Error {
  override readonly name = "S3Error";
  readonly problem: S3Problem;
  /** S3's own word for it, such as `NoSuchUpload`; what the connection says in lower case. */
  readonly code: string;

  /** The bucket's region, where S3 says that it is another. */
  readonly region: string | undefined;

  constructor(
    problem: S3Problem,
    action: string,
    code: string,
    status?: number,
    region?: string,
  ) {
    super(`Cannot ${action} in S3: ${status === undefined ? code : `${status} ${code}`}`);
    this.problem = problem;
    this.code = code;
    this.region = region;
  }

  /** The error that an answer with this status, body and headers tells of. */
  static of(action: string, status: number, body: string, headers = new Headers()): S3Error {
    const code = /<Code>([A-Za-z0-9.]{1,64})<\/Code>/.exec(body)?.[1];
    const told = headers.get("x-amz-bucket-region") ??
      /<Region>([^<]{1,64})<\/Region>/.exec(body)?.[1] ?? "";
    const region = REGION.test(told) ? told : undefined;
    const problem = problemOf(status, code ?? "");
    return new S3Error(problem, action, code ?? "without a code", status, region);
  }

  /** What an operator can do about it. */
  get advice(): string {
    if (this.problem !== "refused") return "it is tried again";
    if (this.code === "RequestTimeTooSkewed") return "set this machine's clock";
    if (this.code === "PermanentRedirect" || this.code === "AuthorizationHeaderMalformed") {
      return this.region === undefined
        ? "check the region and the endpoint"
        : `set AWS_REGION to ${this.region}`;
    }
    return "check the credentials, their permissions and the bucket";
  }
}

/** Errors of 200, 400 or 404 that are not about the request but about who sends it, when or where to. */
const REFUSED = [
  "AuthorizationHeaderMalformed",
  "ExpiredToken",
  "InvalidToken",
  "NoSuchBucket",
  "PermanentRedirect",
];
const REGION = /^[a-z0-9-]{1,32}$/;
const AWAY = ["InternalError", "RequestTimeout", "ServiceUnavailable", "SlowDown"];

function problemOf(status: number, code: string): S3Problem {
  if (AWAY.includes(code) || status >= 500 || status === 408 || status === 429) return "away";
  if (REFUSED.includes(code) || status === 401 || status === 403) return "refused";
  return status >= 300 && status < 400 ? "refused" : "invalid";
}
