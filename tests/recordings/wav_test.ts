import assert from "node:assert/strict";
import { WAV_HEADER_BYTES, type WavFormat, wavHeader } from "../../recordings/wav.ts";
import { run, testWith } from "../support/programs.ts";
import { patternBytes } from "./store_contract.ts";

const READ_WITH_PYTHON = `
import sys, wave
for path in sys.argv[1:]:
    with wave.open(path) as f:
        data = f.readframes(f.getnframes()) if f.getnframes() < 1e6 else b""
        print(f.getnframes(), f.getnchannels(), f.getframerate(), f.getsampwidth() * 8, data.hex())
`;

Deno.test.sanitizer({ ops: true, resources: true });

/** Most bytes whose RIFF size is even and below RF64's mark of 0xFFFFFFFF. */
const LARGEST_RIFF = 0xfffffffe - 72;

interface Description {
  frames: number;
  channels: number;
  rate: number;
  bits: number;
}

async function text(program: string, args: string[]): Promise<string> {
  return new TextDecoder().decode(await run(program, args)).trim();
}

async function asSox(path: string): Promise<Description> {
  const [frames, channels, rate, bits] = await Promise.all(
    ["-s", "-c", "-r", "-b"].map(async (option) => Number(await text("soxi", [option, path]))),
  );
  return { frames, channels, rate, bits };
}

async function asFfmpeg(path: string): Promise<Description> {
  const entries = "stream=duration_ts,channels,sample_rate,bits_per_sample";
  const json = await text("ffprobe", [
    "-v",
    "error",
    "-show_entries",
    entries,
    "-of",
    "json",
    path,
  ]);
  const { streams: [stream] } = JSON.parse(json);
  return {
    // For a file without samples ffprobe leaves the duration out.
    frames: stream.duration_ts ?? 0,
    channels: stream.channels,
    rate: Number(stream.sample_rate),
    bits: stream.bits_per_sample,
  };
}

async function withFolder(test: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "wav-" });
  try {
    await test(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** A file of zeros that takes no room, but for its header and its last bytes. */
async function writeSparse(path: string, format: WavFormat, tail: Uint8Array): Promise<void> {
  using file = await Deno.create(path);
  await file.write(wavHeader(format));
  await file.truncate(WAV_HEADER_BYTES + format.dataBytes);
  await file.seek(-tail.length, Deno.SeekMode.End);
  await file.write(tail);
}

testWith(
  ["sox", "ffmpeg", "python3"],
  "wavHeader() is read alike by sox, ffmpeg and Python",
  () =>
    withFolder(async (folder) => {
      const cases = [0, 1, 2, 333].flatMap((frames): (Description & { path: string })[] => [
        { frames, channels: 1, rate: 8000, bits: 16, path: `${folder}/${frames}-mono.wav` },
        { frames, channels: 2, rate: 16_000, bits: 16, path: `${folder}/${frames}-stereo.wav` },
      ]);
      for (const { frames, channels, rate, path } of cases) {
        const data = patternBytes(frames * channels * 2);
        const format = { sampleRate: rate, channels: channels as 1 | 2, dataBytes: data.length };
        await Deno.writeFile(path, await new Blob([wavHeader(format), data]).bytes());
      }
      const python = await text("python3", [
        "-c",
        READ_WITH_PYTHON,
        ...cases.map(({ path }) => path),
      ]);
      const lines = python.split("\n");
      for (const [index, { path, ...expected }] of cases.entries()) {
        const { frames, channels, rate, bits } = expected;
        const data = patternBytes(frames * channels * 2);
        assert.equal(
          lines[index].trim(),
          `${frames} ${channels} ${rate} ${bits} ${data.toHex()}`.trim(),
        );
        const [sox, ffmpeg, soxData, ffmpegData] = await Promise.all([
          asSox(path),
          asFfmpeg(path),
          run("sox", ["-D", path, "-t", "raw", "-"]),
          run("ffmpeg", ["-v", "error", "-i", path, "-f", "s16le", "-"]),
        ]);
        assert.deepEqual(sox, expected);
        assert.deepEqual(ffmpeg, expected);
        assert.deepEqual(soxData, data);
        assert.deepEqual(ffmpegData, data);
      }
    }),
);

testWith(
  ["sox", "ffmpeg", "python3"],
  "wavHeader() stays plain RIFF up to the last size that fits",
  () =>
    withFolder(async (folder) => {
      const path = `${folder}/large.wav`;
      const dataBytes = LARGEST_RIFF - 2; // The largest of whole stereo blocks.
      await writeSparse(path, { sampleRate: 8000, channels: 2, dataBytes }, patternBytes(16));
      const expected = { frames: dataBytes / 4, channels: 2, rate: 8000, bits: 16 };
      assert.deepEqual(await asSox(path), expected);
      assert.deepEqual(await asFfmpeg(path), expected);
      const python = await text("python3", ["-c", READ_WITH_PYTHON, path]);
      assert.equal(python, `${expected.frames} 2 8000 16`);
    }),
);

// Python's wave knows no RF64 and says so. sox does, but reads through all of the data before it answers
// (40 s), so it is asked about a short file in the next test.
testWith(
  ["ffmpeg", "python3"],
  "wavHeader() becomes RF64 above 4 GiB, which ffmpeg reads to the last sample",
  () =>
    withFolder(async (folder) => {
      const path = `${folder}/huge.wav`;
      for (const dataBytes of [LARGEST_RIFF + 2, 5 * 2 ** 30 + 4]) {
        const tail = patternBytes(32_000);
        await writeSparse(path, { sampleRate: 8000, channels: 2, dataBytes }, tail);
        const expected = { frames: dataBytes / 4, channels: 2, rate: 8000, bits: 16 };
        assert.deepEqual(await asFfmpeg(path), expected);
        const from = (expected.frames - 8000) / 8000;
        const ffmpeg = ["-v", "error", "-ss", from.toFixed(6), "-i", path, "-f", "s16le", "-"];
        assert.deepEqual(await run("ffmpeg", ffmpeg), tail);
        await assert.rejects(() => run("python3", ["-c", READ_WITH_PYTHON, path]), /RIFF/);
      }
    }),
);

testWith(
  ["sox", "ffmpeg"],
  "wavHeader() lays out RF64 so that sox and ffmpeg read it alike",
  () =>
    withFolder(async (folder) => {
      const path = `${folder}/rf64.wav`;
      const data = patternBytes(4000);
      const header = wavHeader({ sampleRate: 16_000, channels: 2, dataBytes: 2 ** 33 });
      const ds64 = new DataView(header.buffer, 20);
      for (const [offset, size] of [[0, 72 + data.length], [8, data.length], [16, 1000]]) {
        ds64.setBigUint64(offset, BigInt(size), true);
      }
      await Deno.writeFile(path, await new Blob([header, data]).bytes());
      const expected = { frames: 1000, channels: 2, rate: 16_000, bits: 16 };
      assert.deepEqual(await asSox(path), expected);
      assert.deepEqual(await asFfmpeg(path), expected);
      assert.deepEqual(await run("sox", ["-D", path, "-t", "raw", "-"]), data);
      assert.deepEqual(await run("ffmpeg", ["-v", "error", "-i", path, "-f", "s16le", "-"]), data);
    }),
);

testWith(["sox"], "wavHeader() writes the fmt chunk that sox writes", async () => {
  for (const [sampleRate, channels] of [[8000, 1], [16_000, 2], [48_000, 1]] as const) {
    const raw = [
      "-t",
      "raw",
      "-r",
      `${sampleRate}`,
      "-c",
      `${channels}`,
      "-e",
      "signed",
      "-b",
      "16",
    ];
    const theirs = await run("sox", [...raw, "/dev/null", "-t", "wav", "-"]);
    const ours = wavHeader({ sampleRate, channels, dataBytes: 0 });
    assert.deepEqual(ours.slice(48, 72), theirs.slice(12, 36));
  }
});

Deno.test("wavHeader() counts the pad of odd data in the file but not in the chunk", () => {
  for (const [dataBytes, riffBytes] of [[0, 72], [1, 74], [2, 74], [5, 78]]) {
    const view = new DataView(wavHeader({ sampleRate: 8000, channels: 1, dataBytes }).buffer);
    assert.equal(view.getUint32(4, true), riffBytes);
    assert.equal(view.getUint32(76, true), dataBytes);
  }
});

Deno.test("wavHeader() has one length and changes to RF64 exactly where 32 bits end", () => {
  for (const dataBytes of [0, LARGEST_RIFF, LARGEST_RIFF + 1, 2 ** 40]) {
    const header = wavHeader({ sampleRate: 48_000, channels: 2, dataBytes });
    assert.equal(header.length, WAV_HEADER_BYTES);
    const name = new TextDecoder().decode(header.subarray(0, 4));
    assert.equal(name, dataBytes > LARGEST_RIFF ? "RF64" : "RIFF");
    const view = new DataView(header.buffer);
    if (name === "RIFF") continue;
    assert.equal(view.getBigUint64(20, true), BigInt(72 + dataBytes + dataBytes % 2));
    assert.equal(view.getBigUint64(28, true), BigInt(dataBytes));
    assert.equal(view.getBigUint64(36, true), BigInt(Math.floor(dataBytes / 4)));
  }
});

Deno.test("wavHeader() refuses what cannot stand in a header", () => {
  const good: WavFormat = { sampleRate: 8000, channels: 2, dataBytes: 0 };
  for (const sampleRate of [0, -1, 8000.5, NaN, 2 ** 32]) {
    assert.throws(() => wavHeader({ ...good, sampleRate }), RangeError);
  }
  for (const dataBytes of [-1, 0.5, NaN, Number.MAX_SAFE_INTEGER]) {
    assert.throws(() => wavHeader({ ...good, dataBytes }), RangeError);
  }
  assert.throws(() => wavHeader({ ...good, channels: 3 as 2 }), RangeError);
});
