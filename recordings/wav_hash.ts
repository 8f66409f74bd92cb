import { createHash } from "node:crypto";

/** What identifies a whole WAV file. */
export interface WavFingerprint {
  /** Hex, as `sha256sum` prints it. */
  sha256: string;
  bytes: number;
}

/** Takes a WAV file from its first byte to its last, in pieces of any size. */
export class WavHash {
  readonly #hash = createHash("sha256");
  #bytes = 0;

  /** Takes the next piece; it stays the caller's. Costs about 0.2 ms for 256 KiB. */
  update(piece: Uint8Array): void {
    this.#hash.update(piece);
    this.#bytes += piece.length;
  }

  /** To be called once, at the end. */
  digest(): WavFingerprint {
    return { sha256: this.#hash.digest("hex"), bytes: this.#bytes };
  }
}
