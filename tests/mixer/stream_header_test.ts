import assert from "node:assert/strict";
import { createDecoder } from "../../mixer/decode.ts";
import { readStreamHeader } from "../../mixer/stream_header.ts";
import { run, testWith } from "../support/programs.ts";
import { noise } from "./tones.ts";

const SAMPLES = noise(800, 7);
const RAW = Uint8Array.from(new Uint8Array(SAMPLES.buffer));

/** The samples as a file that sox writes. */
function file(...format: string[]): Promise<Uint8Array> {
  const raw = ["-t", "raw", "-r", "8000", "-e", "signed", "-b", "16", "-c", "1", "-"];
  return run("sox", ["-D", ...raw, ...format, "-"], RAW);
}

testWith(
  ["sox", "ffmpeg"],
  "Decoder.decode() leaves the header of a file out, whoever wrote it",
  async () => {
    const ffmpeg = ["-v", "error", "-f", "s16le", "-ar", "8000", "-ac", "1", "-i", "-"];
    const files = {
      WAV: await file("-t", "wav"),
      "WAV with a comment": await file("--comment", "x".repeat(301), "-t", "wav"),
      "WAV of ffmpeg": await run("ffmpeg", [...ffmpeg, "-f", "wav", "-"], RAW),
      "RF64 of ffmpeg": await run("ffmpeg", [...ffmpeg, "-rf64", "always", "-f", "wav", "-"], RAW),
    };
    for (const [name, bytes] of Object.entries(files)) {
      const decoder = createDecoder({ encoding: "pcm_s16le", sampleRate: 8000 }, 8000);
      assert.deepEqual(decoder.decode(bytes).slice(0, 800), SAMPLES, name);
      assert.equal(decoder.header?.kind, "WAV", name);
      assert.deepEqual([decoder.header.sampleRate, decoder.header.channels], [8000, 1], name);
    }
    const mulaw = await file("-t", "au", "-e", "mu-law", "-b", "8");
    const decoder = createDecoder({ encoding: "mulaw", sampleRate: 8000 }, 8000);
    assert.equal(decoder.decode(mulaw).length, 800);
    assert.equal(decoder.header?.kind, "AU");
    assert.deepEqual([decoder.header.sampleRate, decoder.header.bitsPerSample], [8000, 8]);
  },
);

testWith(
  ["sox"],
  "Decoder.decode() leaves the header out that comes by itself, or before every chunk",
  async () => {
    const wav = await file("-t", "wav");
    const decoder = createDecoder({ encoding: "pcm_s16le", sampleRate: 8000 }, 8000);
    assert.equal(decoder.decode(wav.subarray(0, 44)).length, 0);
    assert.deepEqual(decoder.decode(wav.subarray(44)).slice(), SAMPLES);
    for (let round = 0; round < 3; round++) assert.deepEqual(decoder.decode(wav).slice(), SAMPLES);
  },
);

Deno.test("readStreamHeader() takes samples for samples, and survives any header", () => {
  const encoder = new TextEncoder();
  for (const text of ["R", "RIFF", "RIFFxxxxWAVX", "RIFFxxxxAVI ", ".snx", "R".repeat(400)]) {
    assert.equal(readStreamHeader(encoder.encode(text.padEnd(64, "\0"))), undefined, text);
  }
  const endless = encoder.encode("RIFFxxxxWAVEfmt \xff\xff\xff\xff".padEnd(64, "\xff"));
  assert.equal(readStreamHeader(endless)?.bytes, endless.length);
  const empty = new Uint8Array(64 * 1024);
  empty.set(encoder.encode("RIFFxxxxWAVE"));
  assert.equal(readStreamHeader(empty)?.bytes, empty.length);
  const au = new Uint8Array(24).fill(0xff);
  au.set(encoder.encode(".snd"));
  assert.equal(readStreamHeader(au)?.bytes, 24);
});
