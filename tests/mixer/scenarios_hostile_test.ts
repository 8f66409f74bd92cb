import assert from "node:assert/strict";
import v8 from "node:v8";
import vm from "node:vm";
import { ArrivalPlacement } from "../../mixer/arrival_placement.ts";
import { ManualClock } from "../../mixer/clock.ts";
import { Holdback } from "../../mixer/holdback.ts";
import { Mixer } from "../../mixer/mixer.ts";
import { LIVE_AHEAD_MS, type Placement } from "../../mixer/placement.ts";
import { SpeechPlacement } from "../../mixer/speech_placement.ts";
import { Ticker } from "../../mixer/ticker.ts";
import { Timeline } from "../../mixer/timeline.ts";
import { TimestampPlacement } from "../../mixer/timestamp_placement.ts";
import { Track } from "../../mixer/track.ts";
import { TrackBuffer } from "../../mixer/track_buffer.ts";
import { seededRandom } from "../support/random.ts";
import { attack } from "./support/hostile.ts";

const MINUTES = 30;

function collectGarbage(): void {
  v8.setFlagsFromString("--expose-gc");
  vm.runInNewContext("gc")();
}

Deno.test("Scenario 22: half an hour of hostile bursts leaves memory where it was (seed 22)", async () => {
  const random = seededRandom(22);
  const clock = new ManualClock(777.7);
  const timeline = new Timeline(8000, clock.now());
  const ticker = new Ticker(clock);
  const holdback = new Holdback(timeline, { baseMs: 100 });
  const user = new Track({ clock, ticker, timeline, kind: "live" });
  const bot = new Track({ clock, ticker, timeline, kind: "speech" });
  const mixer = new Mixer({ timeline, ticker, holdback, user, bot });
  let next = 0;
  const drained = (async () => {
    for await (const frame of mixer.readable) {
      assert.equal(frame.position, next);
      next += frame.mix.length;
    }
  })();
  const used: number[] = [];
  for (let minute = 0; minute < MINUTES; minute++) {
    for (let ms = 0; ms < 60_000; ms += 250) {
      await clock.advance(random() < 0.5 ? 200 : 300);
      const nowMs = clock.now() - timeline.startMs;
      attack(user, nowMs, random);
      attack(bot, nowMs, random);
    }
    // Silence, so that queues of the moment do not count.
    if (minute % 5 === 4) {
      bot.clear();
      await clock.advance(20_000);
      collectGarbage();
      const { heapUsed, external } = Deno.memoryUsage();
      used.push(heapUsed + external);
    }
  }
  mixer.end(clock.now());
  await drained;
  if (Deno.env.has("REPORT")) console.log(used.map((bytes) => Math.round(bytes / 1024)));
  const perHour = ((used.at(-1)! - used[1]) / 20) * 60;
  assert.ok(Math.abs(perHour) < 512 * 1024, `${Math.round(perHour / 1024)} KiB an hour`);
  const { refused, redacted, gaps, reanchored } = user.stats;
  assert.ok(Math.min(refused, redacted, gaps, reanchored) > 300, "it was hostile");
});

for (const kind of ["live", "speech"] as const) {
  Deno.test(`What a ${kind} track keeps stays within its bounds, whatever is sent (seed 23)`, () => {
    const random = seededRandom(23);
    const timeline = new Timeline(8000, 0);
    const aheadMs = kind === "live" ? LIVE_AHEAD_MS : 120_000;
    const buffer = new TrackBuffer(timeline, aheadMs);
    const untimed: Placement = kind === "live"
      ? new ArrivalPlacement(buffer)
      : new SpeechPlacement(buffer, aheadMs);
    const timed = new TimestampPlacement(buffer, kind === "live" ? undefined : aheadMs);
    const samples = Int16Array.from({ length: 500_000 }, (_, index) => index % 30_000);
    let capacity = 0, runs = 0, mutes = 0;
    for (let now = 800; now < 8 * 600_000; now += 400) {
      for (let turn = 0; turn < 5; turn++) {
        const length = Math.floor(10 ** (random() * (random() < 0.01 ? 5.7 : 3)));
        const chunk = samples.subarray(0, length);
        const at = random();
        if (at < 0.3) untimed.place(chunk, now, 0, undefined);
        else if (at < 0.6) timed.place(chunk, now, 0, now + Math.floor((random() - 0.7) * 60_000));
        else if (at < 0.9) {
          for (let n = 0; n < 20; n++) timed.place(samples.subarray(0, 1), now, 0, now - 8 * n);
        } else if (at < 0.99) {
          buffer.mutes.active ? buffer.mutes.end(now + turn) : buffer.mutes.begin(now + turn);
        } else timed.restart(now);
      }
      untimed.settle(now);
      buffer.mixed(now - 800);
      capacity = Math.max(capacity, buffer.ring.capacity);
      runs = Math.max(runs, buffer.ring.runs.count);
      mutes = Math.max(mutes, buffer.mutes.count);
    }
    if (Deno.env.has("REPORT")) console.log(kind, { capacity, runs, mutes });
    // 5.4 s behind, what may be ahead, and 30 s for a stall; a ring doubles from 6 s on.
    const most = 5400 + aheadMs + 30_000;
    assert.ok(capacity <= 8 * 6000 * 2 ** Math.ceil(Math.log2(most / 6000)), `${capacity} samples`);
    assert.ok(runs <= (8 * most) / 2, `${runs} runs`);
    assert.ok(mutes <= (8 * 6400) / 2, `${mutes} mutes`);
  });
}
