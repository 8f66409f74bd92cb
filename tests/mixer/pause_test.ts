import assert from "node:assert/strict";
import type { Track } from "../../mixer/track.ts";
import { seededRandom } from "../support/random.ts";
import { Simulation, type SimulationOptions } from "./support/simulation.ts";

/**
 * A call with pauses in which every sample that is received during one is negative, all others
 * positive: a single negative sample on any lane is a leak.
 */
class RedactedCall extends Simulation {
  paused = false;

  constructor(options: SimulationOptions, pauses: [number, number][]) {
    super(options);
    for (const [fromMs, toMs] of pauses) {
      this.at(fromMs, () => {
        this.paused = true;
        for (const track of [this.user, this.bot]) track.pause();
      });
      this.at(toMs, () => {
        this.paused = false;
        for (const track of [this.user, this.bot]) track.resume();
      });
    }
  }

  receive(track: Track, length: number, mediaMs?: number): void {
    track.push(new Int16Array(length).fill(this.paused ? -9000 : 9000), mediaMs);
  }

  assertNothingLeaked(): void {
    for (const lanes of [this.live, this.recorded]) {
      for (const side of ["user", "bot"] as const) {
        assert.equal(lanes[side].findIndex((sample) => sample < 0), -1, `${side} leaks`);
      }
    }
    assert.ok(!this.live.mix.some((sample) => sample < 0));
  }
}

for (const sampleRate of [8000, 16000] as const) {
  Deno.test(`Pauses let nothing through that is received in them, at ${sampleRate} Hz (seed 3)`, async () => {
    for (const timed of [false, true]) {
      const random = seededRandom(3);
      const pauses: [number, number][] = [];
      for (let ms = 1000; ms < 58_000; ms += 3000) {
        const from = ms + 800 * random();
        pauses.push([from, from + 1500 * random()]);
      }
      const call = new RedactedCall({ durationMs: 60_000, sampleRate }, pauses);
      // Jitter, and the network stalls now and then: before, in, across and after pauses.
      let arrivalMs = 0;
      let stalledUntilMs = 0;
      for (let ms = 20; ms < 60_000; ms += 20) {
        if (random() < 0.01) stalledUntilMs = ms + 3000 * random();
        arrivalMs = Math.max(arrivalMs, stalledUntilMs, ms + 60 * random());
        const mediaMs = ms - 20;
        call.at(
          arrivalMs,
          () => call.receive(call.user, sampleRate / 50, timed ? mediaMs : undefined),
        );
        if (random() < 0.01) {
          call.at(ms, () => call.receive(call.bot, Math.floor(8 * sampleRate * random())));
        }
      }
      await call.run();
      call.assertNothingLeaked();
      assert.ok(call.user.stats.redacted > 0 && call.bot.stats.redacted > 0);
      assert.equal(call.liveLength, 60 * sampleRate, "no time is cut");
    }
  });
}

Deno.test("A pause is silent from its first sample to its last, live and recorded", async () => {
  const call = new RedactedCall({ durationMs: 6000 }, [[2001, 4001]]);
  call.at(1000, () => call.receive(call.bot, 40_000));
  for (let ms = 20; ms <= 6000; ms += 20) call.at(ms, () => call.receive(call.user, 160));
  await call.run();
  call.assertNothingLeaked();
  for (const lanes of [call.live, call.recorded]) {
    for (const lane of [lanes.user, lanes.bot]) {
      assert.ok(lane.subarray(16_008, 32_008).every((sample) => sample === 0));
      assert.equal(lane[32_008], 9000);
    }
    assert.equal(lanes.bot[16_007], 9000);
    assert.equal(lanes.user[15_999], 9000, "the chunk after it had not been there yet");
  }
  assert.deepEqual(new Set(call.sources.slice(41, 80)), new Set([0]));
});

Deno.test("A network stall that spans a pause is repaired around it, and not within", async () => {
  const call = new RedactedCall({ durationMs: 10_000 }, [[3000, 4000]]);
  for (let ms = 20; ms <= 10_000; ms += 20) {
    call.at(ms > 2500 && ms < 4500 ? 4500 : ms, () => call.receive(call.user, 160));
  }
  await call.run();
  const recorded = call.recorded.user;
  assert.ok(recorded.subarray(0, 24_000).every((sample) => sample === 9000));
  assert.ok(recorded.subarray(24_000, 32_000).every((sample) => sample === 0));
  assert.ok(recorded.subarray(32_000, 79_000).every((sample) => sample === 9000));
});

Deno.test("A pause that never ends holds to the end of the call", async () => {
  const call = new RedactedCall({ durationMs: 20_000 }, [[2000, 99_000]]);
  call.at(500, () => call.receive(call.bot, 80_000));
  for (let ms = 20; ms < 20_000; ms += 20) call.at(ms, () => call.receive(call.user, 160));
  await call.run();
  call.assertNothingLeaked();
  assert.ok(call.recorded.bot.subarray(16_000).every((sample) => sample === 0));
  assert.equal(call.liveLength, 160_000);
});
