import assert from "node:assert/strict";
import { ManualClock } from "../../mixer/clock.ts";
import { FileStore } from "../../recordings/file.ts";
import type { S3Store } from "../../recordings/s3_store.ts";
import {
  type RecordingInfo,
  type RecordingStore,
  RecordingStoreFullError,
} from "../../recordings/store.ts";
import { seededRandom } from "../support/random.ts";
import { assertSame } from "../support/same.ts";
import type { S3Fault } from "../support/s3_server.ts";
import { S3Bench, settled, until } from "./s3_support.ts";
import { anInfo, fingerprintOf, openOf, patternBytes, peaksOf, refOf } from "./store_contract.ts";

/** What a recording takes of the spool beside its sound. */
const SPOOLED_RECORDING_BYTES = 16 * 1024;

const SECOND_BYTES = 32_000;

/** A call of some seconds, told second by second. */
async function record(store: RecordingStore, seconds: number, callId = "CA1"): Promise<void> {
  const writer = await store.create(anInfo({ callId }));
  for (let second = 0; second < seconds; second++) {
    const pcm = patternBytes(SECOND_BYTES, second * SECOND_BYTES);
    await writer.append(pcm, peaksOf(pcm));
  }
  await writer.finish(anInfo({ callId, state: "complete" }));
}

/** A clock that stands still but for what it is told; S3 asks for the true time of day. */
function standingClock(): ManualClock {
  return new ManualClock(0, Date.now());
}

function parsed(manifest: Uint8Array): RecordingInfo {
  return JSON.parse(new TextDecoder().decode(manifest));
}

/** Lets simulated time pass, where something waits for it, until everything is in S3. */
async function settledIn(bench: S3Bench, clock: ManualClock, store: S3Store): Promise<void> {
  await until(async () => {
    if (bench.server.isHanging) await clock.advance(60_000);
    else if (store.status.isInTrouble && !bench.server.isBusy) await clock.advance(1000);
    return store.status.waiting === 0;
  });
}

/** Lets simulated time pass until something is done; S3 gets the time to answer. */
async function driven<T>(bench: S3Bench, clock: ManualClock, promise: Promise<T>): Promise<T> {
  let isDone = false;
  const settled = promise.finally(() => isDone = true);
  await until(async () => {
    if (!bench.server.isBusy) await clock.advance(1000);
    return isDone;
  });
  return await settled;
}

function passed(clock: ManualClock, ms: number): Promise<void> {
  return new Promise((resolve) => void clock.setTimeout(resolve, ms));
}

async function assertKept(bench: S3Bench, seconds: number, callId = "CA1"): Promise<void> {
  const pcm = patternBytes(seconds * SECOND_BYTES);
  const wav = await bench.server.bytes(`calls/acme/${callId}.wav`);
  const { sha256, bytes } = await fingerprintOf(pcm);
  assert.equal(wav.length, bytes);
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", wav)).toHex();
  assert.equal(digest, sha256);
  const manifest = parsed(await bench.server.bytes(`calls/acme/${callId}.json`));
  assert.equal(manifest.sha256, sha256);
  assert.deepEqual([manifest.state, manifest.samples], ["complete", pcm.length / 4]);
}

Deno.test("S3Store keeps, part by part, the very files that a FileStore keeps", async () => {
  await using bench = await S3Bench.start();
  const folder = bench.spoolFolder();
  await record(await FileStore.open(folder), 20);
  for (const spoolFolder of [bench.spoolFolder(), null]) {
    const store = await bench.open({ spoolFolder, prefix: "a/b" });
    await record(store, 20);
    await settled(store);
    assert.deepEqual(await bench.server.keys(), [
      "a/b/acme/CA1.json",
      "a/b/acme/CA1.peaks",
      "a/b/acme/CA1.wav",
    ]);
    for (const end of ["wav", "peaks"]) {
      const kept = await bench.server.bytes(`a/b/acme/CA1.${end}`);
      assertSame(kept, await Deno.readFile(`${folder}/acme/CA1.${end}`), end);
    }
    const manifest = parsed(await bench.server.bytes("a/b/acme/CA1.json"));
    assert.deepEqual(manifest, parsed(await Deno.readFile(`${folder}/acme/CA1.json`)));
    assert.equal(store.status.spoolBytes, 0);
    assert.deepEqual(bench.warnings, []);
    assert.equal(await store.delete(refOf()), true);
    assert.deepEqual(await bench.server.keys(), ["a/b/acme/CA1.json"]);
  }
});

Deno.test("S3Store uploads parts of 5 MiB while the call goes on", async () => {
  await using bench = await S3Bench.start();
  const store = await bench.open({ partBytes: 5 * 1024 * 1024 });
  const writer = await store.create(anInfo());
  const pcm = patternBytes(6 * 1024 * 1024);
  await writer.append(pcm, peaksOf(pcm));
  await writer.append(pcm, peaksOf(pcm));
  const part = /PUT .*CA1\.wav\?partNumber=2&/;
  await until(() => bench.server.requests.some((request) => part.test(request)));
  await writer.finish(anInfo({ state: "complete" }));
  await settled(store);
  const wav = await bench.server.bytes("calls/acme/CA1.wav");
  assertSame(wav.subarray(80, 80 + pcm.length), pcm, "the first half");
  assertSame(wav.subarray(80 + pcm.length), pcm, "the second half");
  assert.equal(bench.server.requests.filter((request) => request.includes("partNumber")).length, 3);
});

const FAULTS: [name: string, fault: S3Fault][] = [
  ["answers 500", { status: 500, code: "InternalError" }],
  ["answers 503", { status: 503, code: "SlowDown" }],
  ["cuts the connection in the middle of a request", "cut"],
  ["cuts the connection before the answer", "cut answer"],
  ["says nothing", "hang"],
];

for (const [name, fault] of FAULTS) {
  Deno.test(`S3Store loses nothing when S3 ${name}, and no append waits for it`, async () => {
    await using bench = await S3Bench.start();
    const clock = standingClock();
    const store = await bench.open({ clock });
    const writer = await store.create(anInfo());
    const random = seededRandom(20260101);
    bench.server.faults = ({ method }) => method !== "GET" && random() < 0.3 ? fault : undefined;
    for (let second = 0; second < 8; second++) {
      const pcm = patternBytes(SECOND_BYTES, second * SECOND_BYTES);
      // The clock stands still: whoever waited for a timeout here would wait for good.
      await writer.append(pcm, peaksOf(pcm));
    }
    await writer.finish(anInfo({ state: "complete" }));
    assert.equal((await openOf(store))?.info.state, "complete");
    await settledIn(bench, clock, store);
    bench.server.faults = () => undefined;
    await assertKept(bench, 8);
    const { failures } = store.status;
    assert.ok(failures > 2, `${failures} failures are counted`);
    assert.equal(bench.warnings.length, bench.notices.length, "each trouble has one warning");
    assert.match(bench.warnings[0], /^Cannot .* in S3: .*: recordings wait in the spool/);
  });
}

Deno.test("S3Store tells once of an outage, and once that it is over", async () => {
  await using bench = await S3Bench.start();
  const clock = standingClock();
  const store = await bench.open({ clock });
  bench.server.faults = () => ({ status: 503, code: "ServiceUnavailable" });
  for (const callId of ["CA1", "CA2", "CA3"]) {
    await driven(bench, clock, record(store, 4, callId));
  }
  const before = bench.server.requests.length;
  for (let minute = 0; minute < 10; minute++) {
    await driven(bench, clock, passed(clock, 60_000));
  }
  const requests = bench.server.requests.length - before;
  // At most one in 30 s, and 6 before that; a listing is tried three times.
  assert.ok(requests <= 80, `${requests} requests in 10 minutes`);
  assert.equal(bench.warnings.length, 1);
  assert.equal(store.status.waiting, 3);
  assert.deepEqual(
    await Array.fromAsync([1, 2, 3], async (n) => {
      const recording = await openOf(store, `CA${n}`);
      return recording?.info.state;
    }),
    ["complete", "complete", "complete"],
  );
  bench.server.faults = () => undefined;
  await settledIn(bench, clock, store);
  for (const callId of ["CA1", "CA2", "CA3"]) await assertKept(bench, 4, callId);
  assert.deepEqual(bench.warnings.slice(1), []);
  assert.match(bench.notices.join(), /^Recordings go to S3 again after \d+ s$/);
});

Deno.test("S3Store says what is wrong with its credentials, and does not hammer", async () => {
  await using bench = await S3Bench.start();
  const clock = standingClock();
  const access = { ...bench.server.access, secretAccessKey: "not-the-secret" };
  const store = await bench.open({ clock, access });
  await until(() => store.status.failures > 0);
  await driven(bench, clock, record(store, 4));
  await driven(bench, clock, passed(clock, 600_000));
  assert.deepEqual(bench.warnings, [
    "Cannot list objects in S3: 403 SignatureDoesNotMatch: recordings wait in the spool, check the " +
    "credentials, their permissions and the bucket",
  ]);
  assert.ok(bench.server.requests.length <= 12, `${bench.server.requests.length} requests`);
  assert.equal((await openOf(store))?.info.samples, 32_000);
});

Deno.test("S3Store takes no more than its spool holds while S3 is away, and then goes on", async () => {
  await using bench = await S3Bench.start();
  const clock = standingClock();
  const store = await bench.open({ clock, spoolBytes: SPOOLED_RECORDING_BYTES + 3 * SECOND_BYTES });
  const writer = await store.create(anInfo());
  bench.server.faults = () => ({ status: 500, code: "InternalError" });
  const pcm = patternBytes(SECOND_BYTES);
  for (let second = 0; second < 3; second++) await writer.append(pcm, peaksOf(pcm));
  await assert.rejects(() => writer.append(pcm, peaksOf(pcm)), RecordingStoreFullError);
  await assert.rejects(() => writer.skip(8000), RecordingStoreFullError);
  assert.equal(store.status.spoolBytes, SPOOLED_RECORDING_BYTES + 3 * SECOND_BYTES);
  await assert.rejects(() => store.create(anInfo({ callId: "CA2" })), RecordingStoreFullError);
  await writer.finish(anInfo({ state: "complete" }));
  bench.server.faults = () => undefined;
  await settledIn(bench, clock, store);
  const next = await store.create(anInfo({ callId: "CA2" }));
  await next.append(pcm, peaksOf(pcm));
  await next.finish(anInfo({ callId: "CA2", state: "complete" }));
  await settledIn(bench, clock, store);
  await assertKept(bench, 1, "CA2");
});

Deno.test("S3Store waits 3 s at most for S3 when a recording begins", async () => {
  await using bench = await S3Bench.start();
  const clock = standingClock();
  const store = await bench.open({ clock });
  await until(() => bench.server.requests.length > 0);
  const hung = bench.server.hangs();
  const creating = store.create(anInfo());
  await hung;
  await clock.advance(3000);
  const writer = await creating;
  bench.server.faults = () => undefined;
  bench.server.release();
  await writer.finish(anInfo({ state: "complete" }));
  await settledIn(bench, clock, store);
});

Deno.test("S3Store takes all calls to S3 in turn", async () => {
  await using bench = await S3Bench.start();
  const store = await bench.open({ concurrency: 1 });
  bench.server.faults = ({ method }) => method === "PUT" ? "hang" : undefined;
  const ids = ["CA1", "CA2", "CA3"];
  const writers = await Promise.all(ids.map((callId) => store.create(anInfo({ callId }))));
  const pcm = patternBytes(8 * SECOND_BYTES);
  for (const writer of writers) await writer.append(pcm, peaksOf(pcm));
  for (const [index, writer] of writers.entries()) {
    await writer.finish(anInfo({ callId: ids[index], state: "complete" }));
  }
  // All have ended: from here on each has the same steps before it.
  bench.server.faults = () => undefined;
  bench.server.release();
  await settled(store);
  const parts = bench.server.requests.filter((request) => request.includes("partNumber=3&"))
    .map((request) => /CA\d/.exec(request)![0]);
  const others = bench.server.requests.filter((request) => request.includes("partNumber=2&"))
    .map((request) => /CA\d/.exec(request)![0]);
  assert.deepEqual([...parts].sort(), ids);
  assert.deepEqual([...others].sort(), ids);
  // Nobody's third part goes before everybody's second.
  const lastSecond = bench.server.requests.findLastIndex((r) => r.includes("partNumber=2&"));
  const firstThird = bench.server.requests.findIndex((r) => r.includes("partNumber=3&"));
  assert.ok(lastSecond < firstThird);
});
