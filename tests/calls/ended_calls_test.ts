import assert from "node:assert/strict";
import { type EndedCall, EndedCalls } from "../../calls/ended_calls.ts";

function ended(id: string, organisation = "acme"): EndedCall {
  const times = { startedAt: 0, endedAt: 1 };
  return { id, organisation, sampleRate: 8000, ...times, reason: "ended", metadata: {} };
}

Deno.test("EndedCalls forgets the oldest beyond its limit", () => {
  const calls = new EndedCalls(3);
  for (let i = 0; i < 10; i++) calls.add(ended(`CA${i}`));
  assert.equal(calls.size, 3);
  assert.deepEqual(calls.of("acme").map(({ id }) => id), ["CA7", "CA8", "CA9"]);
  // One that ended again is the newest.
  calls.add(ended("CA7"));
  calls.add(ended("CA10", "globex"));
  assert.deepEqual(calls.of("acme").map(({ id }) => id), ["CA9", "CA7"]);
  assert.equal(calls.get("CA8"), undefined);
});

Deno.test("EndedCalls of limit 0 remembers none", () => {
  const calls = new EndedCalls(0);
  calls.add(ended("CA1"));
  assert.equal(calls.size, 0);
});

Deno.test("EndedCalls.restore() keeps the newest of earlier recordings", () => {
  const calls = new EndedCalls(2);
  calls.restore([3, 1, 2].map((second) => ({
    version: 2,
    callId: `CA${second}`,
    organisation: "acme",
    sampleRate: 8000,
    channels: 2,
    startedAt: 1000 * second,
    state: "complete",
    samples: 4000,
    metadata: {},
  })));
  assert.deepEqual(calls.of("acme").map(({ id, endedAt }) => [id, endedAt]), [
    ["CA2", 2500],
    ["CA3", 3500],
  ]);
});
