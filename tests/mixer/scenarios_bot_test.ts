import assert from "node:assert/strict";
import type { CallRate } from "../../mixer/timeline.ts";
import { testWith } from "../support/programs.ts";
import { seededRandom } from "../support/random.ts";
import { clickDbfs, p95, speechCuts, telephoneSpeech } from "./support/clicks.ts";
import { Simulation } from "./support/simulation.ts";
import { constant, ramp, TrackRig } from "./support/track_rig.ts";

for (const sampleRate of [8000, 16000] as CallRate[]) {
  const per = sampleRate / 1000;

  Deno.test(`Scenario 9: ten seconds of speech in 200 ms are spoken whole, at ${sampleRate} Hz`, async () => {
    for (const chunkMs of [1, 20, 100, 1000, 10_000]) {
      const call = new Simulation({ durationMs: 15_000, sampleRate });
      const speech = ramp(10_000 * per);
      for (let ms = 0; ms < 10_000; ms += chunkMs) {
        const chunk = speech.subarray(ms * per, (ms + chunkMs) * per);
        call.at(1234.5 + ms / 50, () => call.bot.push(chunk));
      }
      await call.run();
      const start = call.timeline.positionAt(call.timeline.startMs + 1234.5);
      for (const lane of [call.live.bot, call.recorded.bot]) {
        assert.equal(lane.findIndex((sample) => sample !== 0), start);
        assert.deepEqual(lane.subarray(start, start + speech.length), speech);
        assert.ok(lane.subarray(start + speech.length).every((sample) => sample === 0));
      }
      assert.equal(call.bot.stats.gaps, 0);
    }
  });

  Deno.test(`Scenario 10: a first word at 7.3 s has 7.3 s of silence before it, at ${sampleRate} Hz`, async () => {
    const call = new Simulation({ durationMs: 9000, sampleRate });
    call.at(7300, () => call.bot.push(ramp(500 * per)));
    await call.run();
    for (const lane of [call.live.bot, call.recorded.bot]) {
      assert.ok(lane.subarray(0, 7300 * per).every((sample) => sample === 0));
      assert.deepEqual(lane.subarray(7300 * per, 7800 * per), ramp(500 * per));
    }
    assert.deepEqual(call.sources.slice(145, 157), [0, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 0]);
  });

  Deno.test(`Scenario 11: after a barge-in nothing queued is heard, at ${sampleRate} Hz`, async () => {
    for (const cutMs of [1500, 1501.3, 1549.9, 2222.2, 9000]) {
      const call = new Simulation({ durationMs: 20_000, sampleRate });
      // All of it is negative and queued before the barge-in; the answer to it is positive.
      const queued = ramp(10_000 * per).map((sample) => -sample);
      call.at(1000, () => call.bot.push(queued));
      call.at(cutMs, () => call.bot.clear());
      call.at(cutMs + 700, () => call.bot.push(ramp(1000 * per)));
      await call.run();
      const start = 1000 * per;
      const cut = Math.floor(cutMs * per);
      for (const lane of [call.live.bot, call.recorded.bot]) {
        assert.deepEqual(lane.subarray(start, cut), queued.subarray(0, cut - start));
        const silent = cut + 10 * per;
        assert.ok(lane.subarray(silent).every((sample) => sample >= 0), "0 queued samples heard");
        const answer = Math.floor((cutMs + 700) * per);
        assert.ok(lane.subarray(silent, answer).every((sample) => sample === 0));
        assert.deepEqual(lane.subarray(answer, answer + 1000 * per), ramp(1000 * per));
      }
    }
  });
}

testWith(["espeak-ng", "sox"], "Scenario 12: 400 barge-ins do not click", async () => {
  const speech = await telephoneSpeech();
  const random = seededRandom(400);
  const faded: number[] = [];
  const hard: number[] = [];
  for (const cut of speechCuts(speech, 400, random)) {
    const rig = new TrackRig("speech", { edgeFadeMs: 5 });
    // 60 ms of it have been spoken, or are about to be, when it is cut off in the middle.
    rig.to(50);
    rig.track.push(speech.subarray(cut - 640, cut + 4000));
    rig.to(50 + 80);
    rig.read(100 * Math.floor(2 * random()));
    rig.track.clear();
    rig.to(1000);
    const lane = new Int16Array(2400);
    rig.track.reader().read(0, lane);
    faded.push(clickDbfs(lane, 130 * 8));
    assert.ok(lane.subarray(140 * 8).every((sample) => sample === 0));
    hard.push(clickDbfs(lane.fill(0, 130 * 8), 130 * 8));
  }
  if (Deno.env.has("REPORT")) {
    console.log("barge-in p95", p95(faded).toFixed(1), "max", Math.max(...faded).toFixed(1));
    console.log("hard cut p95", p95(hard).toFixed(1));
  }
  assert.ok(p95(faded) <= -80, `${p95(faded)} dBFS`);
  assert.ok(p95(hard) > -60, `the measure sees clicks: ${p95(hard)} dBFS`);
});

Deno.test("Speech queued before a pause is silent during it and goes on after it, at its time", async () => {
  const call = new Simulation({ durationMs: 14_000 });
  call.at(1000, () => call.bot.push(ramp(80_000)));
  call.at(3000, () => call.bot.pause());
  call.at(5500, () => call.bot.resume());
  await call.run();
  const expected = new Int16Array(call.live.bot.length);
  expected.set(ramp(80_000), 8000);
  expected.fill(0, 24_000, 44_000);
  assert.deepEqual(call.live.bot, expected);
  assert.deepEqual(call.recorded.bot, expected);
  assert.equal(call.sources[80], 0, "muted speech counts as silence");
});

Deno.test("A barge-in during a pause discards what would go on after it", async () => {
  const call = new Simulation({ durationMs: 14_000 });
  call.at(1000, () => call.bot.push(ramp(80_000).map((sample) => -sample)));
  call.at(3000, () => call.bot.pause());
  call.at(4000, () => call.bot.clear());
  call.at(5000, () => call.bot.push(constant(8000, -31_000)));
  call.at(5500, () => call.bot.resume());
  call.at(7000, () => call.bot.push(constant(8000, 7)));
  await call.run();
  for (const lane of [call.live.bot, call.recorded.bot]) {
    assert.ok(lane.subarray(24_000).every((sample) => sample >= 0));
    assert.equal(lane.indexOf(7), 56_000);
  }
});
