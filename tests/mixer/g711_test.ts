import assert from "node:assert/strict";
import { decodeAlaw, decodeMulaw, encodeAlaw, encodeMulaw } from "../../mixer/g711.ts";
import { run, testWith } from "../support/programs.ts";

const ALL_CODES = Uint8Array.from({ length: 256 }, (_, code) => code);
const ALL_SAMPLES = Int16Array.from({ length: 65536 }, (_, i) => i - 32768);

const LAWS = [
  { decode: decodeMulaw, encode: encodeMulaw, sox: "u-law", ffmpeg: "mulaw" },
  { decode: decodeAlaw, encode: encodeAlaw, sox: "a-law", ffmpeg: "alaw" },
];

for (const { decode, encode, sox, ffmpeg } of LAWS) {
  const decoded = new Int16Array(256);
  decode(ALL_CODES, decoded);
  const encoded = new Uint8Array(65536);
  encode(ALL_SAMPLES, encoded);

  testWith(["sox"], `${decode.name}() decodes all 256 codes as sox does`, async () => {
    const input = ["-t", "raw", "-e", sox, "-b", "8", "-r", "8000", "-c", "1", "-"];
    const output = ["-t", "raw", "-e", "signed", "-b", "16", "-L", "-"];
    const bytes = await run("sox", ["-D", ...input, ...output], ALL_CODES);
    assert.deepEqual(decoded, new Int16Array(bytes.slice().buffer));
  });

  testWith(["ffmpeg"], `${decode.name}() decodes all 256 codes as ffmpeg does`, async () => {
    const input = ["-f", ffmpeg, "-ar", "8000", "-ac", "1", "-i", "-"];
    const bytes = await run("ffmpeg", ["-v", "error", ...input, "-f", "s16le", "-"], ALL_CODES);
    assert.deepEqual(decoded, new Int16Array(bytes.slice().buffer));
  });

  Deno.test(`${encode.name}() answers the code whose decoding it was given`, () => {
    const codes = new Uint8Array(256);
    encode(decoded, codes);
    // Mu-law has two codes for 0; the positive one is sent.
    const expected = ALL_CODES.map((code) => ffmpeg === "mulaw" && code === 0x7f ? 0xff : code);
    assert.deepEqual(codes, expected);
  });

  Deno.test(`${encode.name}() never turns a louder sample into a quieter code`, () => {
    for (let i = 1; i < 65536; i++) {
      assert.ok(decoded[encoded[i - 1]] <= decoded[encoded[i]], `at sample ${ALL_SAMPLES[i]}`);
    }
  });

  Deno.test(`${decode.name}() and ${encode.name}() refuse an output that is too short`, () => {
    const samples = new Int16Array(159);
    assert.throws(() => decode(new Uint8Array(160).fill(1), samples), {
      name: "RangeError",
      message: /^Cannot decode (mu|A)-law: output must hold 160 samples, received 159$/,
    });
    assert.ok(samples.every((sample) => sample === 0));
    assert.throws(() => encode(new Int16Array(160), new Uint8Array(0)), {
      name: "RangeError",
      message: /^Cannot encode (mu|A)-law: output must hold 160 bytes, received 0$/,
    });
  });

  Deno.test(`${decode.name}() and ${encode.name}() write to the start and answer how much`, () => {
    const samples = new Int16Array(4).fill(7);
    assert.equal(decode(encoded.subarray(40000, 40002), samples), 2);
    assert.deepEqual([...samples.subarray(2)], [7, 7]);
    const codes = new Uint8Array(4).fill(7);
    assert.equal(encode(ALL_SAMPLES.subarray(40000, 40002), codes), 2);
    assert.deepEqual([...codes], [encoded[40000], encoded[40001], 7, 7]);
  });
}

/**
 * The decision values of G.711: the magnitudes at which the next code begins. `first` is the first
 * segment's, followed by segments of 16 steps, each with steps twice as large.
 */
function decisionValues(first: number[], step: number): number[] {
  const values = [...first];
  while (values.length < 128) {
    for (let i = 0; i < 16; i++) values.push(values[values.length - 1] + step);
    step *= 2;
  }
  return values.slice(0, 128);
}

/** Encodes by G.711's tables: searches for the last decision value that the magnitude reaches. */
function encodeByTable(sample: number, shift: number, decisions: number[], inverted: number) {
  const magnitude = (sample < 0 ? -1 - sample : sample) >> shift;
  const interval = decisions.findLastIndex((value) => value <= magnitude);
  return ((sample < 0 ? 0 : 0x80) + interval) ^ inverted;
}

Deno.test("encodeMulaw() encodes all 65,536 samples as G.191 does", () => {
  // 14 bits: 0, 1, 3, 5 ... 29 (the first step is cut in half by the zero), 31, 35, 39 ... 8031.
  const first = [0, ...Array.from({ length: 15 }, (_, i) => 2 * i + 1), 31];
  const decisions = decisionValues(first, 4);
  assert.deepEqual([decisions[32], decisions[64], decisions[112]], [95, 479, 4063]);
  const codes = new Uint8Array(65536);
  encodeMulaw(ALL_SAMPLES, codes);
  // All bits but the sign are inverted, whose 1 means positive.
  assert.deepEqual(codes, Uint8Array.from(ALL_SAMPLES, (x) => encodeByTable(x, 2, decisions, 127)));
});

Deno.test("encodeAlaw() encodes all 65,536 samples as G.191 does", () => {
  // 12 bits: 0, 1, 2 ... 32, 34, 36 ... 64, 68 ... 1984.
  const decisions = decisionValues(Array.from({ length: 33 }, (_, i) => i), 2);
  assert.deepEqual([decisions[48], decisions[64], decisions[127]], [64, 128, 1984]);
  const codes = new Uint8Array(65536);
  encodeAlaw(ALL_SAMPLES, codes);
  assert.deepEqual(codes, Uint8Array.from(ALL_SAMPLES, (x) => encodeByTable(x, 4, decisions, 85)));
});

Deno.test("encodeMulaw() and encodeAlaw() take the one's complement of a negative sample", () => {
  const boundaries = Int16Array.of(0, -1, -4, -5, 3, 4, -16, -17, 15, 16);
  const codes = new Uint8Array(boundaries.length);
  encodeMulaw(boundaries, codes);
  assert.deepEqual([...codes], [255, 127, 127, 126, 255, 254, 125, 125, 253, 253]);
  encodeAlaw(boundaries, codes);
  assert.deepEqual([...codes], [213, 85, 85, 85, 213, 213, 85, 84, 213, 212]);
});
