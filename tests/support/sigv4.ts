import { createHash, createHmac } from "node:crypto";

/** A request as it came. */
export interface SignedRequest {
  readonly method: string;
  /** Path and query, as they were sent. */
  readonly url: string;
  /** By names in lower case. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

const ALGORITHM = "AWS4-HMAC-SHA256";

/**
 * Whether the signature of a request, in its headers or its query, is that of `secret`: AWS Signature
 * Version 4 as a server checks it. Source: Amazon S3 API Reference, "Authenticating Requests".
 */
export function isSigned(request: SignedRequest, secret: string): boolean {
  const [path, search = ""] = request.url.split("?");
  const query = search.split("&").filter((pair) => pair !== "").map((pair) => {
    const [name, value = ""] = pair.split("=");
    return [encode(decodeURIComponent(name)), encode(decodeURIComponent(value))] as const;
  });
  const inQuery = new Map(query.map(([name, value]) => [name, decodeURIComponent(value)]));
  const inHeader = new Map(
    text(request.headers.authorization).replace(`${ALGORITHM} `, "").split(/,\s*/)
      .map((pair) => pair.split("=", 2) as [string, string]),
  );
  const isPresigned = inQuery.has("X-Amz-Signature");
  const given = (name: string) =>
    (isPresigned ? inQuery.get(`X-Amz-${name}`) : inHeader.get(name)) ?? "";
  const scope = given("Credential").split("/").slice(1);
  const date = isPresigned ? given("Date") : text(request.headers["x-amz-date"]);
  const signedHeaders = given("SignedHeaders");
  const canonicalRequest = [
    request.method,
    encode(decodeURIComponent(path)).replaceAll("%2F", "/"),
    query.filter(([name]) => name !== "X-Amz-Signature").map((pair) => pair.join("=")).sort()
      .join("&"),
    ...signedHeaders.split(";").map((name) => `${name}:${text(request.headers[name]).trim()}`),
    "",
    signedHeaders,
    isPresigned ? "UNSIGNED-PAYLOAD" : text(request.headers["x-amz-content-sha256"]),
  ].join("\n");
  const hash = createHash("sha256").update(canonicalRequest).digest("hex");
  let key: string | Uint8Array = `AWS4${secret}`;
  for (const part of scope) key = createHmac("sha256", key).update(part).digest();
  const signature = createHmac("sha256", key)
    .update([ALGORITHM, date, scope.join("/"), hash].join("\n")).digest("hex");
  return signature === given("Signature");
}

function text(header: string | string[] | undefined): string {
  return Array.isArray(header) ? header.join(",") : header ?? "";
}

/** Percent-encodes all but the unreserved characters of RFC 3986. */
function encode(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
