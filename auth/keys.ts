import { createHash, timingSafeEqual } from "node:crypto";
import type { ApiKey } from "../config.ts";

/** The name of whoever owns calls. */
export type Organisation = string;

/** A longer credential is no key; so nobody makes the server hash megabytes. */
const MAX_CREDENTIAL_LENGTH = 512;
const MAX_ENTRIES = 1000;
const HASHED = /^sha256:([0-9a-f]{64})$/i;

/**
 * The API keys a server takes. Only their SHA-256 is kept. How long {@linkcode find} takes tells
 * nothing about how much of a credential is right, nor which key it is.
 */
export class KeyRing {
  readonly #organisations: Organisation[] = [];
  readonly #hashes: Uint8Array[] = [];

  /**
   * @param entries at most 1000; a key is `sha256:` and 64 hex digits, or the key in clear
   * @throws {RangeError} when there are more
   */
  constructor(entries: Iterable<ApiKey>) {
    for (const { organisation, key } of entries) {
      if (this.#hashes.length === MAX_ENTRIES) {
        throw new RangeError(`Cannot make key ring: at most ${MAX_ENTRIES} keys are taken`);
      }
      const text = key.reveal();
      const hex = HASHED.exec(text)?.[1];
      this.#organisations.push(organisation);
      this.#hashes.push(hex === undefined ? sha256(text) : Uint8Array.fromHex(hex));
    }
  }

  /** Number of keys. */
  get size(): number {
    return this.#hashes.length;
  }

  /**
   * Whose key the credential is, or `null`. What is presented is always hashed: the hash of a key,
   * as it may stand in the configuration, opens nothing.
   */
  find(credential: string): Organisation | null {
    if (credential.length > MAX_CREDENTIAL_LENGTH) return null;
    const presented = sha256(credential);
    let found = -1;
    // No early exit: every search compares with every key.
    for (let index = 0; index < this.#hashes.length; index++) {
      const isEqual = Number(timingSafeEqual(presented, this.#hashes[index]));
      found += isEqual * (index - found);
    }
    return this.#organisations[found] ?? null;
  }
}

function sha256(text: string): Uint8Array {
  return createHash("sha256").update(text).digest();
}
