import assert from "node:assert/strict";
import { RingBuffer } from "../../static/audio/ring_buffer.js";
import { TimeStretch } from "../../static/audio/time_stretch.js";
import { assertSame } from "../support/same.ts";

const RATE = 16_000;
const SECONDS = 8;

/** Four seconds or less of what is played of `sound` at `speed`, and how much of it that took. */
function stretched(sound: (n: number) => [number, number], speed: number) {
  const ring = new RingBuffer(2 ** 17);
  const pcm = new Int16Array(2 * SECONDS * RATE);
  for (let n = 0; n < SECONDS * RATE; n++) pcm.set(sound(n), 2 * n);
  ring.write(pcm, 2);
  const stretch = new TimeStretch(ring, RATE);
  stretch.speed = speed;
  const user = new Int16Array(4 * RATE);
  const bot = new Int16Array(4 * RATE);
  for (let n = 0; n < user.length && ring.shift(); n++) {
    user[n] = ring.user;
    bot[n] = ring.bot;
    stretch.taken();
  }
  return { user, bot, taken: ring.position };
}

const sine = (hz: number, n: number) => Math.sin(2 * Math.PI * hz * n / RATE);
/** A voice, as far as its pitch goes: a fundamental that glides, and its harmonics. */
const voice = (n: number) => {
  const phase = 150 * n + 30 * RATE / 2 * Math.sin(n / RATE * 2);
  let sum = 0;
  for (let k = 1; k <= 8; k++) sum += Math.sin(2 * Math.PI * k * phase / RATE) / k;
  return Math.round(6000 * sum);
};

/** How often the sign of a tone changes from minus to plus, a second. */
function pitchHz(samples: Int16Array): number {
  let count = 0;
  for (let n = 1; n < samples.length; n++) if (samples[n - 1] < 0 && samples[n] >= 0) count++;
  return count * RATE / samples.length;
}

for (const speed of [1.1, 1.25, 1.5, 2]) {
  for (const hz of [120, 440, 1000]) {
    Deno.test(`TimeStretch at ${speed} leaves a tone of ${hz} Hz what it is`, () => {
      const tone = (n: number): [number, number] => [Math.round(9000 * sine(hz, n)), 0];
      const { user, taken } = stretched(tone, speed);
      assert.ok(Math.abs(taken / user.length - speed) < 0.01 * speed, `${taken / user.length}`);
      assert.ok(Math.abs(pitchHz(user) - hz) < 0.01 * hz, `${pitchHz(user)} Hz`);
      // A leap to a wave that looks the same leaves no dent in it.
      let energy = 0;
      for (const sample of user) energy += sample ** 2;
      assert.ok(Math.sqrt(2 * energy / user.length) > 0.97 * 9000);
    });
  }
}

Deno.test("TimeStretch keeps both sides in step", () => {
  const { user, bot } = stretched((n) => [voice(n), voice(n)], 1.7);
  assertSame(bot, user, "bot");
});

Deno.test("TimeStretch at 1 changes nothing, also after another speed", () => {
  const { user, taken } = stretched((n) => [voice(n), 0], 1);
  assertSame(user, Int16Array.from({ length: taken }, (_, n) => voice(n)), "user");
  const ring = new RingBuffer(2 ** 14);
  ring.write(Int16Array.from({ length: 12_000 }, (_, n) => n), 1);
  const stretch = new TimeStretch(ring, RATE);
  const take = () => {
    ring.shift();
    stretch.taken();
  };
  stretch.speed = 2;
  for (let n = 0; n < 2000; n++) take();
  stretch.speed = 1;
  for (let n = 0; n < 200; n++) take();
  const from = ring.position;
  for (let n = 0; n < 500; n++) {
    take();
    assert.equal(ring.user, from + n);
  }
});

Deno.test("TimeStretch does not leap where too little is left to leap over", () => {
  const ring = new RingBuffer(1024);
  ring.write(new Int16Array(500), 1);
  const stretch = new TimeStretch(ring, RATE);
  stretch.speed = 2;
  let taken = 0;
  while (ring.shift()) {
    stretch.taken();
    taken++;
  }
  assert.equal(taken, 500);
});

Deno.test("TimeStretch.speed stays within 1 and 2", () => {
  const stretch = new TimeStretch(new RingBuffer(2), RATE);
  stretch.speed = 3;
  assert.equal(stretch.speed, 2);
  stretch.speed = 0.5;
  assert.equal(stretch.speed, 1);
});
