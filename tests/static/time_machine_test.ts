import assert from "node:assert/strict";
import { seededRandom } from "../support/random.ts";
import { indexError, indexSound } from "./index_sound.ts";
import { SimulatedCall, type SimulatedCallOptions } from "./simulated_call.ts";
import { SimulatedListening } from "./simulated_listening.ts";

const SEED = 24;

/** A call that has run for `ms` and is being listened to live. */
async function listening(ms: number, options: SimulatedCallOptions = {}, deviceHz?: number) {
  const call = new SimulatedCall(indexSound, options);
  const listener = new SimulatedListening(call, deviceHz === undefined ? {} : { rateHz: deviceHz });
  listener.clock.stall(ms);
  call.step(listener.clock.now());
  listener.open();
  await listener.until(({ playing }) => playing);
  return { call, listener };
}

/** Largest distance, in samples, between what was said and what was heard, and how often it was told. */
function agreement({ statuses, heard }: SimulatedListening, step = 1) {
  let worst = 0;
  let checked = 0;
  for (const { playing, frame, position } of statuses) {
    const error = playing ? indexError(heard, frame, position, step) : undefined;
    if (error === undefined) continue;
    checked++;
    worst = Math.max(worst, Math.abs(error));
  }
  if (step === 1) worst = Math.round(worst);
  return { worst, checked };
}

/** Positions heard from device frame `from` on, one after the other, where the sound is untouched. */
function heardIndexes({ heard, frames }: SimulatedListening, from = 0): number[] {
  const indexes: number[] = [];
  for (let frame = from + 4; frame < frames - 4; frame++) {
    const error = indexError(heard, frame, 0);
    if (error !== undefined) indexes.push(Math.round(error));
  }
  return indexes;
}

/** How often what is heard does not go on by one. */
function breaks(indexes: number[]): number {
  let count = 0;
  for (let i = 1; i < indexes.length; i++) {
    const step = indexes[i] - indexes[i - 1];
    if (step !== 1 && step !== 1 - 32_749) count++;
  }
  return count;
}

Deno.test("TimeMachine: 100 random jumps, position told and sound heard agree to the sample", async () => {
  const { listener } = await listening(60_000);
  const random = seededRandom(SEED);
  for (let n = 0; n < 100; n++) {
    const seconds = random() * listener.status.edge / 16_000;
    listener.machine.seek(seconds);
    const ms = 300 + 500 * random();
    await listener.run(ms);
    const { playing, position, live } = listener.status;
    const playedMs = (position / 16_000 - seconds) * 1000;
    assert.ok(playing && !live, `jump ${n} to ${seconds} s`);
    assert.ok(playedMs > 0 && playedMs <= ms, `jump ${n}: ${playedMs} of ${ms} ms`);
  }
  const { worst, checked } = agreement(listener);
  assert.ok(checked > 900, `${checked} checked`);
  assert.equal(worst, 0);
  listener.machine.goLive();
  await listener.until(({ live, playing }) => live && playing, 500);
});

for (const rateHz of [8000, 16_000]) {
  for (const deviceHz of [44_100, 48_000]) {
    Deno.test(`TimeMachine: position and sound agree from ${rateHz} to ${deviceHz} Hz, live and past`, async () => {
      const { listener } = await listening(20_000, { rateHz }, deviceHz);
      await listener.run(6000);
      listener.machine.seek(7.89);
      await listener.run(3000);
      const { worst, checked } = agreement(listener, rateHz / deviceHz);
      assert.ok(checked > 150, `${checked} checked`);
      assert.ok(worst < 0.5, `${worst} samples`);
    });
  }
}

Deno.test("TimeMachine holds two minutes at most, and opens the stream again without a seam", async () => {
  const { call, listener } = await listening(300_000);
  listener.machine.seek(10);
  await listener.run(1000);
  const from = listener.frames;
  let most = 0;
  for (let n = 0; n < 200; n++) {
    await listener.run(1000);
    most = Math.max(most, listener.machine.waitingSeconds);
  }
  assert.ok(most > 110 && most <= 121, `${most} s`);
  assert.ok(call.sockets.length >= 3 && call.sockets.length < 8, `${call.sockets.length} sockets`);
  assert.equal(breaks(heardIndexes(listener, from)), 0);
  assert.equal(listener.status.underruns, 0);
  assert.ok(Math.abs(listener.status.position / 16_000 - 211) < 0.3);
});

Deno.test("TimeMachine: faster than time, the past arrives at the present, and goes on at its speed", async () => {
  const { listener } = await listening(60_000);
  listener.machine.seek(50);
  listener.player.onPage({ type: "speed", speed: 2 });
  await listener.run(2000);
  const before = listener.status.position;
  await listener.run(3000);
  const speed = (listener.status.position - before) / 16_000 / 3;
  assert.ok(speed > 1.95 && speed < 2.05, `speed ${speed}`);
  await listener.until(({ live }) => live, 8000);
  await listener.run(3000);
  const { speed: settled, latency, underruns } = listener.status;
  assert.deepEqual([settled, underruns], [1, 0]);
  assert.ok(latency.bufferMs < 160, `${latency.bufferMs} ms`);
  // Where two places are blended, both are heard: they lie 25 ms apart at most.
  assert.ok(agreement(listener).worst < 0.025 * 16_000);
});

Deno.test("TimeMachine: pause and play lose nothing", async () => {
  const { listener } = await listening(30_000);
  await listener.run(1000);
  listener.player.onPage({ type: "pause" });
  await listener.run(50);
  const at = listener.status.position;
  await listener.run(150_000);
  assert.equal(listener.status.position, at);
  assert.ok(listener.machine.waitingSeconds <= 121);
  listener.player.onPage({ type: "play" });
  const from = listener.frames;
  await listener.run(3000);
  const indexes = heardIndexes(listener, from);
  assert.equal(breaks(indexes), 0);
  // What is taken for untouched begins after the fade in, 5 ms.
  assert.ok(Math.abs(listener.status.position - at - 3 * 16_000) < 1600);
  assert.ok(listener.status.live === false && listener.status.edge - at > 149 * 16_000);
});

Deno.test("TimeMachine: when the call ends the recording goes on where the stream stopped", async () => {
  const { call, listener } = await listening(200_000, { endsMs: 210_000 });
  listener.machine.seek(5);
  await listener.run(1000);
  const from = listener.frames;
  await listener.run(20_000);
  assert.equal(call.hasEnded, true);
  await listener.until(({ finished }) => finished, 200_000);
  assert.ok(call.ranges > 10, `${call.ranges} ranges`);
  assert.equal(breaks(heardIndexes(listener, from)), 0);
  assert.equal(listener.status.position, 210 * 16_000);
  assert.equal(listener.status.edge, 210 * 16_000);
  listener.machine.seek(100);
  await listener.run(1000);
  assert.ok(Math.abs(listener.status.position / 16_000 - 100.9) < 0.2);
  assert.deepEqual(agreement(listener).worst, 0);
});

Deno.test("TimeMachine: a live listener hears the tail, and can go back when the call is over", async () => {
  const { listener } = await listening(20_000, { endsMs: 25_000 });
  await listener.until(({ finished }) => finished, 10_000);
  assert.equal(listener.status.position, 25 * 16_000);
  listener.machine.seek(3);
  await listener.run(2000);
  const { playing, finished, position } = listener.status;
  assert.deepEqual([playing, finished], [true, false]);
  assert.ok(Math.abs(position / 16_000 - 4.9) < 0.2, `${position / 16_000} s`);
});

Deno.test("TimeMachine: an ended call that was not recorded ends where the stream did", async () => {
  const { listener } = await listening(20_000, { endsMs: 25_000, recorded: false });
  listener.machine.seek(15);
  await listener.until(({ finished }) => finished, 20_000);
  assert.equal(listener.status.position, 25 * 16_000);
});

Deno.test("TimeMachine.openRecording() begins where it is told, and plays to the end", async () => {
  const call = new SimulatedCall(indexSound, { endsMs: 60_000, rateHz: 8000 });
  const listener = new SimulatedListening(call);
  listener.clock.stall(100_000);
  call.step(listener.clock.now());
  listener.machine.openRecording({ url: "http://host/calls/a/recording?token=k", from: 55.5 });
  await listener.run(1000);
  assert.ok(
    Math.abs(listener.status.position / 8000 - 56.4) < 0.1,
    `${listener.status.position / 8000}`,
  );
  await listener.until(({ finished }) => finished, 6000);
  assert.equal(listener.status.position, 60 * 8000);
  assert.equal(breaks(heardIndexes(listener)), 0);
});

Deno.test("TimeMachine: after a lost connection nothing is repeated, and nothing lost in the past", async () => {
  const { call, listener } = await listening(60_000);
  listener.machine.seek(20);
  await listener.run(1000);
  const from = listener.frames;
  call.breakSockets();
  await listener.run(5000);
  call.breakSockets();
  await listener.run(5000);
  assert.equal(breaks(heardIndexes(listener, from)), 0);
  assert.equal(call.sockets.length, 4);
});

Deno.test("TimeMachine: live, what was missed of a lost connection is played faster, and soon is live", async () => {
  const { call, listener } = await listening(60_000);
  await listener.run(5000);
  const from = listener.frames;
  const before = listener.status.latency.bufferMs;
  call.breakSockets();
  await listener.until(({ playing }) => !playing);
  await listener.until(({ playing }) => playing);
  await listener.run(2000);
  const { latency, underruns, skips, live } = listener.status;
  assert.deepEqual([underruns, skips, live], [0, 0, true]);
  assert.ok(latency.bufferMs < before + 50, `${latency.bufferMs} ms after ${before} ms`);
  // Every leap ahead is short: nothing is missing but what the stretch leaves out.
  const indexes = heardIndexes(listener, from);
  for (let i = 1; i < indexes.length; i++) {
    const step = (indexes[i] - indexes[i - 1] + 32_749) % 32_749;
    assert.ok(step < 0.05 * 16_000, `${step} samples`);
  }
});

Deno.test("TimeMachine: a call whose past is not held that far begins where it is", async () => {
  const { listener } = await listening(200_000, { rewindSeconds: 60 });
  listener.machine.seek(10);
  await listener.run(1000);
  assert.ok(listener.status.position > 140 * 16_000);
  assert.equal(agreement(listener).worst, 0);
});

Deno.test("TimeMachine: a server without positions is heard live, after a loss too", async () => {
  const { call, listener } = await listening(60_000, { timeMachine: false });
  await listener.run(2000);
  call.breakSockets();
  await listener.run(8000);
  const { playing, live, latency } = listener.status;
  assert.deepEqual([playing, live], [true, true]);
  assert.ok(latency.bufferMs < 200, `${latency.bufferMs} ms`);
});

Deno.test("TimeMachine.seek() before the first frame goes where it was told, not to what is live", async () => {
  for (let waitMs = 0; waitMs <= 120; waitMs += 5) {
    const call = new SimulatedCall(indexSound);
    const listener = new SimulatedListening(call);
    listener.clock.stall(60_000);
    call.step(listener.clock.now());
    listener.open();
    await listener.run(waitMs);
    listener.machine.seek(30);
    await listener.run(1500);
    const { playing, position, live } = listener.status;
    const seconds = position / 16_000;
    assert.ok(playing && !live && seconds > 30 && seconds < 32, `${waitMs} ms: ${seconds} s`);
  }
});
