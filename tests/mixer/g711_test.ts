import assert from "node:assert/strict";
import { decodeAlaw, decodeMulaw, encodeMulaw } from "../../mixer/g711.ts";
import { run, testWith } from "../support/programs.ts";

const ALL_CODES = Uint8Array.from({ length: 256 }, (_, code) => code);
const ALL_SAMPLES = Int16Array.from({ length: 65536 }, (_, i) => i - 32768);

const LAWS = [
  { decode: decodeMulaw, sox: "u-law", ffmpeg: "mulaw" },
  { decode: decodeAlaw, sox: "a-law", ffmpeg: "alaw" },
];

for (const { decode, sox, ffmpeg } of LAWS) {
  const decoded = new Int16Array(256);
  decode(ALL_CODES, decoded);

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

  Deno.test(`${decode.name}() refuses an output that is too short`, () => {
    const samples = new Int16Array(159);
    assert.throws(() => decode(new Uint8Array(160).fill(1), samples), {
      name: "RangeError",
      message: /^Cannot decode (mu|A)-law: output must hold 160 samples, received 159$/,
    });
    assert.ok(samples.every((sample) => sample === 0));
  });

  Deno.test(`${decode.name}() writes to the start and answers how much`, () => {
    const samples = new Int16Array(4).fill(7);
    assert.equal(decode(ALL_CODES.subarray(40, 42), samples), 2);
    assert.deepEqual([...samples], [decoded[40], decoded[41], 7, 7]);
  });
}

const MULAW_DECODED = new Int16Array(256);
decodeMulaw(ALL_CODES, MULAW_DECODED);
const MULAW_ENCODED = new Uint8Array(65536);
encodeMulaw(ALL_SAMPLES, MULAW_ENCODED);

Deno.test("encodeMulaw() answers the code whose decoding it was given", () => {
  const codes = new Uint8Array(256);
  encodeMulaw(MULAW_DECODED, codes);
  // There are two codes for 0; the positive one is sent.
  assert.deepEqual(codes, ALL_CODES.map((code) => code === 0x7f ? 0xff : code));
});

Deno.test("encodeMulaw() never turns a louder sample into a quieter code", () => {
  for (let i = 1; i < 65536; i++) {
    const [softer, louder] = [MULAW_ENCODED[i - 1], MULAW_ENCODED[i]];
    assert.ok(MULAW_DECODED[softer] <= MULAW_DECODED[louder], `at sample ${ALL_SAMPLES[i]}`);
  }
});

Deno.test("encodeMulaw() refuses an output that is too short", () => {
  assert.throws(() => encodeMulaw(new Int16Array(160), new Uint8Array(0)), {
    name: "RangeError",
    message: /^Cannot encode mu-law: output must hold 160 bytes, received 0$/,
  });
});

Deno.test("encodeMulaw() writes to the start and answers how much", () => {
  const codes = new Uint8Array(4).fill(7);
  assert.equal(encodeMulaw(ALL_SAMPLES.subarray(40000, 40002), codes), 2);
  assert.deepEqual([...codes], [MULAW_ENCODED[40000], MULAW_ENCODED[40001], 7, 7]);
});

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
function encodeByTable(sample: number, decisions: number[]) {
  const magnitude = (sample < 0 ? -1 - sample : sample) >> 2;
  const interval = decisions.findLastIndex((value) => value <= magnitude);
  // All bits but the sign are inverted, whose 1 means positive.
  return ((sample < 0 ? 0 : 0x80) + interval) ^ 127;
}

Deno.test("encodeMulaw() encodes all 65,536 samples as G.191 does", () => {
  // 14 bits: 0, 1, 3, 5 ... 29 (the first step is cut in half by the zero), 31, 35, 39 ... 8031.
  const first = [0, ...Array.from({ length: 15 }, (_, i) => 2 * i + 1), 31];
  const decisions = decisionValues(first, 4);
  assert.deepEqual([decisions[32], decisions[64], decisions[112]], [95, 479, 4063]);
  const expected = Uint8Array.from(ALL_SAMPLES, (sample) => encodeByTable(sample, decisions));
  assert.deepEqual(MULAW_ENCODED, expected);
});

Deno.test("encodeMulaw() takes the one's complement of a negative sample", () => {
  const boundaries = Int16Array.of(0, -1, -4, -5, 3, 4, -16, -17, 15, 16);
  const codes = new Uint8Array(boundaries.length);
  encodeMulaw(boundaries, codes);
  assert.deepEqual([...codes], [255, 127, 127, 126, 255, 254, 125, 125, 253, 253]);
});
