import assert from "node:assert/strict";
import { Resampler } from "../../static/audio/resampler.js";

const TAU = 2 * Math.PI;

/** A source of `sample(n)` on both sides. */
function source(sample: (n: number) => number) {
  let n = 0;
  return {
    user: 0,
    bot: 0,
    get taken() {
      return n;
    },
    take() {
      this.user = this.bot = sample(n++);
    },
  };
}

/** One second of a tone of amplitude 1, brought to `outputRateHz`; the filter's onset is cut off. */
function resampledTone(toneHz: number, inputRateHz: number, outputRateHz: number): Float32Array {
  const resampler = new Resampler(inputRateHz, outputRateHz);
  const tone = source((n) => Math.sin(TAU * toneHz * n / inputRateHz));
  const out = new Float32Array(1.2 * outputRateHz);
  resampler.process(tone, 1, out, new Float32Array(out.length), 0, out.length);
  return out.subarray(0.1 * outputRateHz, 1.1 * outputRateHz);
}

/** Amplitude at `hz`, of whole seconds, through a Hann window. */
function amplitude(samples: Float32Array, hz: number, rateHz: number): number {
  let re = 0;
  let im = 0;
  for (let i = 0; i < samples.length; i++) {
    const windowed = samples[i] * (1 - Math.cos(TAU * i / samples.length));
    re += windowed * Math.cos(TAU * hz * i / rateHz);
    im += windowed * Math.sin(TAU * hz * i / rateHz);
  }
  return 2 * Math.hypot(re, im) / samples.length;
}

/** What is left of `samples` without the best-fitting sine of `hz`, in dB below it. */
function signalToNoiseDb(samples: Float32Array, hz: number, rateHz: number): number {
  let c = 0;
  let s = 0;
  for (let i = 0; i < samples.length; i++) {
    c += 2 * samples[i] * Math.cos(TAU * hz * i / rateHz) / samples.length;
    s += 2 * samples[i] * Math.sin(TAU * hz * i / rateHz) / samples.length;
  }
  let noise = 0;
  for (let i = 0; i < samples.length; i++) {
    const angle = TAU * hz * i / rateHz;
    noise += (samples[i] - c * Math.cos(angle) - s * Math.sin(angle)) ** 2;
  }
  return 10 * Math.log10((c * c + s * s) / 2 / (noise / samples.length));
}

const db = (ratio: number) => 20 * Math.log10(ratio);

for (const [input, edge] of [[8000, 3400], [16_000, 7000]]) {
  for (const output of [44_100, 48_000]) {
    Deno.test(`Resampler is flat, clean and free of images from ${input} to ${output} Hz`, () => {
      for (const tone of [100, 300, 1000, 0.3 * input, edge]) {
        const out = resampledTone(tone, input, output);
        const rippleDb = db(amplitude(out, tone, output));
        assert.ok(Math.abs(rippleDb) < 0.05, `${tone} Hz: ${rippleDb} dB`);
        const snr = signalToNoiseDb(out, tone, output);
        assert.ok(snr > 70, `${tone} Hz: SNR ${snr} dB`);
        for (const image of [input - tone, input + tone, 2 * input - tone]) {
          const imageDb = db(amplitude(out, image, output));
          assert.ok(imageDb < -70, `${tone} Hz at ${image} Hz: ${imageDb} dB`);
        }
      }
    });
  }
}

Deno.test("Resampler from 16 to 8 kHz, a narrowband headset, does not alias", () => {
  const out = resampledTone(5000, 16_000, 8000);
  assert.ok(db(amplitude(out, 3000, 8000)) < -70);
  assert.ok(Math.abs(db(amplitude(resampledTone(3400, 16_000, 8000), 3400, 8000))) < 0.05);
});

Deno.test("Resampler.process() does not click while its ratio moves", () => {
  const resampler = new Resampler(8000, 48_000);
  const out = new Float32Array(96_000);
  const other = new Float32Array(96_000);
  const tone = source((n) => Math.sin(TAU * 1000 * n / 8000));
  for (let at = 0; at < out.length; at += 128) {
    const speed = 1 + 0.005 * Math.sign(Math.sin(at / 2000));
    resampler.process(tone, speed, out, other, at, Math.min(out.length, at + 128));
  }
  let worst = 0;
  for (let i = 1000; i < out.length; i++) {
    worst = Math.max(worst, Math.abs(out[i] - 2 * out[i - 1] + out[i - 2]));
  }
  // A sine bends by its squared step: what exceeds that, 1 % for the faster ratio, would be a click.
  assert.ok(worst < 1.02 * (TAU * 1000 / 48_000) ** 2, `second difference ${worst}`);
});

Deno.test("Resampler.process() answers the same in any pieces", () => {
  const whole = new Float32Array(1000);
  const pieces = new Float32Array(1000);
  for (const [out, size] of [[whole, 1000], [pieces, 7]] as const) {
    const resampler = new Resampler(8000, 44_100);
    const tone = source((n) => Math.sin(n / 3));
    const other = new Float32Array(1000);
    for (let at = 0; at < 1000; at += size) {
      resampler.process(tone, 1.001, out, other, at, Math.min(1000, at + size));
    }
  }
  assert.deepEqual(pieces, whole);
});

Deno.test("Resampler.process() reads as much input as the ratio says", () => {
  const resampler = new Resampler(8000, 48_000);
  const ramp = source((n) => n);
  const out = new Float32Array(48_000);
  resampler.process(ramp, 1.005, out, new Float32Array(out.length), 0, out.length);
  assert.ok(Math.abs(ramp.taken - 8040) <= 1, `${ramp.taken} samples`);
});

Deno.test("Resampler at equal rates passes both sides on to the bit, and tells where it is", () => {
  const resampler = new Resampler(16_000, 16_000);
  const sides = source((n) => (n * 7919) % 32768);
  const user = new Float32Array(100);
  const bot = new Float32Array(100);
  resampler.begin(sides);
  resampler.process(sides, 1, user, bot, 0, 100);
  const expected = Float32Array.from({ length: 100 }, (_, n) => (n * 7919) % 32768);
  assert.deepEqual(user.map((sample) => Math.round(sample) + 0), expected);
  assert.deepEqual(bot, user);
  assert.equal(sides.taken - resampler.lag, 100);
});
