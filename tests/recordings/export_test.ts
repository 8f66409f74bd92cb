import assert from "node:assert/strict";
import fc from "fast-check";
import { exportWav } from "../../recordings/export.ts";
import type { ExportedRecording, ExportOptions } from "../../recordings/export_view.ts";
import { FileStore } from "../../recordings/file.ts";
import { MemoryStore } from "../../recordings/memory.ts";
import { WAV_HEADER_BYTES, wavHeader } from "../../recordings/wav.ts";
import { run, testWith } from "../support/programs.ts";
import { anInfo, keep, openOf, patternBytes, peaksOf, readAll, SEED } from "./store_contract.ts";

const READ_WITH_PYTHON = `
import array, sys, wave
with wave.open(sys.argv[1]) as f:
    data = array.array("h", f.readframes(f.getnframes()))
left, right, want = data[0::2], data[1::2], sys.argv[2]
mix = [max(-32768, min(32767, l + r)) for l, r in zip(left, right)]
out = {"mix": mix, "user": left, "bot": right, "stereo": data}[want]
sys.stdout.buffer.write(array.array("h", out).tobytes())
`;

Deno.test.sanitizer({ ops: true, resources: true });

/** A recording whose bytes come in the chunks it is told, without end-of-chunk courtesy. */
function chunked(pcm: Uint8Array<ArrayBuffer>, sizes: number[]): ExportedRecording {
  return {
    info: anInfo({ samples: pcm.length / 4 }),
    read(start = 0, end = pcm.length) {
      let index = 0;
      return new ReadableStream({
        pull(controller) {
          if (start >= end) return controller.close();
          const size = sizes.length === 0 ? end : sizes[index++ % sizes.length];
          controller.enqueue(pcm.slice(start, Math.min(end, start += size)));
        },
      });
    },
  };
}

/** What an export must be, worked out sample by sample. */
function expected(pcm: Uint8Array<ArrayBuffer>, options: ExportOptions): Uint8Array {
  const samples = new Int16Array(pcm.slice().buffer);
  const { channels = 1, track } = options;
  const output: number[] = [];
  for (let i = 0; i < samples.length; i += 2) {
    const [left, right] = [samples[i], samples[i + 1]];
    if (channels === 2) output.push(left, right);
    else if (track === undefined) output.push(Math.max(-32768, Math.min(32767, left + right)));
    else output.push(track === "user" ? left : right);
  }
  return new Uint8Array(Int16Array.from(output).buffer);
}

const VIEWS: { options: ExportOptions; name: string; fileName: string }[] = [
  { options: {}, name: "mix", fileName: "CA1" },
  { options: { track: "user" }, name: "user", fileName: "CA1-user" },
  { options: { track: "bot", channels: 1 }, name: "bot", fileName: "CA1-bot" },
  { options: { channels: 2 }, name: "stereo", fileName: "CA1-stereo" },
];

Deno.test("exportWav() gives header, length, name and samples of every view", async () => {
  const pcm = patternBytes(300_000);
  for (const { options, fileName } of VIEWS) {
    const wav = exportWav(chunked(pcm, []), options);
    const bytes = await readAll(wav.stream());
    const { channels = 1 } = options;
    const dataBytes = 75_000 * channels * 2;
    assert.equal(wav.view.name, fileName);
    assert.deepEqual([wav.byteLength, bytes.length], [80 + dataBytes, 80 + dataBytes]);
    const header = wavHeader({ sampleRate: 8000, channels, dataBytes });
    assert.deepEqual(bytes.subarray(0, WAV_HEADER_BYTES), header);
    assert.deepEqual(bytes.slice(WAV_HEADER_BYTES), expected(pcm, options));
  }
});

Deno.test("exportWav() takes chunks that begin and end anywhere", async () => {
  const size = fc.oneof(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 200_000 }));
  await fc.assert(
    fc.asyncProperty(
      fc.array(size, { minLength: 1, maxLength: 12 }),
      fc.oneof(fc.nat(40), fc.nat(40_000)),
      fc.constantFrom(...VIEWS),
      async (sizes, samples, { options }) => {
        const pcm = patternBytes(samples * 4);
        const bytes = await readAll(exportWav(chunked(pcm, sizes), options).stream());
        assert.deepEqual(bytes.slice(WAV_HEADER_BYTES), expected(pcm, options));
      },
    ),
    { seed: SEED, numRuns: 80 },
  );
});

Deno.test("exportWav() gives chunks of at most 64 KiB and reads no faster than it is read", async () => {
  let given = 0;
  const recording = chunked(patternBytes(2_000_000), []);
  const counted: ExportedRecording = {
    info: recording.info,
    read: () =>
      new ReadableStream({
        pull(controller) {
          controller.enqueue(patternBytes(10_000, given));
          given += 10_000;
        },
      }, { highWaterMark: 0 }),
  };
  const reader = exportWav(counted, { channels: 2 }).stream().getReader();
  assert.equal((await reader.read()).value?.length, WAV_HEADER_BYTES);
  assert.equal(given, 0);
  for (let chunk = 1; chunk <= 5; chunk++) {
    assert.equal((await reader.read()).value?.length, 65_536);
    assert.ok(given <= chunk * 65_536 + 10_000, `${given} bytes read for ${chunk} chunks`);
  }
  await reader.cancel();
});

Deno.test("exportWav() hands a cancel on, also in the middle of a read", async () => {
  const reasons: unknown[] = [];
  const stuck: ExportedRecording = {
    info: anInfo({ samples: 100 }),
    read: () => new ReadableStream({ cancel: (reason) => void reasons.push(reason) }),
  };
  await exportWav(stuck).stream().cancel("unread");
  assert.deepEqual(reasons, []);
  const reader = exportWav(stuck).stream().getReader();
  await reader.read();
  const pending = reader.read();
  await new Promise((resolve) => setTimeout(resolve, 0)); // The read reaches the recording.
  await reader.cancel("enough");
  assert.deepEqual(await pending, { done: true, value: undefined });
  assert.deepEqual(reasons, ["enough"]);
});

Deno.test("exportWav() lets go of the recording with its last chunk", async () => {
  let cancels = 0;
  const endless: ExportedRecording = {
    info: anInfo({ samples: 10 }),
    read: () =>
      new ReadableStream({
        start: (controller) => controller.enqueue(patternBytes(40)),
        cancel: () => void cancels++,
      }),
  };
  assert.equal((await readAll(exportWav(endless).stream())).length, WAV_HEADER_BYTES + 20);
  assert.equal(cancels, 1);
});

Deno.test("exportWav() fails the stream when the recording ends early or fails", async () => {
  const { read } = chunked(patternBytes(40), [7]);
  const short: ExportedRecording = { info: anInfo({ samples: 11 }), read: () => read() };
  await assert.rejects(() => readAll(exportWav(short).stream()), /4 bytes early/);
  const failing: ExportedRecording = {
    info: anInfo({ samples: 11 }),
    read: () => new ReadableStream({ pull: () => Promise.reject(new Error("disk")) }),
  };
  await assert.rejects(() => readAll(exportWav(failing).stream()), /disk/);
});

Deno.test("exportWav() takes a snapshot of a recording being written, and leaves no file open", async () => {
  const root = await Deno.makeTempDir({ prefix: "export-" });
  try {
    const store = await FileStore.open(root);
    const writer = await store.create(anInfo());
    await writer.append(patternBytes(200_000), peaksOf(patternBytes(200_000)));
    const wav = exportWav((await openOf(store))!, { channels: 2 });
    const cancelled = exportWav((await openOf(store))!).stream().getReader();
    await writer.append(patternBytes(200_000, 200_000), peaksOf(patternBytes(200_000, 200_000)));
    for (let chunk = 0; chunk < 2; chunk++) await cancelled.read();
    await cancelled.cancel();
    assert.deepEqual((await readAll(wav.stream())).slice(WAV_HEADER_BYTES), patternBytes(200_000));
    await writer.finish(anInfo({ state: "complete" }));
  } finally {
    await Deno.remove(root, { recursive: true });
  }
});

Deno.test("exportWav() refuses one side in two channels", () => {
  const options: ExportOptions = { channels: 2, track: "user" };
  assert.throws(() => exportWav(chunked(new Uint8Array(0), []), options), TypeError);
});

testWith(
  ["sox", "ffmpeg", "python3"],
  "exportWav() is bit-exact with sox, ffmpeg and Python, full scale included",
  async () => {
    const folder = await Deno.makeTempDir({ prefix: "export-" });
    try {
      const pcm = patternBytes(80_000);
      const extremes = [-32768, -32767, -1, 0, 1, 32767];
      const pairs = extremes.flatMap((left) => extremes.flatMap((right) => [left, right]));
      new Int16Array(pcm.buffer).set(pairs);
      const store = new MemoryStore();
      await keep(store, pcm);
      const recording = (await openOf(store))!;
      const write = async (name: string, options: ExportOptions) => {
        await Deno.writeFile(`${folder}/${name}.wav`, exportWav(recording, options).stream());
        return `${folder}/${name}.wav`;
      };
      const stereo = await write("stereo", { channels: 2 });
      const remix: Record<string, string[]> = {
        mix: ["remix", "-m", "1,2"],
        user: ["remix", "1"],
        bot: ["remix", "2"],
        stereo: [],
      };
      for (const { name, options } of VIEWS) {
        const path = await write(name, options);
        const [ours, sox, python] = await Promise.all([
          run("ffmpeg", ["-v", "error", "-i", path, "-f", "s16le", "-"]),
          run("sox", ["-D", "-V1", stereo, "-t", "raw", "-", ...remix[name]]),
          run("python3", ["-c", READ_WITH_PYTHON, stereo, name]),
        ]);
        assert.deepEqual(ours, sox, `${name}: sox`);
        assert.deepEqual(ours, python, `${name}: Python`);
      }
      const graph = "[0]channelsplit[l][r];" +
        "[l][r]amix=inputs=2:normalize=0:dropout_transition=0,aformat=channel_layouts=mono";
      const args = ["-v", "error", "-i", stereo, "-filter_complex", graph, "-f", "s16le", "-"];
      const mix = await run("ffmpeg", args);
      assert.deepEqual(mix, new Uint8Array(expected(pcm, {})), "mix: ffmpeg");
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
);
