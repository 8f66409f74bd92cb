import { Buffer } from "node:buffer";
import { createHmac, timingSafeEqual } from "node:crypto";

export interface TwilioSignatureInput {
  /** The Twilio account's auth token. An empty one verifies nothing. */
  authToken: string;
  /**
   * The public URL as Twilio was given it, query included: `wss://…` for a media stream, whatever a
   * proxy makes of scheme and host on the way here.
   */
  url: string;
  /** Form parameters of a POST webhook. A WebSocket upgrade has none. */
  params?: Readonly<Record<string, string>>;
  /** Value of `X-Twilio-Signature`, a header that Twilio also writes in lower case. */
  signature: string | null;
}

/**
 * Whether a request was signed by Twilio for this URL: base64 of HMAC-SHA1, keyed with the auth
 * token, over the URL and the sorted parameters, each name followed by its value.
 *
 * Twilio does not always sign the URL to the letter: the scheme's standard port may be there or not
 * (Twilio's own libraries accept both), and so may a slash at the end of the path. Both spellings
 * name the same endpoint of the same host, and each has to be signed with the auth token, so all
 * four are accepted. Comparison takes constant time.
 */
export function verifyTwilioSignature(input: TwilioSignatureInput): boolean {
  const { authToken, url, params = {}, signature } = input;
  if (authToken === "" || signature === null) return false;
  const received = Buffer.from(signature);
  const suffix = Object.keys(params).sort().map((name) => name + params[name]).join("");
  let valid = false;
  for (const spelling of spellings(url)) {
    const expected = Buffer.from(
      createHmac("sha1", authToken).update(spelling + suffix).digest("base64"),
    );
    if (received.length === expected.length && timingSafeEqual(received, expected)) valid = true;
  }
  return valid;
}

/** Scheme and host, port, path, query. Text, because a parsed URL is not always the signed one. */
const URL_PARTS = /^((wss|https|ws|http):\/\/[^/?#:]*)(:\d+)?([^?#]*)(.*)$/s;
const STANDARD_PORTS: Record<string, string> = {
  wss: ":443",
  https: ":443",
  ws: ":80",
  http: ":80",
};

function spellings(url: string): string[] {
  const parts = URL_PARTS.exec(url);
  if (parts === null) return [url];
  const [, origin, scheme, port = "", path, query] = parts;
  const ports = port === "" || port === STANDARD_PORTS[scheme]
    ? ["", STANDARD_PORTS[scheme]]
    : [port];
  const paths = path.endsWith("/") ? [path, path.slice(0, -1)] : [path, path + "/"];
  return ports.flatMap((port) => paths.map((path) => origin + port + path + query));
}
