import assert from "node:assert/strict";
import { MemoryStore } from "../../recordings/memory.ts";
import { RecordingStoreFullError } from "../../recordings/store.ts";
import {
  anInfo,
  idsOf,
  keep,
  openOf,
  patternBytes,
  peaksOf,
  readAll,
  refOf,
  testStoreContract,
} from "./store_contract.ts";

/** What memory is taken in. */
const PAGE_BYTES = 65_536;

Deno.test.sanitizer({ ops: true, resources: true });

/** Room for the peaks and the descriptions of a few recordings. */
const OTHERS_BYTES = 10_000;

testStoreContract("MemoryStore", (test) => test(new MemoryStore()));

Deno.test("MemoryStore lets the recording go that ended first", async () => {
  const store = new MemoryStore({ limitBytes: 4 * PAGE_BYTES + OTHERS_BYTES });
  const early = await store.create(anInfo({ callId: "early" }));
  await keep(store, patternBytes(PAGE_BYTES - 4000), { callId: "a" });
  await early.append(patternBytes(PAGE_BYTES - 4000), peaksOf(patternBytes(PAGE_BYTES - 4000)));
  await early.finish(anInfo({ callId: "early", state: "complete" }));
  await keep(store, patternBytes(PAGE_BYTES - 4000), { callId: "b" });
  assert.deepEqual(await idsOf(store), ["a", "b", "early"]);
  await keep(store, patternBytes(PAGE_BYTES + 4), { callId: "c" });
  assert.deepEqual(await idsOf(store), ["b", "c", "early"]);
  await keep(store, patternBytes(PAGE_BYTES + 4), { callId: "d" });
  assert.deepEqual(await idsOf(store), ["b", "c", "d"]);
  assert.ok(store.heldBytes <= 4 * PAGE_BYTES + OTHERS_BYTES);
});

Deno.test("MemoryStore refuses more of a recording that fills it alone, and keeps its start", async () => {
  const store = new MemoryStore({ limitBytes: 3 * PAGE_BYTES + OTHERS_BYTES });
  await keep(store, patternBytes(8), { callId: "small" });
  const writer = await store.create(anInfo());
  for (let page = 0; page < 3; page++) {
    await writer.append(patternBytes(PAGE_BYTES), peaksOf(patternBytes(PAGE_BYTES)));
  }
  assert.deepEqual(await idsOf(store), ["CA1", "small"]);
  await assert.rejects(
    () => writer.append(patternBytes(4), peaksOf(patternBytes(4))),
    RecordingStoreFullError,
  );
  assert.deepEqual(await idsOf(store), ["CA1", "small"], "nothing is pushed out in vain");
  await writer.finish(anInfo({ state: "failed" }));
  const { info, read } = (await openOf(store))!;
  assert.deepEqual([info.state, info.samples], ["failed", 3 * PAGE_BYTES / 4]);
  assert.equal((await readAll(read())).length, 3 * PAGE_BYTES);
});

Deno.test("MemoryStore never pushes out what is being written", async () => {
  const store = new MemoryStore({ limitBytes: 2 * PAGE_BYTES + OTHERS_BYTES });
  const first = await store.create(anInfo({ callId: "first" }));
  await first.append(patternBytes(PAGE_BYTES), peaksOf(patternBytes(PAGE_BYTES)));
  const second = await store.create(anInfo({ callId: "second" }));
  await second.append(patternBytes(PAGE_BYTES), peaksOf(patternBytes(PAGE_BYTES)));
  await assert.rejects(
    () => second.append(patternBytes(4), peaksOf(patternBytes(4))),
    RecordingStoreFullError,
  );
  await first.finish(anInfo({ callId: "first", state: "complete" }));
  await second.append(patternBytes(4), peaksOf(patternBytes(4)));
  assert.deepEqual(await idsOf(store), ["second"]);
  await second.finish(anInfo({ callId: "second", state: "complete" }));
});

Deno.test("MemoryStore.open() reads on in a recording that was pushed out", async () => {
  const store = new MemoryStore({ limitBytes: 3 * PAGE_BYTES });
  await keep(store, patternBytes(2 * PAGE_BYTES));
  const reader = (await openOf(store))!.read(PAGE_BYTES).getReader();
  await keep(store, patternBytes(2 * PAGE_BYTES), { callId: "CA2" });
  assert.equal(await openOf(store), null);
  assert.deepEqual((await reader.read()).value, patternBytes(PAGE_BYTES, PAGE_BYTES));
  await reader.cancel();
});

Deno.test("MemoryStore counts descriptions, so that empty recordings are bounded too", async () => {
  const store = new MemoryStore({ limitBytes: 20_000 });
  for (let i = 0; i < 500; i++) await keep(store, new Uint8Array(0), { callId: `CA${i}` });
  assert.ok(store.heldBytes <= 20_000);
  const { length: count } = await idsOf(store);
  assert.ok(count > 50 && count < 200, `${count} kept`);
  for (const callId of await idsOf(store)) await store.delete(refOf(callId));
  const { heldBytes } = store;
  assert.ok(heldBytes < 250 * count, `${heldBytes} bytes for ${count} tombstones`);
});

Deno.test("MemoryStore ends a recording whose events do not fit", async () => {
  const store = new MemoryStore({ limitBytes: 2 * PAGE_BYTES });
  const writer = await store.create(anInfo());
  await writer.append(patternBytes(8), peaksOf(patternBytes(8)));
  const events = [{ type: "event", position: 0, data: "x".repeat(3 * PAGE_BYTES) }];
  await assert.rejects(
    () => writer.finish(anInfo({ state: "complete", events })),
    RecordingStoreFullError,
  );
  const { info } = (await openOf(store))!;
  assert.deepEqual([info.state, info.samples, info.events], ["failed", 2, []]);
  assert.equal(await store.delete(refOf()), true);
  assert.ok(store.heldBytes < 250);
});

Deno.test("MemoryStore refuses a limit that is none", () => {
  for (const limitBytes of [0, -1, 0.5, NaN]) {
    assert.throws(() => new MemoryStore({ limitBytes }), RangeError);
  }
});
