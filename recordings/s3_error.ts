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

  constructor(problem: S3Problem, action: string, code: string, status?: number) {
    super(`Cannot ${action} in S3: ${status === undefined ? code : `${status} ${code}`}`);
    this.problem = problem;
    this.code = code;
  }

  /** The error that an answer with this status and body tells of. */
  static of(action: string, status: number, body: string): S3Error {
    const code = /<Code>([A-Za-z0-9.]{1,64})<\/Code>/.exec(body)?.[1] ?? "without a code";
    return new S3Error(problemOf(status, code), action, code, status);
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
const AWAY = ["InternalError", "RequestTimeout", "ServiceUnavailable", "SlowDown"];

function problemOf(status: number, code: string): S3Problem {
  if (AWAY.includes(code) || status >= 500 || status === 408 || status === 429) return "away";
  if (REFUSED.includes(code) || status === 401 || status === 403) return "refused";
  return status >= 300 && status < 400 ? "refused" : "invalid";
}
