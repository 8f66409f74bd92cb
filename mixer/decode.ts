import { decodeAlaw, decodeMulaw } from "./g711.ts";
import { Int16Scratch } from "./int16_scratch.ts";
import { isInputRate, Resampler } from "./resample.ts";
import { readStreamHeader, type StreamHeader } from "./stream_header.ts";

/**
 * How one side's audio is encoded on the wire: 16-bit little-endian PCM in two bytes a sample, or
 * G.711 in one.
 */
export type Encoding = "pcm_s16le" | "mulaw" | "alaw";

/** The form of one side's audio, mono. */
export interface TrackFormat {
  encoding: Encoding;
  /** Samples per second, a whole number from 8000 to 48000. */
  sampleRate: number;
}

/** The most bytes one payload may have. */
const MAX_PAYLOAD_BYTES = 1024 * 1024;

/** Turns one side's payloads into PCM16 at the call's rate. Holds state: one for each track. */
export interface Decoder {
  /**
   * Decodes the next payload. The samples are valid until the next call of any decoder;
   * `payload` may begin at any byte of its buffer and is not kept. One that ends within a sample is
   * continued by the next. The header of a file is left out, see {@linkcode Decoder.header}.
   *
   * @param isAfterPause whether the one before came long ago: then only a payload that is not whole
   * samples itself continues it, and any other begins anew
   * @throws {RangeError} when `payload` is above 1 MiB; the decoder is then as it was before
   */
  decode(payload: Uint8Array, isAfterPause?: boolean): Int16Array;
  /**
   * Ends an utterance: answers the samples that resampling held back, valid until the next call.
   * The next payload begins anew, but for the sample that the last one broke off in.
   */
  flush(): Int16Array;
  /** Forgets everything: the next payload is another stream's. */
  reset(): void;
  /** The last header of a file that came in place of samples. */
  readonly header: StreamHeader | undefined;
  /** Samples at the call's rate that `flush()` would answer now; always 0 without resampling. */
  readonly heldSamples: number;
}

/**
 * A decoder from `format` to mono PCM16 at `callRateHz`, 8000 or 16000.
 *
 * @throws {RangeError} when the encoding or a rate is not supported
 */
export function createDecoder(format: TrackFormat, callRateHz: number): Decoder {
  return new TrackDecoder(format, callRateHz);
}

/** No byte. */
const NONE = -1;

const BYTES_PER_SAMPLE: Record<Encoding, number> = { pcm_s16le: 2, mulaw: 1, alaw: 1 };

/** Shared by all decoders: it is read at once, and so stays in the cache. */
const scratch = new Int16Scratch();

class TrackDecoder implements Decoder {
  readonly #format: TrackFormat;
  readonly #resampler: Resampler;
  /** The first byte of a sample whose second is to come, or {@linkcode NONE}. */
  #begun = NONE;
  #header: StreamHeader | undefined;

  constructor({ encoding, sampleRate }: TrackFormat, callRateHz: number) {
    if (!Object.hasOwn(BYTES_PER_SAMPLE, encoding)) {
      throw new RangeError(
        `Cannot decode: encoding must be pcm_s16le, mulaw or alaw, received ${encoding}`,
      );
    }
    if (!isInputRate(sampleRate)) {
      throw new RangeError(
        `Cannot decode ${encoding}: sample rate must be a whole number from 8000 to 48000, ` +
          `received ${sampleRate}`,
      );
    }
    this.#format = { encoding, sampleRate };
    this.#resampler = new Resampler(sampleRate, callRateHz);
  }

  get header(): StreamHeader | undefined {
    return this.#header;
  }

  get heldSamples(): number {
    return this.#resampler.heldSamples;
  }

  decode(payload: Uint8Array, isAfterPause = false): Int16Array {
    const { encoding } = this.#format;
    if (payload.length > MAX_PAYLOAD_BYTES) {
      throw new RangeError(
        `Cannot decode ${encoding}: payload must be at most ${MAX_PAYLOAD_BYTES} bytes, received ` +
          `${payload.length}. Send it in smaller messages`,
      );
    }
    const header = readStreamHeader(payload);
    if (header !== undefined) {
      this.#header = header;
      this.#begun = NONE;
      payload = payload.subarray(header.bytes);
    }
    const isWhole = payload.length % BYTES_PER_SAMPLE[encoding] === 0;
    if (isAfterPause && isWhole) this.#begun = NONE;
    const whole = isWhole && this.#begun === NONE ? payload : this.#joined(payload);
    return this.#resampler.process(this.#toPcm(whole));
  }

  /** The payload behind what the last one left, without what it leaves itself. */
  #joined(payload: Uint8Array): Uint8Array {
    const hasBegun = this.#begun !== NONE;
    const bytes = new Uint8Array(payload.length + (hasBegun ? 1 : 0));
    if (hasBegun) bytes[0] = this.#begun;
    bytes.set(payload, hasBegun ? 1 : 0);
    const left = bytes.length % 2;
    this.#begun = left === 0 ? NONE : bytes[bytes.length - 1];
    return bytes.subarray(0, bytes.length - left);
  }

  reset(): void {
    this.#begun = NONE;
    this.#resampler.flush();
  }

  flush(): Int16Array {
    return this.#resampler.flush();
  }

  #toPcm(payload: Uint8Array): Int16Array {
    if (this.#format.encoding === "pcm_s16le") return scratch.takeFromBytes(payload);
    const samples = scratch.take(payload.length);
    if (this.#format.encoding === "mulaw") decodeMulaw(payload, samples);
    else decodeAlaw(payload, samples);
    return samples;
  }
}
