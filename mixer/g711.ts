/**
 * G.711: the mu-law and A-law companding of the telephone network, to 16-bit PCM, and mu-law from it.
 *
 * Decoding follows the tables of ITU-T G.711 (11/88), encoding the reference code of ITU-T G.191.
 * G.711 leaves open which code a value on the boundary of two gets, and implementations differ
 * there; G.191's rule is that the magnitude of a negative sample is its one's complement.
 *
 * @module
 */

/** Codes are sent with these bits inverted, so that an idle line is not a run of equal bits. */
const MULAW_INVERTED = 0xff;
const ALAW_INVERTED = 0x55;

/** Added to 14-bit magnitudes by mu-law, so that every segment starts at a power of two. */
const MULAW_BIAS = 33;

/** The largest biased magnitude mu-law has a code for. */
const MULAW_MAX = 0x1fff;

const MULAW_TO_PCM = Int16Array.from({ length: 256 }, (_, code) => expandMulaw(code));
const ALAW_TO_PCM = Int16Array.from({ length: 256 }, (_, code) => expandAlaw(code));

/**
 * Decodes mu-law, one byte a sample, into the start of `output`.
 *
 * @returns the number of samples written: `input.length`
 * @throws {RangeError} when `output` is shorter than `input`; nothing is written then
 */
export function decodeMulaw(input: Uint8Array, output: Int16Array): number {
  return decode("mu-law", MULAW_TO_PCM, input, output);
}

/**
 * Decodes A-law, one byte a sample, into the start of `output`. A-law has no zero: its quietest
 * codes are 8 and -8.
 *
 * @returns the number of samples written: `input.length`
 * @throws {RangeError} when `output` is shorter than `input`; nothing is written then
 */
export function decodeAlaw(input: Uint8Array, output: Int16Array): number {
  return decode("A-law", ALAW_TO_PCM, input, output);
}

/**
 * Encodes 16-bit PCM as mu-law, one byte a sample, into the start of `output`.
 *
 * @returns the number of bytes written: `input.length`
 * @throws {RangeError} when `output` is shorter than `input`; nothing is written then
 */
export function encodeMulaw(input: Int16Array, output: Uint8Array): number {
  checkRoom("encode mu-law", "bytes", input.length, output.length);
  for (let i = 0; i < input.length; i++) output[i] = compressMulaw(input[i]);
  return input.length;
}

function decode(law: string, table: Int16Array, input: Uint8Array, output: Int16Array): number {
  checkRoom(`decode ${law}`, "samples", input.length, output.length);
  for (let i = 0; i < input.length; i++) output[i] = table[input[i]];
  return input.length;
}

function checkRoom(action: string, unit: string, needed: number, room: number): void {
  if (room >= needed) return;
  throw new RangeError(`Cannot ${action}: output must hold ${needed} ${unit}, received ${room}`);
}

/** Sign in bit 7 (1 is negative), 3 bits of segment, 4 bits of step within it, all inverted. */
function expandMulaw(code: number): number {
  const bits = code ^ MULAW_INVERTED;
  const segment = (bits >> 4) & 7;
  // The middle of the step: 16 steps a segment, plus the leading one that is not transmitted.
  const biased = (((bits & 15) << 1) + 33) << segment;
  const magnitude = (biased - MULAW_BIAS) << 2;
  return bits & 0x80 ? -magnitude : magnitude;
}

/** Sign in bit 7 (1 is positive), 3 bits of segment, 4 bits of step, even bits inverted. */
function expandAlaw(code: number): number {
  const bits = code ^ ALAW_INVERTED;
  const segment = (bits >> 4) & 7;
  const step = bits & 15;
  // Segments 0 and 1 share a step size; only segment 0 has no leading one.
  const magnitude = segment === 0 ? (step << 4) + 8 : ((step << 4) + 0x108) << (segment - 1);
  return bits & 0x80 ? magnitude : -magnitude;
}

function compressMulaw(sample: number): number {
  const magnitude = (sample < 0 ? ~sample : sample) >> 2;
  const biased = Math.min(magnitude + MULAW_BIAS, MULAW_MAX);
  // The leading one is at bit 5 in segment 0 and at bit 12 in segment 7.
  const segment = 26 - Math.clz32(biased);
  const step = (biased >> (segment + 1)) & 15;
  return (((sample < 0 ? 0x80 : 0) | (segment << 4) | step) ^ MULAW_INVERTED) & 0xff;
}
