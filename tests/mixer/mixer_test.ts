import assert from "node:assert/strict";
import { BOT, type MixedFrame, USER } from "../../mixer/mixer.ts";
import { collectFrames } from "./support/collect_frames.ts";
import { Simulation } from "./support/simulation.ts";
import { IndexedSource, PAUSES } from "./support/source.ts";
import { ramp } from "./support/track_rig.ts";

Deno.test("Mixer gives each frame when its time and the holdback are over", async () => {
  const call = new Simulation({ durationMs: 1000, holdbackMs: 150 });
  const got = collectFrames(call);
  await call.clock.advance(199.9);
  assert.equal(got.frames.length, 0);
  await call.clock.advance(0.2);
  assert.equal(got.frames.length, 1);
  await call.clock.advance(500);
  assert.deepEqual(got.frames.map((f) => f.position), [...Array(11).keys()].map((n) => n * 400));
  assert.equal(call.mixer.position, 4400);
});

Deno.test("MixedFrame.sources says which side supplied samples, zeros included", async () => {
  const call = new Simulation({ durationMs: 1000 });
  const got = collectFrames(call);
  call.at(50, () => call.user.push(new Int16Array(400)));
  call.at(110, () => call.bot.push(new Int16Array(1)));
  call.at(150, () => call.user.push(ramp(160)));
  call.at(160, () => call.bot.push(ramp(100)));
  await call.clock.advance(500);
  assert.deepEqual(got.frames.slice(0, 5).map((frame) => frame.sources), [
    USER,
    USER,
    BOT,
    0,
    0,
  ]);
});

Deno.test("Mixer uses the arrays of a frame again after 4 frames, not before", async () => {
  const call = new Simulation({ durationMs: 5000 });
  const frames: MixedFrame[] = [];
  (async () => {
    for await (const frame of call.mixer.readable) frames.push(frame);
  })();
  await call.clock.advance(2000);
  for (let n = 0; n + 4 < frames.length; n++) {
    assert.equal(frames[n], frames[n + 4]);
    assert.equal(new Set(frames.slice(n, n + 4).map((frame) => frame.mix)).size, 4);
  }
});

Deno.test("Mixer keeps both sinks of a tee within two frames of it, after a stall of 20 s too", async () => {
  const call = new Simulation({ durationMs: 60_000 });
  let worst = 0;
  const ends = call.mixer.readable.tee().map(async (branch) => {
    let next = 0;
    for await (const frame of branch) {
      assert.equal(frame.position, next);
      next += 400;
      worst = Math.max(worst, (call.mixer.position - frame.position) / 400);
    }
    return next;
  });
  await call.clock.advance(1000);
  call.clock.stall(20_000);
  await call.clock.advance(1000);
  call.mixer.end(call.clock.now());
  assert.deepEqual(await Promise.all(ends), [176_000, 176_000]);
  assert.ok(worst <= 3, `${worst} frames ahead`);
});

Deno.test("Stalls of our own event loop of 1 to 5 s lose nothing of the recording", async () => {
  const stalls = [1000, 2000, 5000].map((forMs, n) => ({ atMs: 12_007 * (n + 1), forMs }));
  const call = new Simulation({ durationMs: 50_000, stalls });
  const source = new IndexedSource(call, call.user);
  await call.run();
  for (const lane of [call.live.user, call.recorded.user]) {
    assert.equal(source.compare(lane).lost, 0);
  }
});

Deno.test("Holdback follows jitter up and comes down again in a call whose sender is never still", async () => {
  const call = new Simulation({ durationMs: 180_000 });
  const levels: number[] = [];
  const jitterMs = (ms: number) => ms < 20_000 && Math.floor(ms / 20) % 10 === 0 ? 160 : 0;
  let chunk = 0;
  const source = new IndexedSource(
    call,
    {
      push: (samples: Int16Array) => {
        const late = call.user.push(samples);
        if (late !== undefined) call.holdback.observe(late);
        if (chunk++ % 50 === 0) levels.push(call.holdback.currentMs);
        return late;
      },
    } as typeof call.user,
    { delayMs: jitterMs, silent: PAUSES },
  );
  await call.run();
  assert.ok(levels.slice(5, 80).every((ms) => ms === 200), `${levels.slice(0, 20)}`);
  assert.equal(levels.at(-1), 100);
  assert.equal(call.liveLength, 180 * 8000);
  assert.equal(source.compare(call.recorded.user).lost, 0);
});
