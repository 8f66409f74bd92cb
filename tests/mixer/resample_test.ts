import assert from "node:assert/strict";
import fc from "fast-check";
import { Resampler } from "../../mixer/resample.ts";
import { noise } from "./tones.ts";

/** Every listed pair of rates, and some whose ratio is awkward enough to be interpolated. */
const RATES = [
  ...[16000, 22050, 24000, 44100, 48000, 37123].map((rateHz) => [rateHz, 8000]),
  ...[8000, 11025, 22050, 24000, 44100, 48000, 47999].map((rateHz) => [rateHz, 16000]),
];

/** Resamples `input` to its end in chunks of the given lengths, repeated as often as it takes. */
function resampleInChunks(resampler: Resampler, input: Int16Array, lengths: number[]): Int16Array {
  const chunks: Int16Array[] = [];
  for (let i = 0, at = 0; at < input.length; i++) {
    const length = lengths[i % lengths.length];
    chunks.push(resampler.process(input.slice(at, at + length)).slice());
    at += length;
  }
  chunks.push(resampler.flush().slice());
  return Int16Array.from(chunks.flatMap((chunk) => [...chunk]));
}

for (const [inputRateHz, outputRateHz] of RATES) {
  const rates = `${inputRateHz} to ${outputRateHz}`;

  Deno.test(`Resampler.process() answers the same in chunks of 1, 333, 777 and all, ${rates}`, () => {
    const input = noise(4000, inputRateHz);
    const whole = resampleInChunks(new Resampler(inputRateHz, outputRateHz), input, [4000]);
    assert.ok(whole.some((sample) => sample !== 0));
    for (const length of [1, 333, 777]) {
      const output = resampleInChunks(new Resampler(inputRateHz, outputRateHz), input, [length]);
      assert.deepEqual(output, whole, `chunks of ${length}`);
    }
  });

  Deno.test(`Resampler.flush() completes the output to its exact length, ${rates}`, () => {
    const resampler = new Resampler(inputRateHz, outputRateHz);
    for (const length of [0, 1, 2, 3, 5, 6, 7, 100, 480, 1023, 1024, 1025, 4801]) {
      const expected = Math.ceil(length * outputRateHz / inputRateHz);
      const made = resampler.process(noise(length, 1)).length;
      assert.equal(made + resampler.heldSamples, expected, `held after ${length}`);
      assert.equal(made + resampler.flush().length, expected, `flushed after ${length}`);
      assert.equal(resampler.heldSamples, 0);
    }
  });
}

Deno.test("Resampler answers the same for any chunks, rates and earlier utterances (seed 20260101)", () => {
  const rateHz = fc.oneof(
    fc.integer({ min: 8000, max: 48000 }),
    fc.constantFrom(8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000),
  );
  const lengths = fc.array(fc.integer({ min: 0, max: 1500 }), { minLength: 1, maxLength: 8 })
    .filter((all) => all.some((length) => length > 0));
  const total = fc.integer({ min: 0, max: 3000 });
  fc.assert(
    fc.property(
      rateHz,
      fc.constantFrom(8000, 16000),
      lengths,
      total,
      (from, to, chunks, length) => {
        const input = noise(length, length);
        const fresh = resampleInChunks(new Resampler(from, to), input, [3001]);
        const used = new Resampler(from, to);
        resampleInChunks(used, noise(1700, 2), chunks);
        assert.deepEqual(resampleInChunks(used, input, chunks), fresh);
        assert.equal(fresh.length, Math.ceil(length * to / from));
      },
    ),
    { seed: 20260101, numRuns: 150 },
  );
});

Deno.test("Resampler.process() passes equal rates through untouched", () => {
  for (const rateHz of [8000, 16000]) {
    const resampler = new Resampler(rateHz, rateHz);
    const input = noise(160, 3);
    assert.equal(resampler.process(input), input);
    assert.equal(resampler.heldSamples, 0);
    assert.equal(resampler.flush().length, 0);
  }
});

Deno.test("Resampler.reset() forgets the input", () => {
  const resampler = new Resampler(24000, 8000);
  resampler.process(noise(2000, 4));
  resampler.reset();
  assert.equal(resampler.heldSamples, 0);
  assert.deepEqual(
    resampleInChunks(resampler, noise(1000, 5), [1000]),
    resampleInChunks(new Resampler(24000, 8000), noise(1000, 5), [1000]),
  );
});

Deno.test("Resampler.process() rounds to the nearest: a constant stays what it is", () => {
  for (const [inputRateHz, outputRateHz] of RATES) {
    for (const level of [1, -1, 12345, -12345, 32767, -32768]) {
      const input = new Int16Array(inputRateHz / 20).fill(level);
      const output = new Resampler(inputRateHz, outputRateHz).process(input);
      const settled = output.subarray(outputRateHz / 100);
      assert.ok(settled.length > 100 && settled.every((sample) => sample === level));
    }
  }
});

Deno.test("Resampler.process() saturates where the filter overshoots", () => {
  const square = Int16Array.from({ length: 4800 }, (_, i) => i % 48 < 24 ? 32767 : -32768);
  const output = resampleInChunks(new Resampler(48000, 16000), square, [960]);
  assert.ok(output.includes(32767) && output.includes(-32768));
  // Wrapped around, an overshoot would be a sample of the wrong sign in the middle of a half wave.
  for (let i = 0; i < output.length; i++) {
    const at = 3 * i % 48;
    if (at > 3 && at < 21) assert.ok(output[i] > 20000, `sample ${i} is ${output[i]}`);
  }
});

Deno.test("Resampler.process() takes a megabyte at once and keeps little of it", () => {
  const input = noise(2 ** 19, 6);
  const resampler = new Resampler(44100, 16000);
  const output = resampler.process(input);
  const before = output.slice();
  assert.equal(output.length + resampler.heldSamples, Math.ceil(2 ** 19 * 160 / 441));
  assert.ok(resampler.process(input.subarray(0, 882)).buffer.byteLength <= 32768);
  assert.deepEqual(output, before);
});

Deno.test("Resampler.process() answers the same array for chunks of the same length", () => {
  const resampler = new Resampler(24000, 8000);
  const chunk = noise(480, 7);
  resampler.process(chunk);
  const output = resampler.process(chunk);
  assert.equal(output.length, 160);
  assert.equal(resampler.process(chunk), output);
});

Deno.test("Resampler refuses rates it is not made for", () => {
  for (const rateHz of [7999, 48001, 8000.5, 0, -8000, NaN, Infinity]) {
    assert.throws(() => new Resampler(rateHz, 8000), {
      name: "RangeError",
      message: "Cannot resample: input rate must be a whole number of Hz from 8000 to 48000, " +
        `received ${rateHz}`,
    });
  }
  for (const rateHz of [24000, 48000, NaN]) {
    assert.throws(() => new Resampler(24000, rateHz), {
      name: "RangeError",
      message: `Cannot resample: output rate must be 8000 or 16000, received ${rateHz}`,
    });
  }
});
