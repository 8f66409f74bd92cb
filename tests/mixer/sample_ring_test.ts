import assert from "node:assert/strict";
import fc from "fast-check";
import { SampleRing } from "../../mixer/sample_ring.ts";

const CAPACITY = 32;
const SIZE = 400;

type Step =
  | { do: "write"; ahead: number; length: number }
  | { do: "read" | "retire" | "removeFrom" | "moveBack" | "fade"; by: number };

const ahead = fc.integer({ min: -20, max: 90 });
const by = fc.integer({ min: 0, max: 60 });
const others = fc.constantFrom("read", "retire", "removeFrom", "moveBack", "fade");
const step = fc.oneof(
  { weight: 3, arbitrary: fc.record({ do: fc.constant("write"), ahead, length: by }) },
  { weight: 3, arbitrary: fc.record({ do: others, by }) },
) as fc.Arbitrary<Step>;

/** The same, with an entry for every position there is: the first value written, or undefined. */
class Model {
  base = 0;
  held: (number | undefined)[] = new Array(SIZE * 4);

  write(position: number, samples: Int16Array): number {
    let written = 0;
    for (let index = 0; index < samples.length; index++) {
      if (position + index < this.base || this.held[position + index] !== undefined) continue;
      this.held[position + index] = samples[index];
      written++;
    }
    return written;
  }
}

Deno.test("SampleRing answers as an endless array does, and the first write wins", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const ring = new SampleRing(CAPACITY);
      const model = new Model();
      let value = 1;
      for (const s of steps) {
        if (s.do === "write") {
          const position = model.base + s.ahead;
          const samples = Int16Array.from({ length: s.length + 2 }, () => value++);
          const held = ring.write(position, samples, 1, s.length + 1);
          assert.equal(held, model.write(position, samples.subarray(1, s.length + 1)));
        } else apply(s, ring, model);
        compare(ring, model);
      }
    }),
    { seed: 20260103, numRuns: 300 },
  );
});

function apply(s: Exclude<Step, { do: "write" }>, ring: SampleRing, model: Model): void {
  const position = model.base + s.by;
  if (s.do === "retire") {
    ring.retire(position);
    model.held.fill(undefined, 0, position);
    model.base = position;
  } else if (s.do === "removeFrom") {
    ring.removeFrom(position);
    model.held.fill(undefined, position);
  } else if (s.do === "fade") {
    ring.applyGains(position, Float32Array.of(0.75, 0.5, 0.25));
    [0.75, 0.5, 0.25].forEach((gain, index) => {
      const held = model.held[position + index];
      if (held !== undefined) model.held[position + index] = Math.round(held * gain);
    });
  } else if (s.do === "moveBack" && ring.runs.count > 0) {
    const { lastStart, end, endBeforeLast } = ring.runs;
    const distance = Math.min(s.by, lastStart - Math.max(model.base, endBeforeLast));
    ring.moveLastRunBack(distance);
    const moved = model.held.slice(lastStart, end);
    model.held.fill(undefined, lastStart, end);
    moved.forEach((sample, index) => model.held[lastStart - distance + index] = sample);
  }
}

function compare(ring: SampleRing, model: Model): void {
  const from = model.base - 5;
  const expected = Array.from({ length: 200 }, (_, index) => model.held[from + index]);
  const output = new Int16Array(200).fill(-1);
  assert.equal(ring.read(from, output), expected.filter((sample) => sample !== undefined).length);
  assert.deepEqual([...output], expected.map((sample) => sample ?? 0));
  assert.equal(ring.base, model.base);
  const needed = Math.max(0, ring.runs.end - model.base);
  assert.ok(ring.capacity >= needed && ring.capacity % CAPACITY === 0);
}

Deno.test("SampleRing.write() copies: the array stays the caller's", () => {
  const ring = new SampleRing(8);
  const samples = Int16Array.of(1, 2, 3);
  ring.write(0, samples);
  samples.fill(9);
  const output = new Int16Array(3);
  ring.read(0, output);
  assert.deepEqual([...output], [1, 2, 3]);
});

Deno.test("SampleRing grows for audio ahead of time and shrinks when that has been played", () => {
  const ring = new SampleRing(100);
  ring.write(0, new Int16Array(750).fill(5));
  assert.equal(ring.capacity, 800);
  const sizes = new Set<number>();
  for (let position = 0; position <= 750; position += 10) {
    ring.retire(position);
    sizes.add(ring.capacity);
  }
  assert.deepEqual([...sizes], [800, 400, 200, 100]);
});

Deno.test("SampleRing is not resized again and again by a track at the edge of its capacity", () => {
  const ring = new SampleRing(100);
  let resizes = 0;
  let capacity = ring.capacity;
  for (let position = 0; position < 5000; position += 10) {
    // Speech is 95 to 105 samples ahead of what is retired.
    ring.retire(Math.max(0, position - 95));
    ring.write(position, new Int16Array(10));
    if (ring.capacity !== capacity) resizes++;
    capacity = ring.capacity;
  }
  assert.ok(resizes <= 1, `${resizes} resizes`);
});
