/**
 * A file's header where there should be samples alone: senders that stream a file, or what a speech
 * service answers, forget to take it off. Played, it is a click; the rest may be of another format.
 *
 * @module
 */

/** What a header says of the samples behind it. */
export interface StreamHeader {
  readonly kind: "WAV" | "AU";
  /** Where the samples begin, in bytes; where the payload ends if it has none. */
  readonly bytes: number;
  readonly sampleRate: number;
  readonly channels: number;
  readonly bitsPerSample: number;
}

/** Bytes of the format chunk that are read, and of a chunk's name and length. */
const FORMAT_BYTES = 16;
const CHUNK_BYTES = 8;
/** Bits a sample has by AU's number of its encoding: mu-law, 8, 16, 24 and 32 bits, A-law. */
const AU_BITS: Record<number, number> = { 1: 8, 2: 8, 3: 16, 4: 24, 5: 32, 27: 8 };

/** The header that a payload begins with, or `undefined`. Chance makes one once in 2^64 payloads. */
export function readStreamHeader(payload: Uint8Array): StreamHeader | undefined {
  // Only a header begins so, and nearly nothing else gets further than this.
  if (payload[0] === 0x52 && payload.length >= 12) return readWav(payload);
  if (payload[0] === 0x2e && payload.length >= 24) return readAu(payload);
  return undefined;
}

function readWav(payload: Uint8Array): StreamHeader | undefined {
  if (!["RIFF", "RF64"].includes(nameAt(payload, 0)) || nameAt(payload, 8) !== "WAVE") {
    return undefined;
  }
  const view = new DataView(payload.buffer, payload.byteOffset, payload.byteLength);
  let [sampleRate, channels, bitsPerSample] = [0, 0, 0];
  for (let at = 12; at + CHUNK_BYTES <= payload.length;) {
    const name = nameAt(payload, at);
    const length = view.getUint32(at + 4, true);
    const begin = at + CHUNK_BYTES;
    const header = { kind: "WAV", sampleRate, channels, bitsPerSample } as const;
    if (name === "data") return { ...header, bytes: begin };
    if (name === "fmt " && begin + FORMAT_BYTES <= payload.length) {
      channels = view.getUint16(begin + 2, true);
      sampleRate = view.getUint32(begin + 4, true);
      bitsPerSample = view.getUint16(begin + 14, true);
    }
    at = begin + length + length % 2;
  }
  return { kind: "WAV", sampleRate, channels, bitsPerSample, bytes: payload.length };
}

function readAu(payload: Uint8Array): StreamHeader | undefined {
  if (nameAt(payload, 0) !== ".snd") return undefined;
  const view = new DataView(payload.buffer, payload.byteOffset, payload.byteLength);
  return {
    kind: "AU",
    bytes: Math.min(view.getUint32(4), payload.length),
    bitsPerSample: AU_BITS[view.getUint32(12)] ?? 0,
    sampleRate: view.getUint32(16),
    channels: view.getUint32(20),
  };
}

function nameAt(payload: Uint8Array, at: number): string {
  return String.fromCharCode(payload[at], payload[at + 1], payload[at + 2], payload[at + 3]);
}
