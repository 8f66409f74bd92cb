import assert from "node:assert/strict";
import { FileStore } from "../../recordings/file.ts";
import { wavHeader } from "../../recordings/wav.ts";
import { assertSame } from "../support/same.ts";
import { filesOf, plant, reopen, unfinishedWav, withRoot } from "./file_support.ts";
import {
  anInfo,
  fingerprintOf,
  idsOf,
  keep,
  openOf,
  patternBytes,
  peaksOf,
  readAll,
  refOf,
  statesOf,
} from "./store_contract.ts";

Deno.test.sanitizer({ ops: true, resources: true });

const TOMBSTONE = ["CA1.json"];

Deno.test("FileStore.open() reads nothing of finished recordings, however many there are", () =>
  withRoot(async (root) => {
    await Deno.mkdir(`${root}/acme`, { recursive: true });
    // What is read would be found to be no manifest.
    for (let i = 0; i < 3000; i++) Deno.writeTextFileSync(`${root}/acme/CA${i}.json`, "{");
    await plant(root, anInfo({ callId: "CA1x" }), unfinishedWav(patternBytes(8)));
    const { store, warnings } = await reopen(root);
    assert.deepEqual(warnings, []);
    assert.equal((await idsOf(store)).length, 3001);
    assert.equal((await store.describe(refOf("CA1x")))?.state, "recovered");
  }));

Deno.test("FileStore repairs what a dead process left: length, header, peaks, hash, and says so", () =>
  withRoot(async (root) => {
    const pcm = patternBytes(100_003);
    const markers = [{ type: "paused", position: 7 }];
    const events = [{ type: "event", position: 9, data: "kept" }];
    await plant(root, anInfo({ markers, events }), unfinishedWav(pcm));
    await Deno.writeFile(`${root}/acme/CA1.peaks`, new Uint8Array(17).fill(99));
    const { store, warnings } = await reopen(root);
    assert.deepEqual(warnings, []);
    assert.deepEqual(filesOf(root), ["CA1.json", "CA1.peaks", "CA1.wav"]);
    const whole = pcm.subarray(0, 100_000);
    const recording = (await openOf(store))!;
    assert.deepEqual(recording.info, {
      ...anInfo({ state: "recovered", samples: 25_000, events }),
      markers: [...markers, { type: "repaired", position: 25_000 }],
      ...await fingerprintOf(whole),
    });
    assertSame(await readAll(recording.read()), whole, "samples");
    assertSame(await recording.peaks(), peaksOf(whole), "peaks");
    const file = await Deno.readFile(`${root}/acme/CA1.peaks`);
    assertSame(new Int8Array(file.buffer), peaksOf(whole), "peaks on the disk");
    assert.deepEqual((await openOf((await reopen(root)).store))!.info, recording.info);
  }));

Deno.test("FileStore finishes what ended before its hash was known, and calls it complete", () =>
  withRoot(async (root) => {
    const pcm = patternBytes(4000);
    const wav = unfinishedWav(pcm);
    wav.set(wavHeader({ sampleRate: 8000, channels: 2, dataBytes: 4000 }));
    const info = anInfo({ state: "complete", samples: 1000, reason: "hangup" });
    await plant(root, info, wav);
    await Deno.rename(`${root}/acme/CA1.json`, `${root}/acme/CA1.json~`);
    const { store } = await reopen(root);
    assert.deepEqual((await openOf(store))!.info, { ...info, ...await fingerprintOf(pcm) });
  }));

Deno.test("FileStore opens what it repaired before the hash is known, and deletes it for good", () =>
  withRoot(async (root) => {
    for (const callId of ["CA1", "CA2", "CA3"]) {
      await plant(root, anInfo({ callId }), unfinishedWav(patternBytes(8000)));
    }
    const store = await FileStore.open(root);
    for (const callId of ["CA1", "CA2", "CA3"]) {
      const recording = (await openOf(store, callId))!;
      assert.deepEqual([recording.info.state, recording.info.samples], ["recovered", 2000]);
      assertSame(await recording.peaks(), peaksOf(patternBytes(8000)), "peaks");
    }
    await store.sealed;
    const again = await FileStore.open(root);
    assert.deepEqual(await statesOf(again), ["recovered", "recovered", "recovered"]);
    for (const callId of ["CA1", "CA2", "CA3"]) {
      await Deno.rename(`${root}/acme/${callId}.json`, `${root}/acme/${callId}.json~`);
    }
    const third = await FileStore.open(root);
    const deleted = ["CA1", "CA2", "CA3"].map((callId) => third.delete(refOf(callId)));
    assert.deepEqual(await Promise.all(deleted), [true, true, true]);
    await third.sealed;
    assert.deepEqual(filesOf(root), ["CA1.json", "CA2.json", "CA3.json"]);
    assert.deepEqual(await statesOf(third), ["deleted", "deleted", "deleted"]);
  }));

Deno.test("FileStore.close() stops sealing, and the next start goes on", () =>
  withRoot(async (root) => {
    for (let i = 0; i < 20; i++) {
      await plant(root, anInfo({ callId: `CA${i}` }), unfinishedWav(patternBytes(800)));
    }
    const store = await FileStore.open(root);
    await store.close();
    assert.ok(filesOf(root).some((name) => name.endsWith(".json~")));
    await reopen(root);
    assert.ok(!filesOf(root).some((name) => name.endsWith("~")));
  }));

Deno.test("FileStore makes nothing of a recording that was never begun", () =>
  withRoot(async (root) => {
    await Deno.mkdir(`${root}/acme`, { recursive: true });
    await Deno.writeTextFile(`${root}/acme/CA1.json~`, '{"version":2,"call');
    await Deno.writeTextFile(`${root}/acme/CA2.json~`, JSON.stringify(anInfo({ callId: "CA2" })));
    const { store, warnings } = await reopen(root);
    assert.deepEqual(warnings, []);
    assert.deepEqual(await idsOf(store), ["CA2"]);
    assert.equal((await store.describe(refOf("CA2")))?.samples, 0);
    await keep(store, patternBytes(8));
  }));

Deno.test("FileStore leaves a broken description alone, and its samples", () =>
  withRoot(async (root) => {
    await plant(root, anInfo(), unfinishedWav(patternBytes(8)));
    await Deno.writeTextFile(`${root}/acme/CA1.json~`, "{");
    const { store, warnings } = await reopen(root);
    assert.match(warnings.join(), /Skipped .*CA1.json~/);
    assert.deepEqual(filesOf(root), ["CA1.json~", "CA1.wav"]);
    assert.equal(await openOf(store), null);
  }));

Deno.test("FileStore.delete() leaves a tombstone alone, which outlives the process", () =>
  withRoot(async (root) => {
    const first = await FileStore.open(root);
    await keep(first, patternBytes(80_000), { metadata: { name: "Ada" }, reason: "hangup" });
    await Deno.writeTextFile(`${root}/acme/CA1.new~`, "half of a manifest about Ada");
    assert.equal(await first.delete(refOf()), true);
    assert.deepEqual(filesOf(root), TOMBSTONE);
    assert.equal((await Deno.readTextFile(`${root}/acme/CA1.json`)).includes("Ada"), false);
    const { store, warnings } = await reopen(root);
    assert.deepEqual(warnings, []);
    const tombstone = await store.describe(refOf());
    assert.deepEqual([tombstone?.state, tombstone?.reason], ["deleted", "hangup"]);
    assert.equal(await openOf(store), null);
    await keep(store, patternBytes(8));
    assert.equal((await reopen(root)).store instanceof FileStore, true);
    assert.deepEqual(await statesOf(store), ["complete"]);
  }));

Deno.test("FileStore.open() completes a deletion wherever it was cut short", () =>
  withRoot(async (root) => {
    const at = (ending: string) => `${root}/acme/CA1${ending}`;
    const cuts: ((manifest: string) => Promise<void>)[] = [
      async () => {},
      async () => await Deno.remove(at(".wav")),
      async () => {
        await Deno.remove(at(".wav"));
        await Deno.remove(at(".peaks"));
      },
      // The tombstone is there, what it was made of not yet gone.
      async (manifest) => {
        await Deno.remove(at(".wav"));
        await Deno.remove(at(".peaks"));
        const tombstone = { ...JSON.parse(manifest), state: "deleted", metadata: {} };
        await Deno.writeTextFile(at(".json"), JSON.stringify(tombstone));
      },
    ];
    for (const cut of cuts) {
      const { store } = await reopen(root);
      await keep(store, patternBytes(8000));
      const manifest = await Deno.readTextFile(at(".json"));
      await Deno.rename(at(".json"), at(".deleted~"));
      await cut(manifest);
      const again = await reopen(root);
      assert.deepEqual(again.warnings, []);
      assert.deepEqual(filesOf(root), TOMBSTONE);
      assert.deepEqual(await statesOf(again.store), ["deleted"]);
    }
  }));

Deno.test("FileStore completes a deletion that failed before anything else is done with its name", () =>
  withRoot(async (root) => {
    const peaks = `${root}/acme/CA1.peaks`;
    for (const next of ["delete", "create", "start"]) {
      const { store } = await reopen(root);
      await keep(store, patternBytes(8000));
      await Deno.remove(peaks);
      await Deno.mkdir(`${peaks}/in the way`, { recursive: true });
      await assert.rejects(() => store.delete(refOf()));
      assert.equal(await openOf(store), null, "it is gone for everybody");
      assert.deepEqual(filesOf(root), ["CA1.deleted~", "CA1.peaks"], "the sound first");
      await assert.rejects(() => store.create(anInfo()));
      await Deno.remove(peaks, { recursive: true });
      if (next === "delete") assert.equal(await store.delete(refOf()), true);
      if (next === "create") await keep(store, patternBytes(4));
      const again = await reopen(root);
      const isKept = next === "create";
      assert.deepEqual(await statesOf(again.store), [isKept ? "complete" : "deleted"]);
      if (isKept) await again.store.delete(refOf());
    }
  }));

Deno.test("FileStore begins anew over a tombstone wherever that was cut short", () =>
  withRoot(async (root) => {
    const { store } = await reopen(root);
    await keep(store, patternBytes(8000));
    await store.delete(refOf());
    await plant(root, anInfo(), unfinishedWav(patternBytes(400)));
    assert.deepEqual(filesOf(root), ["CA1.json", "CA1.json~", "CA1.wav"]);
    const again = await reopen(root);
    assert.deepEqual(filesOf(root), ["CA1.json", "CA1.peaks", "CA1.wav"]);
    assert.equal((await openOf(again.store))!.info.samples, 100);
  }));
