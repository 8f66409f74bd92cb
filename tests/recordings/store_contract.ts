/**
 * What every {@linkcode RecordingStore} must do, run against each of them, and the recordings that
 * these and the other tests of this folder make.
 *
 * @module
 */
import assert from "node:assert/strict";
import fc from "fast-check";
import {
  RecordingBusyError,
  RecordingExistsError,
  type RecordingInfo,
  type RecordingRef,
  type RecordingStore,
  type StoredRecording,
} from "../../recordings/store.ts";
import { computePeaks, PIXEL_BYTES, pixelsOf, samplesPerPixel } from "../../recordings/peaks.ts";
import { wavHeader } from "../../recordings/wav.ts";
import { summaryOf, tombstoneOf } from "../../recordings/writing.ts";
import { assertSame } from "../support/same.ts";

/** Every run draws the same cases; fast-check prints it with a failure. */
export const SEED = 20260101;

/** A recording as it begins. */
export function anInfo(changes: Partial<RecordingInfo> = {}): RecordingInfo {
  return {
    version: 2,
    callId: "CA1",
    organisation: "acme",
    sampleRate: 8000,
    channels: 2,
    startedAt: Date.UTC(2026, 0, 1),
    state: "recording",
    samples: 0,
    metadata: { agent: "support" },
    markers: [],
    events: [],
    ...changes,
  };
}

/** Bytes that tell their place: byte `i` of the run differs from its neighbours in every page. */
export function patternBytes(length: number, from = 0): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(length);
  for (let i = 0; i < length; i++) bytes[i] = ((from + i) * 2654435761) >>> 24;
  return bytes;
}

/** The peaks of interleaved stereo bytes. */
export function peaksOf(pcm: Uint8Array, sampleRate = 8000): Int8Array<ArrayBuffer> {
  const stereo = new Int16Array(pcm.slice(0, pcm.length - pcm.length % 4).buffer);
  const samples = stereo.length / 2;
  const peaks = new Int8Array(PIXEL_BYTES * pixelsOf(samples, sampleRate));
  computePeaks(stereo, 0, samples, samplesPerPixel(sampleRate), peaks, 0);
  return peaks;
}

/** What names the recordings that {@linkcode anInfo} makes. */
export function refOf(callId = "CA1", organisation = "acme"): RecordingRef {
  return { callId, organisation };
}

/** The recording of a call of `acme`. */
export function openOf(store: RecordingStore, callId = "CA1"): Promise<StoredRecording | null> {
  return store.open(refOf(callId));
}

/** The call ids of all recordings and tombstones, sorted. */
export async function idsOf(store: RecordingStore): Promise<string[]> {
  return (await Array.fromAsync(store.names(), ({ callId }) => callId)).sort();
}

/** What every name of a store describes, by call id. */
export async function statesOf(store: RecordingStore): Promise<(string | undefined)[]> {
  const refs = await Array.fromAsync(store.names());
  refs.sort((a, b) => a.callId < b.callId ? -1 : 1);
  return await Promise.all(refs.map(async (ref) => (await store.describe(ref))?.state));
}

/** How a WAV of these samples is known, as the last two fields of its description. */
export async function fingerprintOf(pcm: Uint8Array, sampleRate = 8000) {
  const header = wavHeader({ sampleRate, channels: 2, dataBytes: pcm.length });
  const wav = new Uint8Array([...header, ...pcm]);
  const digest = await crypto.subtle.digest("SHA-256", wav);
  return { sha256: new Uint8Array(digest).toHex(), bytes: wav.length };
}

/** Everything that a stream gives, as one array. */
export async function readAll(
  stream: ReadableStream<Uint8Array>,
): Promise<Uint8Array<ArrayBuffer>> {
  return await new Response(stream as ReadableStream<Uint8Array<ArrayBuffer>>).bytes();
}

/** Keeps a recording of `pcm` that ended well. */
export async function keep(
  store: RecordingStore,
  pcm: Uint8Array,
  changes: Partial<RecordingInfo> = {},
): Promise<RecordingInfo> {
  const writer = await store.create(anInfo(changes));
  const info = anInfo({ ...changes, state: "complete", samples: pcm.length / 4 });
  await writer.append(pcm, peaksOf(pcm, info.sampleRate));
  await writer.finish(info);
  return { ...info, ...await fingerprintOf(pcm, info.sampleRate) };
}

/** Registers the contract's tests for the stores that `open` makes, each of its own and empty. */
export function testStoreContract(
  name: string,
  withStore: (test: (store: RecordingStore) => Promise<void>) => Promise<void>,
): void {
  const test = (behaviour: string, body: (store: RecordingStore) => Promise<void>) =>
    Deno.test(`${name} ${behaviour}`, () => withStore(body));

  test("keeps what was appended and how it ended", async (store) => {
    const events = [{ type: "clear", position: 7 }, {
      type: "event",
      position: 9,
      name: "transcript",
      data: { text: "hej", n: [1, null] },
    }];
    const info = await keep(store, patternBytes(40), { events });
    const recording = await openOf(store);
    assert.ok(recording);
    assert.deepEqual(recording.info, info);
    assert.deepEqual(await readAll(recording.read()), patternBytes(40));
    const { markers: _, events: __, ...summary } = info;
    assert.deepEqual(await store.describe(refOf()), summary);
    assert.deepEqual(await Array.fromAsync(store.names()), [refOf()]);
  });

  test("answers null, false and nothing for calls it does not know", async (store) => {
    for (const callId of ["CA1", "", "..", "../acme/CA1", "a/b"]) {
      for (const ref of [refOf(callId), refOf("CA1", callId)]) {
        assert.equal(await store.open(ref), null);
        assert.equal(await store.describe(ref), null);
        assert.equal(await store.delete(ref), false);
      }
    }
    assert.deepEqual(await idsOf(store), []);
  });

  test("keeps an empty recording", async (store) => {
    await keep(store, new Uint8Array(0));
    const recording = await openOf(store);
    assert.equal(recording?.info.samples, 0);
    assert.equal((await readAll(recording!.read())).length, 0);
  });

  test("create() refuses a name in use until it is deleted", async (store) => {
    const again = () => store.create(anInfo({ metadata: { again: "1" } }));
    const writer = await store.create(anInfo());
    await assert.rejects(again, RecordingExistsError);
    await writer.finish(anInfo({ state: "complete" }));
    await assert.rejects(again, RecordingExistsError);
    assert.equal(await store.delete(refOf()), true);
    await (await again()).finish(anInfo({ state: "complete" }));
    assert.deepEqual((await openOf(store))?.info.metadata, { agent: "support" });
    assert.deepEqual(await idsOf(store), ["CA1"]);
  });

  test("create() lets one of two win that begin at once", async (store) => {
    const results = await Promise.allSettled([store.create(anInfo()), store.create(anInfo())]);
    assert.deepEqual(results.map(({ status }) => status).sort(), ["fulfilled", "rejected"]);
    for (const result of results) {
      if (result.status === "fulfilled") await result.value.finish(anInfo({ state: "complete" }));
      else assert.ok(result.reason instanceof RecordingExistsError);
    }
  });

  test("create() takes strange names and refuses dangerous ones", async (store) => {
    for (const callId of [".", "..", "...", "-rf", "a.wav", "a.json", "a", "x".repeat(128)]) {
      await keep(store, patternBytes(4), { callId });
    }
    assert.equal((await idsOf(store)).length, 8);
    for (const callId of ["", "a/b", "..\\b", "a\0", "é", "a b", "a\n", "x".repeat(129)]) {
      await assert.rejects(() => store.create(anInfo({ callId })), RangeError);
    }
    for (const organisation of ["", ".", "..", "a/b", "../acme", "x".repeat(129)]) {
      await assert.rejects(() => store.create(anInfo({ callId: "ok", organisation })), RangeError);
    }
    assert.equal(await openOf(store, "ok"), null);
  });

  test("append() takes only whole blocks, and nothing after the end", async (store) => {
    const writer = await store.create(anInfo());
    await writer.append(patternBytes(8), peaksOf(patternBytes(8)));
    for (const length of [1, 2, 3, 6]) {
      await assert.rejects(
        () => writer.append(new Uint8Array(length), new Int8Array(4)),
        RangeError,
      );
    }
    await writer.finish(anInfo({ state: "complete", samples: 2 }));
    await writer.finish(anInfo({ state: "failed", samples: 2 }));
    await assert.rejects(() => writer.append(patternBytes(4), peaksOf(patternBytes(4))), TypeError);
    const recording = await openOf(store);
    assert.equal(recording?.info.state, "complete");
    assert.deepEqual(await readAll(recording!.read()), patternBytes(8));
  });

  test("append() lets the caller use the bytes again", async (store) => {
    const writer = await store.create(anInfo());
    const bytes = patternBytes(64);
    const peaks = peaksOf(bytes);
    await writer.append(bytes, peaks);
    bytes.fill(0);
    peaks.fill(0);
    await writer.finish(anInfo({ state: "complete", samples: 16 }));
    assert.deepEqual(await readAll((await openOf(store))!.read()), patternBytes(64));
  });

  test("append() takes large and uneven amounts", async (store) => {
    const writer = await store.create(anInfo());
    let length = 0;
    for (const amount of [400, 65_600, 66_000, 3_000_000, 0, 12]) {
      const pcm = patternBytes(amount, length);
      await writer.append(pcm, peaksOf(pcm));
      length += amount;
    }
    await writer.finish(anInfo({ state: "complete" }));
    const recording = (await openOf(store))!;
    assert.equal(recording.info.samples, length / 4);
    assert.deepEqual(await readAll(recording.read()), patternBytes(length));
  });

  test("finish() keeps name and place, and the length that was stored", async (store) => {
    const writer = await store.create(anInfo());
    await writer.append(patternBytes(8), peaksOf(patternBytes(8)));
    const final = anInfo({ callId: "CA2", organisation: "x", samples: 999, state: "failed" });
    await writer.finish({ ...final, metadata: { late: "1" } });
    const { info } = (await openOf(store))!;
    assert.deepEqual(info, {
      ...anInfo({ samples: 2, state: "failed", metadata: { late: "1" } }),
      ...await fingerprintOf(patternBytes(8)),
    });
    assert.equal(await openOf(store, "CA2"), null);
  });

  test("open() is a snapshot of a recording being written", async (store) => {
    const writer = await store.create(anInfo());
    const atFirst = (await openOf(store))!;
    await writer.append(patternBytes(100_000), peaksOf(patternBytes(100_000)));
    const snapshot = (await openOf(store))!;
    const reader = snapshot.read().getReader();
    const chunks = [(await reader.read()).value!];
    await writer.append(patternBytes(100_000, 100_000), peaksOf(patternBytes(100_000, 100_000)));
    await writer.finish(anInfo({ state: "complete" }));
    for (let next = await reader.read(); !next.done; next = await reader.read()) {
      chunks.push(next.value);
    }
    assert.equal(snapshot.info.state, "recording");
    assert.equal(snapshot.info.samples, 25_000);
    assert.deepEqual(await new Blob(chunks).bytes(), patternBytes(100_000));
    assert.equal((await readAll(snapshot.read(99_000, 150_000))).length, 1_000);
    assert.equal(atFirst.info.samples, 0);
    assert.equal((await readAll(atFirst.read())).length, 0);
    const final = (await openOf(store))!;
    assert.deepEqual(await readAll(final.read()), patternBytes(200_000));
  });

  test("read() answers exactly the bytes asked for", async (store) => {
    const length = 200_000;
    await keep(store, patternBytes(length));
    const recording = (await openOf(store))!;
    const bound = fc.nat(length + 1000);
    await fc.assert(
      fc.asyncProperty(bound, fc.option(bound, { nil: undefined }), async (start, end) => {
        const expected = patternBytes(length).slice(start, end);
        assert.deepEqual(await readAll(recording.read(start, end)), expected);
      }),
      { seed: SEED, numRuns: 60, examples: [[0, undefined], [65_536, 131_072], [7, 3]] },
    );
    for (const wrong of [-1, 0.5, NaN, Infinity]) {
      assert.throws(() => recording.read(wrong), RangeError);
      assert.throws(() => recording.read(0, wrong), RangeError);
    }
  });

  test("read() may be cancelled at any time, and its chunks are the reader's own", async (store) => {
    await keep(store, patternBytes(200_000));
    const recording = (await openOf(store))!;
    await recording.read().cancel();
    const reader = recording.read().getReader();
    (await reader.read()).value!.fill(0);
    await reader.cancel();
    for (let turns = 0; turns < 40; turns++) {
      const reader = recording.read(4).getReader();
      const first = reader.read();
      // Up to a real pause the cancel meets every step of opening and reading.
      for (let turn = 0; turn < turns % 20; turn++) await null;
      if (turns >= 20) await new Promise((resolve) => setTimeout(resolve, 0));
      await Promise.all([reader.cancel(), first]);
    }
    assert.deepEqual(await readAll(recording.read()), patternBytes(200_000));
  });

  test("keeps nobody else's objects", async (store) => {
    const begun = anInfo({ metadata: { a: "1" } });
    const writer = await store.create(begun);
    (begun.metadata as Record<string, string>).a = "changed";
    assert.equal((await openOf(store))!.info.metadata.a, "1");
    const final = anInfo({ state: "complete", events: [{ type: "clear", position: 1 }] });
    await writer.finish(final);
    final.events.length = 0;
    const { info } = (await openOf(store))!;
    assert.equal(info.events.length, 1);
    info.events.length = 0;
    (info.metadata as Record<string, string>).agent = "changed";
    ((await store.describe(refOf()))!.metadata as Record<string, string>).agent = "changed";
    const again = (await openOf(store))!.info;
    assert.deepEqual([again.events.length, again.metadata.agent], [1, "support"]);
  });

  test("delete() refuses while it is being written, and removes but one", async (store) => {
    await keep(store, patternBytes(8), { callId: "other" });
    const writer = await store.create(anInfo());
    await assert.rejects(() => store.delete(refOf()), RecordingBusyError);
    await writer.append(patternBytes(8), peaksOf(patternBytes(8)));
    await writer.finish(anInfo({ state: "complete" }));
    const deleted = await Promise.all([store.delete(refOf()), store.delete(refOf())]);
    assert.deepEqual(deleted.sort(), [false, true]);
    assert.equal(await openOf(store), null);
    assert.deepEqual(await idsOf(store), ["CA1", "other"]);
    assert.deepEqual(await statesOf(store), ["deleted", "complete"]);
  });

  test("delete() leaves a tombstone that says no more than that there was a call", async (store) => {
    const event = { type: "event", position: 0, data: "secret" };
    const media = { live: true, recording: true, maxDurationSeconds: 60 };
    const changes = { markers: [event], events: [event], media, reason: "hangup" };
    await keep(store, patternBytes(800), changes);
    assert.equal(await store.delete(refOf()), true);
    assert.deepEqual(
      await store.describe(refOf()),
      summaryOf(tombstoneOf({
        ...anInfo({ media, reason: "hangup", samples: 200 }),
      })),
    );
    assert.equal((await store.describe(refOf()))?.state, "deleted");
    assert.equal(JSON.stringify(await store.describe(refOf())).includes("support"), false);
    assert.equal(await store.open(refOf()), null);
    assert.equal(await store.delete(refOf()), false, "what is gone is not deleted again");
    await keep(store, patternBytes(4));
    assert.deepEqual(await statesOf(store), ["complete"]);
  });

  test("append() keeps the peaks it is given, and skip() the time", async (store) => {
    const writer = await store.create(anInfo());
    const first = patternBytes(40_000);
    const last = patternBytes(3_400, 9);
    await writer.append(first, peaksOf(first));
    const begun = (await openOf(store))!;
    await writer.skip(0);
    await writer.skip(30_000);
    await writer.append(last, peaksOf(last));
    const expected = new Uint8Array(40_000 + 120_000 + 3_400);
    expected.set(first);
    expected.set(last, 160_000);
    const peaks = peaksOf(expected);
    for (const isFinished of [false, true]) {
      if (isFinished) await writer.finish(anInfo({ state: "complete" }));
      const recording = (await openOf(store))!;
      assert.equal(recording.info.samples, expected.length / 4);
      assertSame(await readAll(recording.read()), expected, "samples");
      assertSame(await recording.peaks(), peaks, "peaks");
      assertSame(await recording.peaks(50, 405), peaks.subarray(200, 1620), "middle");
      assertSame(await recording.peaks(408, 999), peaks.subarray(1632), "end");
      assert.equal((await recording.peaks(999)).length, 0);
      await assert.rejects(() => recording.peaks(-1), RangeError);
      await assert.rejects(() => recording.peaks(0, 0.5), RangeError);
    }
    assertSame(await begun.peaks(), peaks.subarray(0, 400), "beginning");
    const { sha256, bytes } = (await openOf(store))!.info;
    assert.deepEqual({ sha256, bytes }, await fingerprintOf(expected));
    await assert.rejects(() => writer.skip(100), TypeError);
  });

  test("append() and skip() refuse what cannot be", async (store) => {
    const writer = await store.create(anInfo());
    await assert.rejects(() => writer.append(patternBytes(404), new Int8Array(4)), RangeError);
    for (const samples of [-100, 0.5, NaN, Infinity]) {
      await assert.rejects(() => writer.skip(samples), RangeError);
    }
    await writer.finish(anInfo({ state: "complete" }));
    assert.equal((await openOf(store))?.info.samples, 0);
  });

  test("update() shows what is known while it is written, and no more", async (store) => {
    const writer = await store.create(anInfo());
    await writer.append(patternBytes(400), peaksOf(patternBytes(400)));
    const markers = [{ type: "paused", position: 50 }];
    const told = anInfo({ callId: "CA2", state: "complete", samples: 7, markers });
    await writer.update(told);
    markers.length = 0;
    const { info } = (await openOf(store))!;
    assert.deepEqual(info, anInfo({ samples: 100, markers: [{ type: "paused", position: 50 }] }));
    assert.equal((await store.describe(refOf()))?.state, "recording");
    await writer.finish(anInfo({ state: "complete" }));
    assert.deepEqual((await openOf(store))!.info.markers, []);
  });
}
