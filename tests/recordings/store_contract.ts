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
  type RecordingStore,
} from "../../recordings/store.ts";

/** Every run draws the same cases; fast-check prints it with a failure. */
export const SEED = 20260101;

/** A recording as it begins. */
export function anInfo(changes: Partial<RecordingInfo> = {}): RecordingInfo {
  return {
    version: 1,
    callId: "CA1",
    organisation: "acme",
    sampleRate: 8000,
    channels: 2,
    startedAt: Date.UTC(2026, 0, 1),
    state: "recording",
    samples: 0,
    metadata: { agent: "support" },
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
  await writer.append(pcm);
  const info = anInfo({ ...changes, state: "complete", samples: pcm.length / 4 });
  await writer.finish(info);
  return info;
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
    const recording = await store.open("CA1");
    assert.ok(recording);
    assert.deepEqual(recording.info, info);
    assert.deepEqual(await readAll(recording.read()), patternBytes(40));
    const { events: _, ...summary } = info;
    assert.deepEqual(await store.list(), [summary]);
  });

  test("answers null, false and nothing for calls it does not know", async (store) => {
    for (const callId of ["CA1", "", "..", "../acme/CA1", "a/b"]) {
      assert.equal(await store.open(callId), null);
      assert.equal(await store.delete(callId), false);
    }
    assert.deepEqual(await store.list(), []);
  });

  test("keeps an empty recording", async (store) => {
    await keep(store, new Uint8Array(0));
    const recording = await store.open("CA1");
    assert.equal(recording?.info.samples, 0);
    assert.equal((await readAll(recording!.read())).length, 0);
  });

  test("create() refuses a call id in use, by whomever, until it is deleted", async (store) => {
    const again = () => store.create(anInfo({ organisation: "other" }));
    const writer = await store.create(anInfo());
    await assert.rejects(again, RecordingExistsError);
    await writer.finish(anInfo({ state: "complete" }));
    await assert.rejects(again, RecordingExistsError);
    assert.equal(await store.delete("CA1"), true);
    await (await again()).finish(anInfo({ state: "complete" }));
    assert.equal((await store.open("CA1"))?.info.organisation, "other");
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
    assert.equal((await store.list()).length, 8);
    for (const callId of ["", "a/b", "..\\b", "a\0", "é", "a b", "a\n", "x".repeat(129)]) {
      await assert.rejects(() => store.create(anInfo({ callId })), RangeError);
    }
    for (const organisation of ["", ".", "..", "a/b", "../acme", "x".repeat(129)]) {
      await assert.rejects(() => store.create(anInfo({ callId: "ok", organisation })), RangeError);
    }
    assert.equal(await store.open("ok"), null);
  });

  test("append() takes only whole blocks, and nothing after the end", async (store) => {
    const writer = await store.create(anInfo());
    await writer.append(patternBytes(8));
    for (const length of [1, 2, 3, 6]) {
      await assert.rejects(() => writer.append(new Uint8Array(length)), RangeError);
    }
    await writer.finish(anInfo({ state: "complete", samples: 2 }));
    await writer.finish(anInfo({ state: "failed", samples: 2 }));
    await assert.rejects(() => writer.append(patternBytes(4)), TypeError);
    const recording = await store.open("CA1");
    assert.equal(recording?.info.state, "complete");
    assert.deepEqual(await readAll(recording!.read()), patternBytes(8));
  });

  test("append() lets the caller use the bytes again", async (store) => {
    const writer = await store.create(anInfo());
    const bytes = patternBytes(64);
    await writer.append(bytes);
    bytes.fill(0);
    await writer.finish(anInfo({ state: "complete", samples: 16 }));
    assert.deepEqual(await readAll((await store.open("CA1"))!.read()), patternBytes(64));
  });

  test("append() takes large and uneven amounts", async (store) => {
    const writer = await store.create(anInfo());
    let length = 0;
    for (const amount of [4, 65_532, 65_536, 65_540, 3_000_000, 0, 12]) {
      await writer.append(patternBytes(amount, length));
      length += amount;
    }
    await writer.finish(anInfo({ state: "complete" }));
    const recording = (await store.open("CA1"))!;
    assert.equal(recording.info.samples, length / 4);
    assert.deepEqual(await readAll(recording.read()), patternBytes(length));
  });

  test("finish() keeps name and place, and the length that was stored", async (store) => {
    const writer = await store.create(anInfo());
    await writer.append(patternBytes(8));
    const final = anInfo({ callId: "CA2", organisation: "x", samples: 999, state: "failed" });
    await writer.finish({ ...final, metadata: { late: "1" } });
    const { info } = (await store.open("CA1"))!;
    assert.deepEqual(info, anInfo({ samples: 2, state: "failed", metadata: { late: "1" } }));
    assert.equal(await store.open("CA2"), null);
  });

  test("open() is a snapshot of a recording being written", async (store) => {
    const writer = await store.create(anInfo());
    const atFirst = (await store.open("CA1"))!;
    await writer.append(patternBytes(100_000));
    const snapshot = (await store.open("CA1"))!;
    const reader = snapshot.read().getReader();
    const chunks = [(await reader.read()).value!];
    await writer.append(patternBytes(100_000, 100_000));
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
    const final = (await store.open("CA1"))!;
    assert.deepEqual(await readAll(final.read()), patternBytes(200_000));
  });

  test("read() answers exactly the bytes asked for", async (store) => {
    const length = 200_000;
    await keep(store, patternBytes(length));
    const recording = (await store.open("CA1"))!;
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
    const recording = (await store.open("CA1"))!;
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
    assert.equal((await store.open("CA1"))!.info.metadata.a, "1");
    const final = anInfo({ state: "complete", events: [{ type: "clear", position: 1 }] });
    await writer.finish(final);
    final.events.length = 0;
    const { info } = (await store.open("CA1"))!;
    assert.equal(info.events.length, 1);
    info.events.length = 0;
    (info.metadata as Record<string, string>).agent = "changed";
    ((await store.list())[0].metadata as Record<string, string>).agent = "changed";
    const again = (await store.open("CA1"))!.info;
    assert.deepEqual([again.events.length, again.metadata.agent], [1, "support"]);
  });

  test("delete() refuses while it is being written, and removes but one", async (store) => {
    await keep(store, patternBytes(8), { callId: "other" });
    const writer = await store.create(anInfo());
    await assert.rejects(() => store.delete("CA1"), RecordingBusyError);
    await writer.append(patternBytes(8));
    await writer.finish(anInfo({ state: "complete" }));
    const deleted = await Promise.all([store.delete("CA1"), store.delete("CA1")]);
    assert.deepEqual(deleted.sort(), [false, true]);
    assert.equal(await store.open("CA1"), null);
    assert.deepEqual((await store.list()).map(({ callId }) => callId), ["other"]);
  });
}
