import assert from "node:assert/strict";
import { CallIndexSync, type CallIndexSyncOptions } from "../../archive/call_index_sync.ts";
import { ManualClock } from "../../mixer/clock.ts";
import type { RecordingRef, RecordingState, RecordingSummary } from "../../recordings/store.ts";
import { anInfo } from "../recordings/store_contract.ts";
import { anEndedCall, anIndex } from "./support.ts";

/** A store as far as a comparison goes. */
class NamedStore {
  readonly recordings = new Map<string, RecordingSummary>();
  /** Ids that were described, in order. */
  readonly described: string[] = [];
  /** Is called before a description is answered. */
  onDescribe: (ref: RecordingRef) => void | Promise<void> = () => {};

  add(callId: string, state: RecordingState, organisation = "acme"): void {
    const startedAt = Number(callId.replace(/\D/g, "")) * 1000;
    const info = anInfo({ callId, organisation, state, startedAt, samples: 8000 });
    this.recordings.set(`${organisation}/${callId}`, info);
  }

  async *names(): AsyncGenerator<RecordingRef> {
    yield* [...this.recordings.values()];
  }

  async describe(ref: RecordingRef): Promise<RecordingSummary | null> {
    this.described.push(ref.callId);
    await this.onDescribe(ref);
    return this.recordings.get(`${ref.organisation}/${ref.callId}`) ?? null;
  }
}

function aSync(changes: Partial<CallIndexSyncOptions> = {}) {
  const store = new NamedStore();
  const { index, warnings } = anIndex();
  const told: string[] = [];
  const clock = new ManualClock();
  const sync = new CallIndexSync({
    index,
    store,
    clock,
    isRunning: () => false,
    onProgress: (message) => told.push(message),
    onWarning: (message) => warnings.push(message),
    ...changes,
  });
  const run = () => sync.run(new AbortController().signal);
  const listed = (organisation = "acme") =>
    index.list({ organisation }, { limit: 100 }).map(({ id, recording }) => `${id} ${recording}`);
  return { store, index, sync, run, listed, told, warnings, clock };
}

Deno.test("CallIndexSync.run() builds the index from nothing, and then reads nothing any more", async () => {
  const { store, index, run, listed, told, warnings } = aSync();
  for (let n = 1; n <= 30; n++) store.add(`CA${n}`, n % 5 === 0 ? "recovered" : "complete");
  store.add("CA31", "deleted");
  store.add("CA32", "complete", "globex");
  await run();
  assert.equal(store.described.length, 32);
  assert.equal(listed().length, 31);
  assert.deepEqual(listed().slice(0, 3), ["CA31 deleted", "CA30 recovered", "CA29 complete"]);
  assert.deepEqual(listed("globex"), ["CA32 complete"]);
  assert.deepEqual(index.get("CA31")?.metadata, {});
  assert.deepEqual(told, ["The list of calls agrees with 32 recordings; 32 read in 0 ms"]);
  await run();
  assert.equal(store.described.length, 32);
  assert.deepEqual([told.length, warnings], [1, []]);
});

Deno.test("CallIndexSync.run() corrects what has changed behind the index", async () => {
  const { store, index, run, listed } = aSync();
  index.put(anEndedCall({ id: "CA1", startedAt: 1000, recording: "complete" }));
  // The process died while this one was completed.
  index.put(anEndedCall({ id: "CA2", startedAt: 2000, recording: "recording", reason: "hangup" }));
  index.put(anEndedCall({ id: "CA3", startedAt: 3000, recording: "complete" }));
  index.put(anEndedCall({ id: "CA4", startedAt: 4000 }));
  // Was used again, by a call that was not recorded, after it had been deleted.
  index.put(anEndedCall({ id: "CA5", startedAt: 5000, reason: "again" }));
  store.add("CA2", "recovered");
  store.add("CA3", "complete");
  store.add("CA5", "deleted");
  store.add("CA6", "recording");
  await run();
  assert.deepEqual(listed(), [
    "CA5 undefined",
    "CA4 undefined",
    "CA3 complete",
    "CA2 recovered",
    "CA1 undefined",
  ]);
  assert.equal(index.get("CA2")?.reason, "hangup");
  assert.equal(index.get("CA5")?.reason, "again");
  store.described.length = 0;
  await run();
  assert.deepEqual(store.described, ["CA6"]);
});

Deno.test("CallIndexSync holds ids back until they are described, and describes one at once", async () => {
  const { store, index, sync, run } = aSync();
  const { promise, resolve } = Promise.withResolvers<void>();
  for (let n = 1; n <= 20; n++) store.add(`CA${n}`, "complete");
  store.onDescribe = ({ callId }) => callId === "CA20" ? undefined : promise;
  const running = run();
  await settled();
  assert.equal(sync.pending, 20);
  assert.equal(sync.isPending("CA20"), true);
  await sync.resolve("CA20");
  assert.deepEqual([sync.isPending("CA20"), index.get("CA20")?.id], [false, "CA20"]);
  // Deleted while it is being described.
  sync.forget("CA1");
  resolve();
  await running;
  assert.deepEqual([sync.pending, index.get("CA1"), index.get("CA2")?.id], [0, undefined, "CA2"]);
});

Deno.test("CallIndexSync leaves the calls that are running alone", async () => {
  const { store, run, listed } = aSync({ isRunning: (callId) => callId === "CA1" });
  store.add("CA1", "recording");
  store.add("CA2", "complete");
  await run();
  assert.deepEqual(store.described, ["CA2"]);
  assert.deepEqual(listed(), ["CA2 complete"]);
});

Deno.test("CallIndexSync tries again what the store could not tell", async () => {
  const { store, index, sync, run, warnings } = aSync();
  for (let n = 1; n <= 10; n++) store.add(`CA${n}`, "complete");
  store.onDescribe = ({ callId }) => {
    if (callId < "CA5") throw new Error("away");
  };
  await run();
  assert.deepEqual(warnings, [
    "Cannot read 5 recordings for the list of calls; tried again later",
  ]);
  assert.deepEqual([index.isStale, sync.isPending("CA1")], [true, true]);
  store.onDescribe = () => {};
  await run();
  assert.deepEqual([index.isStale, sync.pending, index.get("CA1")?.id], [false, 0, "CA1"]);
});

Deno.test("CallIndexSync tells how far it is, and stops when it is told to", async () => {
  const { store, index, sync, told, clock } = aSync();
  for (let n = 1; n <= 100; n++) store.add(`CA${n}`, "complete");
  const stopping = new AbortController();
  store.onDescribe = async () => {
    await clock.advance(1000);
    if (store.described.length >= 50) stopping.abort();
  };
  await sync.run(stopping.signal);
  assert.ok(store.described.length < 60);
  assert.ok(told.length > 5);
  assert.match(told[0], /^Reading recordings for the list of calls: 9\d of 100 left$/);
  assert.ok(index.list({ organisation: "acme" }, { limit: 100 }).length < 60);
});

Deno.test("CallIndex lists one of two recordings of the same id, and says so", async () => {
  const { store, run, listed, warnings } = aSync();
  store.add("CA1", "complete");
  store.add("CA1", "deleted", "globex");
  store.add("CA2", "complete");
  await run();
  assert.deepEqual(listed(), ["CA2 complete", "CA1 complete"]);
  store.add("CA2", "complete", "globex");
  await run();
  assert.deepEqual(listed(), ["CA2 complete", "CA1 complete"]);
  assert.match(warnings.join(), /Cannot list recording of call CA2 of globex: acme has one/);
});

Deno.test("CallIndexSync does not read forgotten tombstones at every start", async () => {
  const { index } = anIndex({ endedCallsKept: 2 });
  const { store, run } = aSync({ index });
  for (let n = 1; n <= 20; n++) store.add(`CA${n}`, "deleted");
  await run();
  const kept = index.list({ organisation: "acme" }, { limit: 100 });
  assert.equal(kept.length, 2);
  await run();
  assert.equal(store.described.length, 20);
  // The id is used again by a recorded call, and the process dies.
  index.delete("CA1");
  store.add("CA1", "recovered");
  await run();
  assert.deepEqual(index.get("CA1")?.recording, "recovered");
});

async function settled(): Promise<void> {
  for (let n = 0; n < 50; n++) await Promise.resolve();
  await new Promise((resolve) => setTimeout(resolve, 5));
}
