import assert from "node:assert/strict";
import { JitterBuffer } from "../../static/audio/jitter_buffer.js";
import { play, seeded } from "./network.ts";

/** Cheaper to simulate than 48 kHz, and nothing here depends on it. */
const OUTPUT = { outputRateHz: 8000, batch: 1 };
/** From the first sample of a frame to its being sent: part of every delay seen from the call. */
const FRAMING_MS = 50;

function newBuffer(): JitterBuffer {
  return new JitterBuffer({ inputRateHz: 8000, channels: 2, outputRateHz: 16_000 });
}

for (const ppm of [-100, 100]) {
  Deno.test(`JitterBuffer plays 30 minutes at ${ppm} ppm and 5 to 80 ms jitter without an underrun`, () => {
    const random = seeded(24);
    let longestMs = 0;
    const buffer = play({
      ...OUTPUT,
      seconds: 1800,
      ppm,
      delayMs: () => 5 + 75 * random(),
      after: ({ ms, delayMs }) => {
        if (ms > 60_000) longestMs = Math.max(longestMs, delayMs);
      },
    });
    const { underruns, skips } = buffer.status;
    assert.deepEqual({ underruns, skips }, { underruns: 0, skips: 0 });
    assert.ok(longestMs < 210, `delay rose to ${longestMs} ms`);
  });
}

Deno.test("JitterBuffer settles at 60 ms on a quiet network", () => {
  const delays: number[] = [];
  play({
    ...OUTPUT,
    seconds: 600,
    delayMs: () => 5,
    after: ({ ms, delayMs }) => void (ms > 500_000 && delays.push(delayMs)),
  });
  const mean = delays.reduce((sum, delay) => sum + delay, 0) / delays.length;
  const bufferMs = mean - FRAMING_MS - 5;
  assert.ok(bufferMs > 55 && bufferMs < 80, `mean ${bufferMs} ms`);
});

for (const told of [true, false]) {
  const how = told ? "and is told" : "and nobody says so";
  Deno.test(`JitterBuffer is back at its target 2 s after the device stood still for 10 s ${how}`, () => {
    let wokenMs = 0;
    let worstMs = 0;
    play({
      ...OUTPUT,
      seconds: 60,
      delayMs: () => 20,
      suspended: (ms) => ms > 30_000 && ms < 40_000,
      after: ({ ms, buffer, delayMs }) => {
        if (ms >= 40_000 && wokenMs === 0) {
          wokenMs = ms;
          if (told) buffer.discard();
        }
        const excess = delayMs - FRAMING_MS - 20 - buffer.status.targetMs;
        if (wokenMs > 0 && ms > wokenMs + 2000) worstMs = Math.max(worstMs, excess);
      },
    });
    assert.ok(worstMs < 50, `${worstMs} ms above target`);
  });
}

/** The minimal player: a queue without bound that starts at once. Answers how often it ran dry. */
function referenceUnderruns(seconds: number, delayMs: (n: number) => number): number {
  let queuedMs = 0;
  let underruns = 0;
  let dry = true;
  let frame = 0;
  let next = 50 + delayMs(0);
  for (let ms = 0; ms < seconds * 1000; ms += 16) {
    while (next <= ms) {
      queuedMs += 50;
      frame++;
      next = Math.max(next, (frame + 1) * 50 + delayMs(frame));
    }
    if (queuedMs >= 16) {
      queuedMs -= 16;
      dry = false;
    } else {
      if (!dry) underruns++;
      queuedMs = 0;
      dry = true;
    }
  }
  return underruns;
}

for (const seed of [1, 2]) {
  Deno.test(`JitterBuffer runs dry no more than an unbounded queue on a heavy tail (seed ${seed})`, () => {
    const pareto = () => {
      const random = seeded(seed);
      return () => 10 + Math.min(900, 8 * (1 - random()) ** -0.5);
    };
    const { underruns } = play({ ...OUTPUT, seconds: 1800, delayMs: pareto() }).status;
    const reference = referenceUnderruns(1800, pareto());
    assert.ok(underruns <= reference, `${underruns} against ${reference}`);
  });
}

Deno.test("JitterBuffer fades where it runs dry and where it starts again", () => {
  const tone = (i: number) => 0.5 * Math.cos(2 * Math.PI * 300 * i / 8000);
  let worst = 0;
  let before = [0, 0];
  const buffer = play({
    seconds: 25,
    sample: tone,
    // Every 5 s the network holds everything up, each time for 200 ms longer.
    delayMs: (n) => 20 + Math.max(0, 200 * Math.floor(n / 100) - 50 * (n % 100)),
    after: ({ out }) => {
      for (const sample of out) {
        worst = Math.max(worst, Math.abs(sample - 2 * before[1] + before[0]));
        before = [before[1], sample];
      }
    },
  });
  assert.equal(buffer.status.underruns, 4);
  // The tone itself bends by 0.5 (2 pi 300 / 48000)^2 = 0.0008 a sample; a hard cut by up to 0.5.
  assert.ok(worst < 0.004, `second difference ${worst}`);
});

Deno.test("JitterBuffer counts a stall as an underrun, and what the server dropped as none", () => {
  const stall = play({ ...OUTPUT, seconds: 20, delayMs: (n) => n === 200 ? 520 : 20 });
  assert.equal(stall.status.underruns, 1);
  const dropped = play({ ...OUTPUT, seconds: 20, delayMs: () => 20, sent: (n) => n % 100 !== 60 });
  assert.equal(dropped.status.underruns, 0);
});

Deno.test("JitterBuffer.end() plays the tail to its end", () => {
  const buffer = newBuffer();
  const frame = new Int16Array(800).fill(8000);
  buffer.push(frame, 0);
  buffer.end();
  const out = new Float32Array(128);
  let heard = 0;
  for (let ms = 0; !buffer.status.finished && ms < 1000; ms += 8) {
    buffer.pull(out, ms);
    heard += out.filter((sample) => Math.abs(sample) > 0.4).length;
  }
  // 50 ms at 16 kHz, less what lies below 0.4 of two 5 ms fades to 0.49.
  assert.ok(heard > 680 && heard < 690, `${heard} frames`);
  assert.equal(buffer.status.finished, true);
});

Deno.test("JitterBuffer.push() holds at most its ring while nothing is played", () => {
  const buffer = newBuffer();
  for (let n = 0; n < 1000; n++) buffer.push(new Int16Array(800), n * 50);
  assert.ok(buffer.status.queueMs <= 4096, `${buffer.status.queueMs} ms`);
  buffer.pull(new Float32Array(128), 50_000);
  assert.equal(buffer.status.skips, 1 + 1, "the overflow, and the skip to the target");
});

Deno.test("JitterBuffer plays the saturating sum of both sides", () => {
  const buffer = newBuffer();
  const frame = new Int16Array(800).fill(30000);
  for (let n = 0; n < 4; n++) buffer.push(frame, n * 50);
  const out = new Float32Array(128);
  for (let ms = 150; ms < 220; ms += 8) buffer.pull(out, ms);
  for (const sample of out) assert.ok(Math.abs(sample - 32767 / 32768) < 1e-4, `${sample}`);
  assert.equal(buffer.user.peak, 30000 / 32768);
  assert.equal(buffer.bot.peak, 30000 / 32768);
});

Deno.test("JitterBuffer refuses a rate or a channel count it cannot play", () => {
  const good = { inputRateHz: 8000, channels: 2, outputRateHz: 48_000 };
  assert.throws(() => new JitterBuffer({ ...good, inputRateHz: 4000 }), /received 4000/);
  assert.throws(() => new JitterBuffer({ ...good, channels: 3 }), /received 3/);
});
