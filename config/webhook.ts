import { isVisibleAscii, type Parser, Refused } from "./parsers.ts";
import { Secret } from "./secret.ts";

/** An http or https URL, kept secret because its path or query may be what protects it. */
export function webhookUrl(): Parser<Secret> {
  return {
    takes: "an http or https URL of up to 2048 ASCII characters without user name and fragment",
    secret: true,
    parse(text) {
      const isPlain = isVisibleAscii(text) && /^https?:\/\/[^/?#@\\]+([/?][^#\\]*)?$/.test(text);
      if (!isPlain || text.length > 2048 || !URL.canParse(text)) throw new Refused();
      return new Secret(text);
    },
  };
}

/** A signing secret in the form of Standard Webhooks: `whsec_` and the base64 of 24 to 64 bytes. */
export function webhookSecret(): Parser<Secret> {
  return {
    takes: "whsec_ and the base64 of 24 to 64 bytes",
    secret: true,
    parse(text) {
      const [, encoded] = /^whsec_([A-Za-z0-9+/]{32,88}={0,2})$/.exec(text) ?? [];
      const length = encoded === undefined ? 0 : lengthOfBase64(encoded);
      if (length < 24 || length > 64) throw new Refused();
      return new Secret(text);
    },
  };
}

/** Bytes that a base64 text stands for; 0 when it is none. */
function lengthOfBase64(text: string): number {
  try {
    return Uint8Array.fromBase64(text).length;
  } catch {
    return 0;
  }
}
