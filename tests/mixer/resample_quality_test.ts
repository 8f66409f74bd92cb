import assert from "node:assert/strict";
import { Resampler } from "../../mixer/resample.ts";
import { run, testWith } from "../support/programs.ts";
import { decibels, fitTone, rms, seededRandom, tone } from "./tones.ts";

/** Input and output rate in Hz; the last three have ratios awkward enough to be interpolated. */
const RATES = [
  ...[16000, 22050, 24000, 44100, 48000].map((rateHz) => [rateHz, 8000]),
  ...[8000, 22050, 24000, 44100, 48000].map((rateHz) => [rateHz, 16000]),
  [8009, 8000],
  [37123, 8000],
  [47999, 16000],
];

function resample(inputRateHz: number, outputRateHz: number, input: Int16Array): Int16Array {
  const resampler = new Resampler(inputRateHz, outputRateHz);
  const body = resampler.process(input).slice();
  const tail = resampler.flush();
  const output = new Int16Array(body.length + tail.length);
  output.set(body);
  output.set(tail, body.length);
  return output;
}

for (const [inputRateHz, outputRateHz] of RATES) {
  const rates = `${inputRateHz} to ${outputRateHz}`;
  const narrowHz = Math.min(inputRateHz, outputRateHz) / 2;
  const passHz = narrowHz < 8000 ? 3400 : 7000;
  const length = Math.round(inputRateHz / 5);
  // What is measured lies inside: the tone begins and ends at once, which is sound of its own.
  const margin = outputRateHz / 50;
  const end = outputRateHz / 5 - margin;

  Deno.test(`Resampler keeps tones to ${passHz} Hz within 0.05 dB and in phase, ${rates}`, () => {
    for (let hz = 100; hz <= passHz; hz += 150) {
      const output = resample(inputRateHz, outputRateHz, tone(hz, inputRateHz, length));
      const fit = fitTone(output, hz, outputRateHz, margin, end);
      const change = decibels(fit.amplitude, 32000);
      assert.ok(Math.abs(change) <= 0.05, `${hz} Hz changes by ${change} dB`);
      const lagSamples = fit.phase * outputRateHz / (2 * Math.PI * hz);
      assert.ok(Math.abs(lagSamples) < 1e-3, `${hz} Hz is shifted by ${lagSamples} samples`);
    }
  });

  Deno.test(`Resampler makes no alias, image or noise above -80 dB, ${rates}`, () => {
    for (let hz = 130; hz < inputRateHz / 2; hz += 190) {
      const input = tone(hz, inputRateHz, length);
      const output = resample(inputRateHz, outputRateHz, input);
      // Beyond the narrower band nothing of a tone may be left; within, nothing but the tone.
      const unwanted = hz >= narrowHz
        ? rms(output, margin, end)
        : fitTone(output, hz, outputRateHz, margin, end).residualRms;
      const level = decibels(unwanted, 32000 / Math.SQRT2);
      assert.ok(level <= -80, `${hz} Hz leaves ${level} dB`);
    }
  });

  testWith(
    ["sox"],
    `Resampler agrees with sox rate -v -L to 70 dB at lag 0, ${rates}`,
    async () => {
      const input = bandLimitedNoise(inputRateHz, inputRateHz, 20260102);
      const raw = ["-t", "raw", "-e", "signed", "-b", "16", "-L", "-c", "1"];
      const arguments_ = ["-D", ...raw, "-r", `${inputRateHz}`, "-", ...raw, "-"];
      const effect = ["rate", "-v", "-L", `${outputRateHz}`];
      const bytes = await run("sox", [...arguments_, ...effect], new Uint8Array(input.buffer));
      const expected = new Int16Array(bytes.slice().buffer);
      const output = resample(inputRateHz, outputRateHz, input);
      assert.ok(Math.abs(expected.length - output.length) <= 1);
      const difference = output.map((sample, i) => sample - (expected[i] ?? 0));
      const ratio = decibels(rms(output), rms(difference));
      assert.ok(ratio > 70, `signal to difference is ${ratio} dB`);
    },
  );
}

Deno.test("Resampler does not drift: after 40 s a tone is still in phase", () => {
  for (const [inputRateHz, outputRateHz] of [[11025, 8000], [12347, 8000]]) {
    const output = resample(inputRateHz, outputRateHz, tone(1000, inputRateHz, 40 * inputRateHz));
    assert.equal(output.length, 40 * outputRateHz);
    const { phase } = fitTone(output, 1000, outputRateHz, 39.8 * outputRateHz, 39.9 * outputRateHz);
    assert.ok(Math.abs(phase) < 1e-3, `${inputRateHz} to ${outputRateHz}: ${phase} rad`);
  }
});

/** Noise of 300 to 3200 Hz and nothing else, with a soft start and end; RMS about -15 dBFS. */
function bandLimitedNoise(
  length: number,
  rateHz: number,
  seed: number,
): Int16Array<ArrayBuffer> {
  const random = seededRandom(seed);
  const sum = new Float64Array(length);
  const tones = 60;
  for (let i = 0; i < tones; i++) {
    const step = 2 * Math.PI * (300 + 2900 * random()) / rateHz;
    const phase = 2 * Math.PI * random();
    for (let at = 0; at < length; at++) sum[at] += Math.sin(step * at + phase);
  }
  const fade = length / 10;
  return Int16Array.from(sum, (value, at) => {
    const fromEdge = Math.min(1, at / fade, (length - 1 - at) / fade);
    return Math.round(1000 * value * Math.sin(fromEdge * Math.PI / 2) ** 2);
  });
}
