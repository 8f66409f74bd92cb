import { baseUrl, isVisibleAscii, type Parser, Refused } from "./parsers.ts";
import { Secret } from "./secret.ts";

/** Where in S3 recordings are kept. */
export interface S3Place {
  readonly kind: "s3";
  readonly bucket: string;
  /** Without slashes at its ends; empty for the bucket's root. */
  readonly prefix: string;
}

/** With whose rights S3 is used, and where it is: what the usual variables of AWS say. */
export interface S3Settings {
  readonly region: string;
  /** Of a server that is not Amazon's. */
  readonly endpoint?: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: Secret;
  readonly sessionToken?: Secret;
}

/** Each setting's variables, the first that is set being the one. */
const VARIABLES = {
  accessKeyId: ["AWS_ACCESS_KEY_ID"],
  secretAccessKey: ["AWS_SECRET_ACCESS_KEY"],
  sessionToken: ["AWS_SESSION_TOKEN"],
  region: ["AWS_REGION", "AWS_DEFAULT_REGION"],
  endpoint: ["AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL"],
} as const;

/** What a server that is not Amazon's takes when nobody says a region. */
const ANY_REGION = "us-east-1";
const ENDPOINT = baseUrl();

/**
 * The place that `s3://bucket/prefix` names. The prefix may have the characters that need no escape
 * anywhere.
 *
 * @throws {Refused}
 */
export function parseS3Place(text: string): S3Place {
  const [, bucket = "", prefix = ""] = /^s3:\/\/([^/]*)\/?(.*)$/s.exec(text) ?? [];
  if (!/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(bucket) || bucket.includes("..")) {
    throw new Refused(
      "a bucket has 3 to 63 of a-z 0-9 . - and begins and ends with one of a-z 0-9",
    );
  }
  const parts = prefix.replace(/\/$/, "").split("/");
  const isFine = parts.every((part) => /^[A-Za-z0-9_.-]+$/.test(part) && !/^\.\.?$/.test(part));
  if (prefix !== "" && !isFine || prefix.length > 512) {
    throw new Refused("a prefix has up to 512 of A-Z a-z 0-9 _ . - and single slashes");
  }
  return { kind: "s3", bucket, prefix: parts.join("/") };
}

/**
 * Reads the variables of AWS.
 *
 * @param refuse is told the variable that is wrong and what it must be; throws
 */
export function readS3Settings(
  env: (name: string) => string | undefined,
  refuse: (variable: string, problem: string) => never,
): S3Settings {
  const needed = "must be set for recordings in S3";
  const read = (names: readonly string[], parser?: Parser<string>): string | undefined => {
    const name = names.find((name) => (env(name) ?? "") !== "");
    if (name === undefined) return undefined;
    const text = env(name) ?? "";
    const isFine = isVisibleAscii(text) && text.length <= 4096;
    const takes = parser?.takes ?? "up to 4096 visible ASCII characters";
    // What these hold is never shown, because half of them are secrets.
    try {
      if (isFine) return parser?.parse(text) ?? text;
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
    }
    return refuse(name, `must be ${takes}`);
  };
  const endpoint = read(VARIABLES.endpoint, ENDPOINT);
  const sessionToken = read(VARIABLES.sessionToken);
  return {
    region: read(VARIABLES.region, REGION) ??
      (endpoint === undefined ? refuse("AWS_REGION", needed) : ANY_REGION),
    accessKeyId: read(VARIABLES.accessKeyId) ?? refuse("AWS_ACCESS_KEY_ID", needed),
    secretAccessKey: new Secret(
      read(VARIABLES.secretAccessKey) ?? refuse("AWS_SECRET_ACCESS_KEY", needed),
    ),
    ...(endpoint !== undefined && { endpoint }),
    ...(sessionToken !== undefined && { sessionToken: new Secret(sessionToken) }),
  };
}

const REGION: Parser<string> = {
  takes: "the name of a region, such as eu-central-1",
  parse(text) {
    if (!/^[a-z0-9-]{1,64}$/.test(text)) throw new Refused();
    return text;
  },
};
