import { createHash } from "node:crypto";
import { isVisibleAscii, type Parser, Refused } from "./parsers.ts";
import { Secret } from "./secret.ts";

/** An API key and whom it belongs to. An organisation may have several, to change them one by one. */
export interface ApiKey {
  readonly organisation: string;
  /** `sha256:` and 64 lower-case hex digits, or the key in clear. */
  readonly key: Secret;
}

/** Keys a server takes. Every authorisation compares with all of them. */
const MAX_API_KEYS = 1000;

const MIN_KEY_LENGTH = 16;
const MAX_KEY_LENGTH = 512;
const HASH_PREFIX = "sha256:";

/** `org:key` pairs. What comes out holds the hash of each key, whichever way it was written. */
export function apiKeys(): Parser<readonly ApiKey[]> {
  return {
    takes: "org:key pairs separated by commas, a key being 16 to 512 visible ASCII characters or " +
      "sha256: and 64 hex digits",
    secret: true,
    parse(text) {
      const entries = text.split(",");
      if (entries.length > MAX_API_KEYS) {
        throw new Refused(`${entries.length} entries are more than ${MAX_API_KEYS}`);
      }
      const numbers = new Map<string, number>();
      return entries.map((entry, index) => {
        const number = index + 1;
        const { organisation, hash } = parseEntry(entry.trim(), number);
        const earlier = numbers.get(hash);
        if (earlier !== undefined) {
          throw new Refused(`entry ${number} repeats the key of entry ${earlier}`);
        }
        numbers.set(hash, number);
        return { organisation, key: new Secret(HASH_PREFIX + hash) };
      });
    },
  };
}

/** Errors name the entry by number: whatever it contains may be a key. */
function parseEntry(entry: string, number: number): { organisation: string; hash: string } {
  if (entry === "") throw new Refused(`entry ${number} is empty`);
  const colon = entry.indexOf(":");
  if (colon < 0) throw new Refused(`entry ${number} has no colon between organisation and key`);
  const organisation = entry.slice(0, colon);
  if (!/^[A-Za-z0-9_.-]{1,64}$/.test(organisation)) {
    throw new Refused(
      `entry ${number} has an organisation that is not 1 to 64 of A-Z a-z 0-9 _ . -`,
    );
  }
  return { organisation, hash: hashOf(entry.slice(colon + 1), number) };
}

function hashOf(key: string, number: number): string {
  if (key.startsWith(HASH_PREFIX)) {
    const hash = key.slice(HASH_PREFIX.length).toLowerCase();
    if (!/^[0-9a-f]{64}$/.test(hash)) {
      throw new Refused(`entry ${number} has sha256: without 64 hex digits`);
    }
    return hash;
  }
  if (key.length < MIN_KEY_LENGTH) {
    throw new Refused(`entry ${number} has a key of fewer than ${MIN_KEY_LENGTH} characters`);
  }
  if (key.length > MAX_KEY_LENGTH) {
    throw new Refused(`entry ${number} has a key of more than ${MAX_KEY_LENGTH} characters`);
  }
  if (!isVisibleAscii(key)) {
    throw new Refused(`entry ${number} has a key with blanks or characters outside ASCII`);
  }
  return createHash("sha256").update(key).digest("hex");
}
