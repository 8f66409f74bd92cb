import assert from "node:assert/strict";
import { FileStore } from "../../recordings/file.ts";
import { RecordingExistsError } from "../../recordings/store.ts";
import { WAV_HEADER_BYTES, wavHeader } from "../../recordings/wav.ts";
import { run, testWith } from "../support/programs.ts";
import { assertSame } from "../support/same.ts";
import { plant, reopen, unfinishedWav, withRoot } from "./file_support.ts";
import {
  anInfo,
  idsOf,
  keep,
  openOf,
  patternBytes,
  peaksOf,
  readAll,
  refOf,
  statesOf,
  testStoreContract,
} from "./store_contract.ts";

/** As much as a manifest may be. */
const MAX_MANIFEST_BYTES = 8 * 1024 * 1024;

Deno.test.sanitizer({ ops: true, resources: true });

testStoreContract(
  "FileStore",
  (test) => withRoot(async (root) => test(await FileStore.open(root))),
);

Deno.test("FileStore lays a WAV and a manifest into the organisation's folder", () =>
  withRoot(async (root) => {
    const info = await keep(await FileStore.open(root), patternBytes(40));
    const names = Array.from(Deno.readDirSync(`${root}/acme`), ({ name }) => name).sort();
    assert.deepEqual(names, ["CA1.json", "CA1.peaks", "CA1.wav"]);
    const wav = await Deno.readFile(`${root}/acme/CA1.wav`);
    const header = wavHeader({ sampleRate: 8000, channels: 2, dataBytes: 40 });
    assert.deepEqual(wav.subarray(0, WAV_HEADER_BYTES), header);
    assert.deepEqual(wav.subarray(WAV_HEADER_BYTES), patternBytes(40));
    assert.deepEqual(JSON.parse(await Deno.readTextFile(`${root}/acme/CA1.json`)), info);
  }));

Deno.test("FileStore.open() finds what earlier processes kept, unchanged", () =>
  withRoot(async (root) => {
    const before = await FileStore.open(root);
    const events = [{ type: "pause", position: 3 }];
    const info = await keep(before, patternBytes(70_000), { events });
    await keep(before, patternBytes(4), { callId: "..", organisation: "-other" });
    const { store, warnings } = await reopen(root);
    assert.deepEqual(warnings, []);
    assert.deepEqual(await idsOf(store), ["..", "CA1"]);
    const recording = (await openOf(store))!;
    assert.deepEqual(recording.info, info);
    assert.deepEqual(await readAll(recording.read()), patternBytes(70_000));
    const strange = refOf("..", "-other");
    await assert.rejects(() => store.create(anInfo(strange)), RecordingExistsError);
    assert.equal(await store.delete(strange), true);
    const names = Array.from(Deno.readDirSync(`${root}/-other`), ({ name }) => name);
    assert.deepEqual(names, ["...json"]);
    assert.equal(await (await FileStore.open(root)).open(strange), null);
  }));

Deno.test("FileStore patches the header after every 5 s of audio", () =>
  withRoot(async (root) => {
    const store = await FileStore.open(root);
    const writer = await store.create(anInfo());
    const toldBytes = () => {
      const header = Deno.readFileSync(`${root}/acme/CA1.wav`).subarray(0, WAV_HEADER_BYTES);
      return new DataView(header.buffer).getUint32(76, true);
    };
    const told: number[] = [];
    for (let second = 1; second <= 11; second++) {
      await writer.append(patternBytes(32_000), peaksOf(patternBytes(32_000)));
      told.push(toldBytes() / 32_000);
    }
    await writer.finish(anInfo({ state: "complete" }));
    assert.deepEqual([...told, toldBytes() / 32_000], [0, 0, 0, 0, 5, 5, 5, 5, 5, 10, 10, 11]);
  }));

Deno.test("FileStore.open() repairs what a dead process left, floored to a whole block", () =>
  withRoot(async (root) => {
    for (const length of [0, 1, 3, 4, 7, 8, 4001]) {
      const info = anInfo({ callId: `CA${length}` });
      await plant(root, info, unfinishedWav(patternBytes(length)));
    }
    await plant(root, anInfo({ callId: "stub" }), new Uint8Array(17));
    await plant(root, anInfo({ callId: "empty" }), new Uint8Array(0));
    await Deno.writeTextFile(`${root}/acme/CA0.json.tmp`, "half a mani");
    const { store, warnings } = await reopen(root);
    assert.deepEqual(warnings, []);
    for (const [callId, samples] of [["CA0", 0], ["CA7", 1], ["CA4001", 1000], ["stub", 0]]) {
      const recording = (await openOf(store, `${callId}`))!;
      assert.deepEqual([recording.info.state, recording.info.samples], ["recovered", samples]);
      assert.deepEqual(await readAll(recording.read()), patternBytes(4 * Number(samples)));
      const wav = await Deno.readFile(`${root}/acme/${callId}.wav`);
      const dataBytes = 4 * Number(samples);
      assert.deepEqual(
        wav.subarray(0, WAV_HEADER_BYTES),
        wavHeader({ sampleRate: 8000, channels: 2, dataBytes }),
      );
      assert.equal(wav.length, WAV_HEADER_BYTES + dataBytes);
    }
    assert.equal((await idsOf(store)).length, 9);
    const again = await reopen(root);
    assert.deepEqual(
      await statesOf(again.store),
      Array(9).fill("recovered"),
    );
  }));

Deno.test("FileStore reads what version 1 wrote, the unfinished and the peaks it had not included", () =>
  withRoot(async (root) => {
    const events = [
      { type: "paused", position: 3 },
      { type: "event", name: "transcript", position: 4 },
      { type: "event", name: "dtmf", position: 5 },
    ];
    const pcm = patternBytes(100_000);
    const header = wavHeader({ sampleRate: 8000, channels: 2, dataBytes: pcm.length });
    const wav = new Uint8Array([...header, ...pcm]);
    for (const [callId, state] of [["CA1", "complete"], ["CA2", "recording"]] as const) {
      const { markers: _, ...rest } = anInfo({ callId, state, samples: 25_000, events });
      await plant(root, anInfo({ callId, state: "complete" }), wav);
      const manifest = JSON.stringify({ ...rest, version: 1 });
      await Deno.writeTextFile(`${root}/acme/${callId}.json`, manifest);
    }
    const { store, warnings } = await reopen(root);
    assert.deepEqual(await statesOf(store), ["complete", "recovered"]);
    for (const callId of ["CA1", "CA2"]) {
      const recording = (await openOf(store, callId))!;
      assert.equal(recording.info.version, 2);
      assert.deepEqual(recording.info.markers.slice(0, 2), [events[0], events[2]]);
      assert.deepEqual(recording.info.events, [events[1]]);
      assertSame(await recording.peaks(), peaksOf(pcm), "peaks");
      assertSame(await recording.peaks(3, 77), peaksOf(pcm).subarray(12, 308), "some peaks");
    }
    assert.deepEqual(warnings, []);
  }));

Deno.test("FileStore answers what there is of a finished recording whose file is too short, untouched", () =>
  withRoot(async (root) => {
    const info = anInfo({ state: "complete", samples: 10 });
    await plant(root, info, unfinishedWav(patternBytes(20)));
    const { store, warnings } = await reopen(root);
    const recording = (await openOf(store))!;
    assert.deepEqual([recording.info.state, recording.info.samples], ["complete", 5]);
    assert.deepEqual(await readAll(recording.read()), patternBytes(20));
    assert.match(warnings.join(), /CA1.wav is shorter than its manifest says/);
  }));

Deno.test("FileStore.open() leaves alone what is corrupt or foreign, and says so", () =>
  withRoot(async (root) => {
    await keep(await FileStore.open(root), patternBytes(8), { callId: "good" });
    const folder = `${root}/acme`;
    const complete = anInfo({ state: "complete" });
    const manifests: Record<string, unknown> = {
      broken: "{",
      empty: "",
      null: null,
      list: [],
      version: { ...complete, callId: "version", version: 3 },
      channels: { ...complete, callId: "channels", channels: 1 },
      samples: { ...complete, callId: "samples", samples: -1 },
      renamed: { ...complete, callId: "CA7" },
      moved: { ...complete, callId: "moved", organisation: "other" },
      escape: { ...complete, callId: "../../escape" },
      alone: { ...complete, callId: "alone" },
    };
    for (const [name, value] of Object.entries(manifests)) {
      const text = typeof value === "string" ? value : JSON.stringify(value);
      await Deno.writeTextFile(`${folder}/${name}.json`, text);
      if (name !== "alone") {
        await Deno.writeFile(`${folder}/${name}.wav`, unfinishedWav(patternBytes(8)));
      }
    }
    using huge = await Deno.create(`${folder}/huge.json`);
    await huge.truncate(MAX_MANIFEST_BYTES + 1);
    await Deno.writeTextFile(`${folder}/notes.txt`, "hello");
    await Deno.writeFile(`${folder}/orphan.wav`, new Uint8Array(100));
    await Deno.mkdir(`${folder}/folder.json`);
    await Deno.writeTextFile(`${root}/top.txt`, "hello");
    await Deno.mkdir(`${root}/a b`);
    await Deno.symlink(`${folder}`, `${root}/link`);
    await Deno.symlink(`${folder}/good.json`, `${folder}/linked.json`);

    const { store, warnings } = await reopen(root);
    const foreign = ["notes.txt", "folder.json", "linked.json"].map((name) => `/acme/${name}:`);
    foreign.push("/top.txt:", "/a b:", "/link:");
    assert.equal(warnings.length, foreign.length, warnings.join("\n"));
    for (const end of foreign) assert.ok(warnings.some((warning) => warning.includes(end)), end);
    const broken = [...Object.keys(manifests), "huge"];
    assert.deepEqual(await idsOf(store), [...broken, "good"].sort());
    assert.deepEqual(await readAll((await openOf(store, "good"))!.read()), patternBytes(8));
    for (const callId of broken) {
      warnings.length = 0;
      assert.equal(await openOf(store, callId), null, callId);
      assert.equal(await store.describe(refOf(callId)), null, callId);
      const cause = callId === "alone" ? "alone.wav" : `${callId}.json`;
      assert.ok(warnings[0].includes(`/${cause}:`), warnings[0]);
      // A description of samples that are gone says enough to be worth deleting.
      assert.equal(await store.delete(refOf(callId)), callId === "alone", callId);
    }
    await assert.rejects(() => store.create(anInfo({ callId: "orphan" })), RecordingExistsError);
  }));

Deno.test("FileStore.create() refuses a symlinked organisation and leaves no reservation", () =>
  withRoot(async (root) => {
    await Deno.mkdir(`${root}/elsewhere`, { recursive: true });
    await Deno.symlink(`${root}/elsewhere`, `${root}/acme`);
    const { store } = await reopen(root);
    await assert.rejects(() => store.create(anInfo()), /symbolic link/);
    assert.deepEqual(Array.from(Deno.readDirSync(`${root}/elsewhere`)), []);
    await keep(store, patternBytes(8), { organisation: "beta" });
  }));

Deno.test("FileStore.open() leaves a recording alone that another store is writing", () =>
  withRoot(async (root) => {
    const writing = await FileStore.open(root);
    const writer = await writing.create(anInfo());
    await writer.append(patternBytes(8), peaksOf(patternBytes(8)));
    const other = await reopen(root);
    assert.match(other.warnings.join(), /another process is writing it/);
    assert.equal(await openOf(other.store), null);
    await writer.append(patternBytes(8, 8), peaksOf(patternBytes(8, 8)));
    await writer.finish(anInfo({ state: "complete" }));
    const { store } = await reopen(root);
    assert.deepEqual(await statesOf(store), ["complete"]);
  }));

Deno.test("FileStore keeps the samples of a recording whose description does not fit", () =>
  withRoot(async (root) => {
    const store = await FileStore.open(root);
    const writer = await store.create(anInfo());
    await writer.append(patternBytes(8), peaksOf(patternBytes(8)));
    const events = [{ type: "event", position: 0, data: "x".repeat(MAX_MANIFEST_BYTES) }];
    await assert.rejects(() => writer.finish(anInfo({ state: "complete", events })), RangeError);
    assert.deepEqual(await statesOf(store), ["failed"]);
    assert.deepEqual(await readAll((await openOf(store))!.read()), patternBytes(8));
    const again = await reopen(root);
    assert.deepEqual(await statesOf(again.store), ["failed"]);
  }));

Deno.test("FileStore.open() says when the folder cannot be one", () =>
  withRoot(async (root) => {
    await assert.rejects(() => FileStore.open(""), RangeError);
    await Deno.mkdir(root, { recursive: true });
    await Deno.writeTextFile(`${root}/file`, "");
    await assert.rejects(() => FileStore.open(`${root}/file`));
  }));

testWith(
  ["sox", "ffmpeg", "python3"],
  "FileStore writes files that all readers take while they grow",
  () =>
    withRoot(async (root) => {
      const store = await FileStore.open(root);
      const writer = await store.create(anInfo());
      for (let second = 0; second < 6; second++) {
        await writer.append(patternBytes(32_000), peaksOf(patternBytes(32_000)));
      }
      const path = `${root}/acme/CA1.wav`;
      const soxi = new TextDecoder().decode(await run("soxi", ["-s", path]));
      assert.equal(Number(soxi), 40_000);
      const frames = await run("python3", [
        "-c",
        "import sys,wave;print(wave.open(sys.argv[1]).getnframes())",
        path,
      ]);
      assert.equal(Number(new TextDecoder().decode(frames)), 40_000);
      const pcm = await run("ffmpeg", ["-v", "error", "-i", path, "-f", "s16le", "-"]);
      assert.equal(pcm.length, 160_000);
      await writer.finish(anInfo({ state: "complete" }));
    }),
);
