import assert from "node:assert/strict";
import fc from "fast-check";
import { Runs } from "../../mixer/runs.ts";
import { growth } from "../support/growth.ts";

const SIZE = 60;

type Step =
  | { do: "add"; from: number; length: number }
  | { do: "removeBefore" | "removeFrom"; at: number };

const at = fc.integer({ min: 0, max: SIZE });
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant("add" as const), from: at, length: at }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("removeBefore" as const), at }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("removeFrom" as const), at }) },
);

Deno.test("Runs answers as a list of booleans does, whatever is added and removed", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const runs = new Runs();
      const held: boolean[] = new Array(2 * SIZE + 1).fill(false);
      for (const s of steps) {
        if (s.do === "add") {
          // Short ranges, so that many of them stay apart.
          const length = s.length % 9;
          runs.add(s.from, s.from + length);
          held.fill(true, s.from, s.from + length);
        } else if (s.do === "removeBefore") {
          runs.removeBefore(s.at);
          held.fill(false, 0, s.at);
        } else {
          runs.removeFrom(s.at);
          held.fill(false, s.at);
        }
        compare(runs, held);
      }
    }),
    { seed: 20260102, numRuns: 400 },
  );
});

function compare(runs: Runs, held: boolean[]): void {
  const ranges: [number, number][] = [];
  for (let from = held.indexOf(true); from >= 0;) {
    const to = held.indexOf(false, from);
    ranges.push([from, to]);
    from = held.indexOf(true, to);
  }
  assert.equal(runs.count, ranges.length);
  assert.equal(runs.end, ranges.at(-1)?.[1] ?? -Infinity);
  assert.equal(runs.lastStart, ranges.at(-1)?.[0] ?? Infinity);
  assert.equal(runs.endBeforeLast, ranges.at(-2)?.[1] ?? -Infinity);
  for (let position = 0; position < held.length; position++) {
    const next = held.indexOf(true, position);
    assert.equal(runs.nextAt(position), next < 0 ? Infinity : next);
    assert.equal(runs.endAt(position), held[position] ? held.indexOf(false, position) : position);
  }
}

Deno.test("Runs.add() ignores an empty range and merges what touches", () => {
  const runs = new Runs();
  runs.add(5, 5);
  assert.equal(runs.count, 0);
  runs.add(10, 20);
  runs.add(30, 40);
  runs.add(20, 30);
  assert.equal(runs.count, 1);
  assert.equal(runs.endAt(10), 40);
});

Deno.test("Runs stays quick with the most ranges a hostile sender can make", () => {
  // A sample every other position over the 6 s that a track remembers, the latest first.
  const full = (positions: number) => {
    const runs = new Runs();
    for (let position = positions; position > 0; position -= 2) runs.add(position, position + 1);
    return runs;
  };
  const [few, many] = [full(3000), full(48_000)];
  assert.equal(many.count, 24_000);
  const ask = (runs: Runs, positions: number) => () => {
    for (let turn = 0; turn < 20_000; turn++) runs.nextAt(turn * 7 % positions);
  };
  // By scanning it would be 16 times as long.
  const ratio = growth(ask(few, 3000), ask(many, 48_000), 5);
  assert.ok(ratio <= 5, `16 times the ranges take ${ratio} times as long`);
});
