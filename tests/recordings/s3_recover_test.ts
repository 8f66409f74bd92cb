import assert from "node:assert/strict";
import { RecordingBusyError, type RecordingWriter } from "../../recordings/store.ts";
import { assertSame } from "../support/same.ts";
import { S3Bench, settled, until } from "./s3_support.ts";
import {
  anInfo,
  fingerprintOf,
  keep,
  openOf,
  patternBytes,
  peaksOf,
  readAll,
  refOf,
} from "./store_contract.ts";

const SECOND_BYTES = 32_000;
const LEASE_MS = 3_600_000;

/** Appends some seconds, one at a time, as a call does. */
async function talk(writer: RecordingWriter, from: number, to: number): Promise<void> {
  for (let second = from; second < to; second++) {
    const pcm = patternBytes(SECOND_BYTES, second * SECOND_BYTES);
    await writer.append(pcm, peaksOf(pcm));
  }
}

function asked(bench: S3Bench, wanted: RegExp): number {
  return bench.server.requests.filter((request) => wanted.test(request)).length;
}

Deno.test("S3Store.open() takes to S3 what an earlier process could not", async () => {
  await using bench = await S3Bench.start();
  const spoolFolder = bench.spoolFolder();
  const first = await bench.open({ spoolFolder });
  bench.server.faults = () => ({ status: 500, code: "InternalError" });
  const info = await keep(first, patternBytes(6 * SECOND_BYTES));
  await first.close();
  bench.server.faults = () => undefined;
  const second = await bench.open({ spoolFolder });
  assert.deepEqual(second.status.waiting, 1);
  await settled(second);
  const recording = (await openOf(second))!;
  assert.deepEqual(recording.info, info);
  assertSame(await readAll(recording.read()), patternBytes(6 * SECOND_BYTES), "samples");
  assert.deepEqual((await bench.server.keys()).length, 3);
});

Deno.test("S3Store.open() goes on with the upload of a recording that a crash cut off", async () => {
  await using bench = await S3Bench.start();
  const spoolFolder = bench.spoolFolder();
  const writer = await (await bench.open({ spoolFolder })).create(anInfo());
  await talk(writer, 0, 7);
  await until(() => asked(bench, /partNumber=3&/) === 1);
  await until(() => asked(bench, /PUT .*unfinished.*json/) >= 4);
  // What a crash leaves: the same files, held by nobody.
  const left = bench.spoolFolder();
  await Deno.mkdir(`${left}/acme`, { recursive: true });
  for await (const { name } of Deno.readDir(`${spoolFolder}/acme`)) {
    await Deno.copyFile(`${spoolFolder}/acme/${name}`, `${left}/acme/${name}`);
  }
  const before = bench.server.requests.length;
  const next = await bench.open({ spoolFolder: left });
  await settled(next);
  const recording = (await openOf(next))!;
  assert.equal(recording.info.state, "recovered");
  assertSame(await readAll(recording.read()), patternBytes(7 * SECOND_BYTES), "samples");
  const again = bench.server.requests.slice(before).filter((request) =>
    /Number=[23]/.test(request)
  );
  assert.deepEqual(again, [], "parts that are in S3 are not uploaded again");
  await writer.finish(anInfo({ state: "complete" }));
});

// Parts of 64 KiB: the head is whole after 2.05 s, a part after each 2.05 s more.
const LOST: [name: string, seconds: number, kept: number, arrived: RegExp, times: number][] = [
  ["before anything of it arrived", 0, 0, /PUT .*acme\/CA1\.json/, 2],
  ["with nothing but a part of its head", 1, 1, /PUT .*CA1\.head/, 1],
  ["with parts and what came behind them", 6, 6, /PUT .*CA1\.tail/, 1],
];

for (const [name, seconds, kept, arrived, times] of LOST) {
  Deno.test(`S3Store finishes the recording of a lost process ${name}`, async () => {
    await using bench = await S3Bench.start();
    const lost = await bench.open({ spoolFolder: null, checkpointSeconds: 1 });
    const writer = await lost.create(anInfo({ metadata: { lost: "1" } }));
    await talk(writer, 0, seconds);
    await until(() => asked(bench, arrived) >= times);
    await until(async () => (await lastSaved(bench)) === kept);
    const other = await bench.open({ leaseMs: 0 });
    await until(() => bench.notices.length === 1);
    assert.equal(bench.notices[0], `Recovered ${kept} s of the recording of call CA1`);
    const recording = (await openOf(other))!;
    const pcm = patternBytes(kept * SECOND_BYTES);
    assertSame(await readAll(recording.read()), pcm, "samples");
    assertSame(await recording.peaks(), peaksOf(pcm), "peaks");
    assert.deepEqual(recording.info, {
      ...anInfo({ metadata: { lost: "1" } }),
      state: kept > 0 ? "recovered" : "failed",
      samples: pcm.length / 4,
      ...await fingerprintOf(pcm),
    });
    assert.deepEqual((await bench.server.keys()).length, 3);
    // The lost process was only out of sight: it has the whole of it, and puts it in its place.
    await talk(writer, seconds, seconds + 3);
    await writer.finish(anInfo({ state: "complete", metadata: { lost: "0" } }));
    await settled(lost);
    const whole = (await openOf(other))!;
    assert.equal(whole.info.state, "complete");
    assertSame(
      await readAll(whole.read()),
      patternBytes((seconds + 3) * SECOND_BYTES),
      "all samples",
    );
  });
}

/** How many seconds of the recording S3 has, whole ones or not, and the journal says so. */
async function lastSaved(bench: S3Bench): Promise<number> {
  const folder = "calls/unfinished/acme/CA1";
  const size = async (end: string) => {
    const bytes = await bench.server.bytes(folder + end).catch(() => undefined);
    return bytes?.length ?? 80;
  };
  const text = await bench.server.bytes(`${folder}.json`).catch(() => new Uint8Array());
  const journal = text.length > 0 ? JSON.parse(new TextDecoder().decode(text)) : { etags: [] };
  const tail = journal.hasTail ? await size(".tail") : 0;
  const bytes = await size(".head") + 65_536 * journal.etags.length + tail;
  return (bytes - 80) / SECOND_BYTES;
}

Deno.test("S3Store leaves the recordings of living processes alone", async () => {
  await using bench = await S3Bench.start();
  const owner = await bench.open({ checkpointSeconds: 1 });
  const writer = await owner.create(anInfo());
  await talk(writer, 0, 3);
  await until(() => asked(bench, /PUT .*CA1\.head/) === 1);
  const other = await bench.open({ leaseMs: LEASE_MS });
  await until(() => asked(bench, /prefix=calls\/unfinished/) >= 2);
  const seen = (await openOf(other))!;
  assert.deepEqual([seen.info.state, seen.info.samples], ["recording", 0]);
  assert.equal((await readAll(seen.read())).length, 0);
  assert.deepEqual(await Array.fromAsync(other.names()), [refOf()]);
  await assert.rejects(() => other.delete(refOf()), RecordingBusyError);
  await assert.rejects(() => other.create(anInfo()), /already kept/);
  await writer.finish(anInfo({ state: "complete" }));
  await settled(owner);
  assert.equal((await other.describe(refOf()))?.state, "complete");
  assert.deepEqual(bench.notices, []);
});

Deno.test("S3Store.delete() removes what a lost process left, its upload included", async () => {
  await using bench = await S3Bench.start();
  const lost = await bench.open({ spoolFolder: null, checkpointSeconds: 1 });
  await talk(await lost.create(anInfo()), 0, 6);
  await until(async () => (await lastSaved(bench)) === 6);
  const other = await bench.open({ leaseMs: LEASE_MS });
  await assert.rejects(() => other.delete(refOf()), RecordingBusyError);
  bench.server.faults = ({ path }) => path.includes("list-type") ? "hang" : undefined;
  const later = await bench.open({ leaseMs: 0 });
  assert.equal(await later.delete(refOf()), true);
  assert.deepEqual(await bench.server.keys(), ["calls/acme/CA1.json"]);
  assert.equal(asked(bench, /DELETE .*uploadId/), 1);
  assert.equal((await later.describe(refOf()))?.state, "deleted");
});

Deno.test("S3Store.delete() does all or nothing of a recording that waits for S3", async () => {
  await using bench = await S3Bench.start();
  const store = await bench.open();
  await until(() => bench.server.requests.length > 0);
  bench.server.faults = ({ method }) => method === "PUT" ? "hang" : undefined;
  await keep(store, patternBytes(6 * SECOND_BYTES));
  await until(() => bench.server.isHanging);
  bench.server.faults = () => ({ status: 403, code: "AccessDenied" });
  bench.server.release();
  await assert.rejects(() => store.delete(refOf()), /403 AccessDenied/);
  assert.equal((await openOf(store))?.info.state, "complete");
  bench.server.faults = () => undefined;
  assert.equal(await store.delete(refOf()), true);
  assert.equal(await store.delete(refOf()), false);
  assert.equal(await openOf(store), null);
  assert.deepEqual(await bench.server.keys(), ["calls/acme/CA1.json"]);
  assert.deepEqual([store.status.waiting, store.status.spoolBytes], [0, 0]);
});

Deno.test("S3Store does not bring back what was deleted while it waited in a spool", async () => {
  await using bench = await S3Bench.start();
  const spoolFolder = bench.spoolFolder();
  const first = await bench.open({ spoolFolder, checkpointSeconds: 1 });
  const writer = await first.create(anInfo());
  await talk(writer, 0, 6);
  await until(async () => (await lastSaved(bench)) === 6);
  bench.server.faults = () => ({ status: 500, code: "InternalError" });
  await writer.finish(anInfo({ state: "complete" }));
  await first.close();
  bench.server.faults = () => undefined;
  const other = await bench.open({ leaseMs: 0 });
  await until(() => bench.notices.length === 1);
  assert.equal(await other.delete(refOf()), true);
  const again = await bench.open({ spoolFolder });
  await settled(again);
  assert.equal((await again.describe(refOf()))?.state, "deleted");
  assert.deepEqual(await bench.server.keys(), ["calls/acme/CA1.json"]);
  // The id may be used again, by a call that is another one.
  const info = await keep(again, patternBytes(SECOND_BYTES), { startedAt: 1 });
  await settled(again);
  assert.deepEqual((await openOf(other))?.info, info);
});
