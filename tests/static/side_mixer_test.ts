import assert from "node:assert/strict";
import { SideMixer } from "../../static/audio/side_mixer.js";

const RATE = 48_000;
const RAMP = 720;

/** `count` frames of both sides at a constant. */
function mixed(mixer: SideMixer, user: number, bot: number, count: number): Float32Array {
  const side = (value: number) => new Float32Array(count).fill(value);
  const out = new Float32Array(count);
  mixer.mix(side(user), side(bot), out, 0, count);
  return out;
}

Deno.test("SideMixer.set() follows gain, mute, solo, balance and volume", () => {
  const cases: [Parameters<SideMixer["set"]>[0], number, number][] = [
    [{}, 1, 1],
    [{ user: { gain: 0.5 }, volume: 0.5 }, 0.25, 0.5],
    [{ bot: { mute: true } }, 1, 0],
    [{ bot: { solo: true } }, 0, 1],
    [{ bot: { solo: true }, user: { solo: true } }, 1, 1],
    [{ bot: { solo: true, mute: true } }, 0, 0],
    [{ balance: -1 }, 1, 0],
    [{ balance: 0.25 }, 0.75, 1],
    [{ balance: 1, bot: { gain: 2 } }, 0, 2],
    [{ user: { gain: 100 }, volume: NaN, balance: 7 }, 0, 0],
    [{ user: { gain: -1 }, bot: { gain: 100 } }, 0, 4],
  ];
  for (const [mix, user, bot] of cases) {
    const mixer = new SideMixer(RATE);
    mixer.set(mix);
    const heard = [mixed(mixer, 4096, 0, 1)[0], mixed(mixer, 0, 4096, 1)[0]];
    assert.deepEqual(heard, [user / 8, bot / 8], JSON.stringify(mix));
  }
});

Deno.test("SideMixer is the saturating sum, to the bit, until it is told otherwise", () => {
  const mixer = new SideMixer(RATE);
  assert.equal(mixed(mixer, 1000, -3, 1)[0], 997 / 32768);
  assert.equal(mixed(mixer, 30_000, 30_000, 1)[0], 32767 / 32768);
  assert.equal(mixed(mixer, -30_000, -30_000, 1)[0], -1);
});

Deno.test("SideMixer begins with the mix it is given, and travels to another in 15 ms", () => {
  const mixer = new SideMixer(RATE);
  mixer.set({ user: { mute: true } });
  assert.equal(mixed(mixer, 16384, 0, 1)[0], 0);
  mixer.set({});
  const out = mixed(mixer, 16384, 0, RAMP);
  for (let i = 1; i < RAMP; i++) {
    const step = out[i] - out[i - 1];
    assert.ok(step > 0 && step < 1.01 * 0.5 / RAMP, `step ${step} at ${i}`);
  }
  assert.equal(out[RAMP - 1], 0.5);
});

Deno.test("SideMixer that is told otherwise on the way turns without a step", () => {
  const mixer = new SideMixer(RATE);
  mixed(mixer, 0, 0, 1);
  mixer.set({ volume: 0 });
  const down = mixed(mixer, 16384, 0, RAMP / 2);
  mixer.set({ volume: 1 });
  const up = mixed(mixer, 16384, 0, RAMP);
  assert.ok(Math.abs(up[0] - down[RAMP / 2 - 1]) < 0.001);
  assert.equal(up[RAMP - 1], 0.5);
});
