import assert from "node:assert/strict";
import { Call } from "../../calls/call.ts";
import type { RecordingStore } from "../../recordings/store.ts";
import { openOf, readAll } from "../recordings/store_contract.ts";
import { storeWith } from "../recordings/recorder_support.ts";
import { assertSame } from "../support/same.ts";
import { anEnvironment, anOwner, someDetails } from "./support.ts";

const RATE = 8000;
const SECONDS = 60;

/** The user's sample at a position of the call; never 0. */
function counted(index: number): number {
  return 1 + index % 20_000;
}

/** A recorded call of a minute whose user counts; `at` is told every 100 ms. */
async function record(
  store: RecordingStore,
  at: (ms: number, clock: ReturnType<typeof anEnvironment>["clock"]) => void,
) {
  const { environment, clock, told } = anEnvironment({ store });
  const call = new Call(someDetails(), environment, () => {});
  call.start(anOwner());
  for (let ms = 0; ms < 1000 * SECONDS; ms += 100) {
    at(ms, clock);
    await clock.advance(100);
    const from = ms * RATE / 1000;
    const chunk = Int16Array.from({ length: RATE / 10 }, (_, index) => counted(from + index));
    call.pipeline!.user.push(new Uint8Array(chunk.buffer), clock.now(), ms);
  }
  await call.end("hangup");
  const { info, ...recording } = (await openOf(store))!;
  const pcm = await readAll(recording.read());
  const user = new Int16Array(pcm.buffer).filter((_, index) => index % 2 === 0);
  return { info, user, told, recorder: call.recorder! };
}

Deno.test("A store that hangs for 20 s costs what did not fit into its queue, behind a mark", async () => {
  const stuck = Promise.withResolvers<void>();
  const store = storeWith({ append: (count) => count === 10 ? stuck.promise : Promise.resolve() });
  let isStuckAt = 0;
  const { info, user, told, recorder } = await record(store, (ms) => {
    if (ms === 16_000) isStuckAt = ms;
    if (ms === isStuckAt + 20_000) stuck.resolve();
  });
  assert.deepEqual([info.state, info.samples], ["complete", SECONDS * RATE]);
  const [gap] = info.markers;
  const { samples, reason } = gap.data as { samples: number; reason: string };
  assert.deepEqual([info.markers.length, gap.type, reason], [1, "gap", "slow"]);
  // 20 s less the 8 blocks that wait beside the one that is stuck, to within a block.
  assert.ok(samples >= 11 * RATE && samples <= 13 * RATE, `${samples / RATE} s`);
  assert.equal(recorder.samplesLost, samples);
  const expected = user.map((_, index) =>
    index >= gap.position && index < gap.position + samples ? 0 : counted(index)
  );
  // The first sound fades in.
  assertSame(user.subarray(100), expected.subarray(100), "the user's side");
  assert.equal(told.filter((line) => line === "warning CA1 recording_too_slow").length, 1);
});

Deno.test("A wall clock that jumps moves no sample of a recording", async () => {
  const steady = await record(storeWith({}), () => {});
  const jumping = await record(storeWith({}), (ms, clock) => {
    if (ms % 7000 !== 0) return;
    const hours = ms % 14_000 === 0 ? -5 : 3;
    clock.setWallTime(clock.wallTime() + hours * 3_600_000);
  });
  assertSame(jumping.user, steady.user, "the user's side");
  assert.deepEqual({ ...jumping.info, startedAt: 0 }, { ...steady.info, startedAt: 0 });
  assert.equal(jumping.info.samples, SECONDS * RATE);
  assert.equal(jumping.recorder.samplesLost, 0);
});
