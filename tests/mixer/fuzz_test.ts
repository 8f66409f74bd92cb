import assert from "node:assert/strict";
import fc from "fast-check";
import { Simulation, type Stall } from "./support/simulation.ts";

const DURATION_MS = 8000;

const ms = fc.integer({ min: 0, max: DURATION_MS - 1 });
const side = fc.constantFrom("user" as const, "bot" as const);
const length = fc.oneof(
  fc.integer({ min: 0, max: 400 }),
  fc.constantFrom(0, 1, 160, 320),
  fc.integer({ min: 0, max: 30_000 }),
);
const kind = <Kind extends string>(name: Kind) => fc.constant(name);
const action = fc.oneof(
  { weight: 8, arbitrary: fc.record({ do: kind("push"), ms, side, length }) },
  {
    weight: 8,
    arbitrary: fc.record({
      do: kind("timed"),
      ms,
      side,
      length,
      offMs: fc.oneof(
        { weight: 3, arbitrary: fc.integer({ min: -200, max: 50 }) },
        { weight: 1, arbitrary: fc.integer({ min: -8000, max: 200_000 }) },
      ),
      sequence: fc.integer({ min: 0, max: 30 }),
    }),
  },
  // A sender in real time for a second, which the other actions then disturb.
  { weight: 3, arbitrary: fc.record({ do: kind("stream"), ms, side }) },
  { weight: 2, arbitrary: fc.record({ do: kind("clear"), ms, heardTo: fc.option(length) }) },
  { weight: 2, arbitrary: fc.record({ do: kind("pause"), ms }) },
  { weight: 2, arbitrary: fc.record({ do: kind("resume"), ms }) },
  { weight: 1, arbitrary: fc.record({ do: kind("restart"), ms, side }) },
);
type Action = typeof action extends fc.Arbitrary<infer T> ? T : never;
const stalls = fc.array(fc.record({ atMs: ms, forMs: fc.integer({ min: 1, max: 2500 }) }), {
  maxLength: 2,
});

class Fuzz {
  readonly call: Simulation;
  #paused = false;

  constructor(sampleRate: 8000 | 16000, edgeFadeMs: number, stalls: Stall[]) {
    this.call = new Simulation({ durationMs: DURATION_MS, sampleRate, edgeFadeMs, stalls });
  }

  plan(action: Action): void {
    this.call.at(action.ms, () => this.#do(action));
  }

  #do(action: Action): void {
    const { call } = this;
    switch (action.do) {
      case "push":
        return this.#push(action.side, action.length);
      case "timed":
        return this.#push(action.side, action.length, call.nowMs + action.offMs, action.sequence);
      case "stream":
        for (let at = 20; at < 1000; at += 20) {
          call.at(call.nowMs + at, () => this.#push(action.side, 160));
        }
        return;
      case "clear":
        call.bot.clear(action.heardTo ?? undefined);
        return;
      case "pause":
        this.#paused = true;
        call.user.pause();
        return call.bot.pause();
      case "resume":
        this.#paused = false;
        call.user.resume();
        return call.bot.resume();
      case "restart":
        return call[action.side].restart();
    }
  }

  /** What comes during a pause is negative, all else positive. */
  #push(side: "user" | "bot", length: number, mediaMs?: number, sequence?: number): void {
    const sign = this.#paused ? -1 : 1;
    const chunk = Int16Array.from({ length }, (_, index) => sign * (1 + (index * 31) % 30_000));
    const late = this.call[side].push(chunk, mediaMs, sequence);
    if (late === undefined) return;
    assert.ok(late >= 0, `lateness ${late}`);
    this.call.holdback.observe(late);
  }
}

function check({ call }: Fuzz, isExact: boolean): void {
  const { frameSamples } = call.timeline;
  assert.equal(call.liveLength, call.timeline.samples(DURATION_MS), "live length");
  assert.equal(call.sources.length * frameSamples, call.liveLength, "frames without gaps");
  for (let at = 0; at < call.liveLength; at++) {
    const user = call.live.user[at];
    const bot = call.live.bot[at];
    const sum = Math.max(-32768, Math.min(32767, user + bot));
    if (call.live.mix[at] !== sum) assert.fail(`mix at ${at}`);
    if (!isExact) continue;
    const sources = call.sources[Math.floor(at / frameSamples)];
    if (user !== 0 && (sources & 1) === 0) assert.fail(`user at ${at} supplied nothing`);
    if (bot !== 0 && (sources & 2) === 0) assert.fail(`bot at ${at} supplied nothing`);
    const lowest = Math.min(user, bot, call.recorded.user[at], call.recorded.bot[at]);
    if (lowest < 0) assert.fail(`leak at ${at}`);
  }
  for (const { stats } of [call.user, call.bot]) {
    for (const [name, count] of Object.entries(stats)) {
      assert.ok(Number.isSafeInteger(count) && count >= 0, `${name} is ${count}`);
    }
  }
}

Deno.test("A call keeps its shape whatever happens in whatever order (seed 20260104)", async () => {
  const rate = fc.constantFrom(8000 as const, 16000 as const);
  const fade = fc.constantFrom(0, 0, 5);
  await fc.assert(
    fc.asyncProperty(
      rate,
      fade,
      stalls,
      fc.array(action, { maxLength: 60 }),
      async (r, f, s, actions) => {
        const fuzz = new Fuzz(r, f, inOrder(s));
        for (const a of actions) fuzz.plan(a);
        await fuzz.call.run();
        check(fuzz, f === 0);
      },
    ),
    { seed: 20260104, numRuns: 250 },
  );
});

/** Stalls one after the other. */
function inOrder(stalls: { atMs: number; forMs: number }[]): { atMs: number; forMs: number }[] {
  const sorted = [...stalls].sort((a, b) => a.atMs - b.atMs);
  return sorted.filter((stall, index) =>
    stall.atMs + stall.forMs < DURATION_MS &&
    (index === 0 || stall.atMs > sorted[index - 1].atMs + sorted[index - 1].forMs + 20)
  );
}
