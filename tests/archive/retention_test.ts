import assert from "node:assert/strict";
import { Retention, type RetentionLimits, type RetentionRound } from "../../archive/retention.ts";
import { ManualClock } from "../../mixer/clock.ts";
import type { RecordingRef } from "../../recordings/store.ts";
import { anEndedCall, anIndex } from "./support.ts";

const DAY_MS = 86_400_000;
const ROUND_MS = 120_000;
/** The most that one round deletes. */
const MOST_DELETED = 1000;
const NOW = Date.UTC(2026, 10, 22);

function aRetention(limits: Partial<RetentionLimits> = {}) {
  const clock = new ManualClock(0, NOW);
  const { index } = anIndex({ clock, endedCallsKept: 10_000 });
  const deleted: string[] = [];
  const rounds: RetentionRound[] = [];
  const warnings: string[] = [];
  /** Call ids that the store does not delete. */
  const refusing = new Set<string>();
  const retention = new Retention({
    index,
    clock,
    limits: {
      maxAgeMs: () => Infinity,
      maxBytes: Infinity,
      maxBytesPerOrganisation: Infinity,
      ...limits,
    },
    // deno-lint-ignore require-await -- it rejects
    deleteRecording: async ({ callId }: RecordingRef) => {
      if (refusing.has(callId)) throw new Error("busy");
      deleted.push(callId);
      index.setRecording(callId, "deleted");
    },
    onRound: (round) => rounds.push(round),
    onWarning: (message) => warnings.push(message),
  });
  /** A recorded call of 1000 bytes that ended so many days ago. */
  const add = (id: string, days: number, organisation = "acme", recording = "complete" as const) =>
    index.put(anEndedCall({
      id,
      organisation,
      startedAt: NOW - days * DAY_MS - 1000,
      recording,
      bytes: 1000,
    }));
  return { clock, index, deleted, rounds, warnings, refusing, retention, add };
}

Deno.test("Retention deletes what is older than its organisation keeps it", async () => {
  const days: Record<string, number> = { acme: 30, globex: 7, initech: Infinity };
  const { retention, add, deleted, clock, index, rounds } = aRetention({
    maxAgeMs: (organisation) => days[organisation] * DAY_MS,
  });
  for (const organisation of Object.keys(days)) {
    for (const age of [6, 8, 29, 31, 400]) add(`${organisation}${age}`, age, organisation);
  }
  index.put(anEndedCall({ id: "unrecorded", startedAt: 0 }));
  index.put(anEndedCall({ id: "for good", startedAt: 0, organisation: "initech" }));
  index.put(anEndedCall({ id: "completing", startedAt: 0, recording: "recording" }));
  await retention.sweep();
  assert.deepEqual(deleted, ["acme400", "acme31", "globex400", "globex31", "globex29", "globex8"]);
  assert.deepEqual([index.get("unrecorded"), index.get("for good")?.startedAt], [undefined, 0]);
  assert.deepEqual(rounds, [{ aged: 6, crowded: 0, bytes: 6000, forgotten: 1, refused: 0 }]);
  await clock.advance(DAY_MS);
  await retention.sweep();
  assert.deepEqual(deleted.slice(6), [], "at the limit to the millisecond it is kept");
  await clock.advance(1);
  await retention.sweep();
  assert.deepEqual(deleted.slice(6), ["acme29", "globex6"]);
  assert.deepEqual([index.get("acme29")?.recording, index.isKept("initech400")], ["deleted", true]);
});

Deno.test("Retention deletes the oldest of an organisation, and then of all, above their sizes", async () => {
  const { retention, add, deleted, rounds, index } = aRetention({
    maxBytesPerOrganisation: 3000,
    maxBytes: 4500,
  });
  for (const age of [1, 3, 5, 7, 9]) add(`acme${age}`, age);
  for (const age of [2, 4]) add(`globex${age}`, age, "globex");
  index.put(anEndedCall({ id: "completing", startedAt: 0, recording: "recording", bytes: 500 }));
  await retention.sweep();
  // acme with its 5500 bytes must lose 3 recordings; what is left has 4500.
  assert.deepEqual(deleted, ["acme9", "acme7", "acme5"]);
  add("globex6", 6, "globex");
  await retention.sweep();
  assert.deepEqual(deleted.slice(3), ["globex6"]);
  assert.deepEqual(rounds.map(({ crowded, bytes }) => [crowded, bytes]), [[3, 3000], [1, 1000]]);
});

Deno.test("Retention without limits deletes nothing", async () => {
  const { retention, add, deleted } = aRetention();
  for (let age = 0; age < 100; age++) add(`CA${age}`, 100 * age);
  await retention.sweep();
  assert.deepEqual(deleted, []);
});

Deno.test("Retention asks again next round what the store refused, and warns once", async () => {
  const { retention, add, deleted, refusing, rounds, warnings } = aRetention({
    maxAgeMs: () => DAY_MS,
  });
  for (const age of [2, 3, 4]) add(`CA${age}`, age);
  refusing.add("CA4");
  await retention.sweep();
  await retention.sweep();
  assert.deepEqual(deleted, ["CA3", "CA2"]);
  assert.deepEqual(rounds.map(({ aged, refused }) => [aged, refused]), [[2, 1], [0, 1]]);
  assert.deepEqual(warnings, [
    "Cannot delete what is too old or too much; tried again: Error: busy",
  ]);
  refusing.clear();
  await retention.sweep();
  assert.deepEqual(deleted, ["CA3", "CA2", "CA4"]);
  // It is a new trouble when it comes again.
  add("CA5", 5);
  refusing.add("CA5");
  await retention.sweep();
  assert.equal(warnings.length, 2);
});

Deno.test("Retention leaves a store alone that refuses everything", async () => {
  const { retention, add, refusing, rounds } = aRetention({ maxAgeMs: () => 0 });
  for (let n = 0; n < 100; n++) {
    add(`CA${n}`, 1 + n);
    refusing.add(`CA${n}`);
  }
  await retention.sweep();
  assert.equal(rounds[0].refused, 20);
});

Deno.test("Retention does no more than so much a round, and goes on in the next", async () => {
  const { retention, add, deleted, clock } = aRetention({ maxAgeMs: () => DAY_MS });
  for (let n = 0; n < MOST_DELETED + 5; n++) add(`CA${n}`, 10 + n / 1e6);
  retention.start();
  await clock.advance(ROUND_MS - 1);
  assert.equal(deleted.length, 0);
  await clock.advance(1);
  await retention.sweep();
  assert.equal(deleted.length, MOST_DELETED);
  // Only with the round over is the next one planned.
  await Promise.resolve();
  await clock.advance(ROUND_MS);
  await retention.sweep();
  assert.equal(deleted.length, MOST_DELETED + 5);
  await retention.close();
  add("late", 20);
  await clock.advance(10 * ROUND_MS);
  assert.equal(deleted.length, MOST_DELETED + 5);
});

Deno.test("Retention.close() waits for what is being deleted, and begins nothing more", async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const { index, clock } = aRetention();
  const begun: string[] = [];
  const retention = new Retention({
    index,
    clock,
    limits: { maxAgeMs: () => 0, maxBytes: Infinity, maxBytesPerOrganisation: Infinity },
    deleteRecording: ({ callId }) => {
      begun.push(callId);
      return promise;
    },
  });
  for (const id of ["CA1", "CA2"]) index.put(anEndedCall({ id, recording: "complete", bytes: 1 }));
  void retention.sweep();
  let isClosed = false;
  const closing = retention.close().then(() => isClosed = true);
  await Promise.resolve();
  assert.deepEqual([begun, isClosed], [["CA1"], false]);
  resolve();
  await closing;
  assert.deepEqual(begun, ["CA1"]);
});
