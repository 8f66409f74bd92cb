import assert from "node:assert/strict";
import { Edge, latencyOf } from "../../static/audio/edge.js";
import { SilenceWatch } from "../../static/audio/silence_watch.js";
import { Backlog } from "../../static/feed/backlog.js";
import { EdgeClock } from "../../static/feed/edge_clock.js";

/** A piece of stereo sound whose left side is its position. */
function piece(position: number, samples: number) {
  const pcm = new Int16Array(2 * samples);
  for (let i = 0; i < samples; i++) pcm[2 * i] = position + i;
  return { pcm: pcm.buffer, position, samples };
}

Deno.test("Backlog gives back what came, in order, and counts it", () => {
  const backlog = new Backlog();
  assert.equal(backlog.shift(), undefined);
  for (let n = 0; n < 1000; n++) backlog.push(piece(10 * n, 10));
  assert.deepEqual([backlog.samples, backlog.start, backlog.end], [10_000, 0, 10_000]);
  for (let n = 0; n < 600; n++) assert.equal(backlog.shift()?.position, 10 * n);
  assert.deepEqual([backlog.samples, backlog.start], [4000, 6000]);
  backlog.clear(77);
  assert.deepEqual([backlog.samples, backlog.start, backlog.end], [0, undefined, 77]);
});

Deno.test("Backlog.dropBefore() cuts to the sample", () => {
  const backlog = new Backlog();
  for (let n = 0; n < 10; n++) backlog.push(piece(100 * n, 100));
  backlog.dropBefore(250);
  assert.deepEqual([backlog.samples, backlog.start], [750, 250]);
  const cut = backlog.shift();
  assert.equal(cut?.samples, 50);
  assert.equal(new Int16Array(cut?.pcm ?? new ArrayBuffer(0))[0], 250);
  backlog.dropBefore(5000);
  assert.equal(backlog.samples, 0);
});

Deno.test("EdgeClock knows when the past has been caught up with, and where the call is then", () => {
  const clock = new EdgeClock();
  assert.equal(clock.at(5), 0);
  // A minute of the past in a second and a half, then 50 ms every 50 ms, up to 40 ms late.
  for (let n = 1; n <= 1200; n++) clock.note(50 * n, 10_000 + 1.25 * n);
  assert.equal(clock.isSteady(11_500), false);
  for (let n = 1; n <= 20; n++) clock.note(60_000 + 50 * n, 11_500 + 50 * n + (n % 3) * 20);
  assert.equal(clock.isSteady(12_600), true);
  assert.ok(Math.abs(clock.at(12_500) - 61_000) < 2);
  // And when nothing has come for an hour.
  assert.ok(Math.abs(clock.at(3_612_500) - 3_661_000) < 2);
});

Deno.test("EdgeClock follows a sender whose clock is slower", () => {
  const clock = new EdgeClock();
  for (let n = 1; n <= 72_000; n++) clock.note(50 * n * (1 - 1e-4), 50 * n);
  assert.ok(Math.abs(clock.at(3_600_000) - 3_600_000 * (1 - 1e-4)) < 2);
});

Deno.test("Edge goes on with time as long as the call does", () => {
  const edge = new Edge();
  edge.note(8000, 1000, true);
  assert.equal(edge.at(1500, 8000), 12_000);
  edge.note(9000, 2000, false);
  assert.equal(edge.at(9000, 8000), 9000);
});

Deno.test("latencyOf() tells what is kept from what is behind", () => {
  const status = { live: true, playing: true, position: 8000, sampleRate: 8000, queueMs: 70 };
  assert.deepEqual(latencyOf(status, 9000, 95), { bufferMs: 95, behindMs: 0 });
  const past = { ...status, live: false, queueMs: 1500 };
  assert.deepEqual(latencyOf(past, 88_000, 0), { bufferMs: 1500, behindMs: 8500 });
});

Deno.test("SilenceWatch counts silences of a second and more", () => {
  const watch = new SilenceWatch();
  const said = (peak: number, fromMs: number, toMs: number) => {
    for (let ms = fromMs; ms < toMs; ms += 50) watch.note(peak, ms);
  };
  said(0.1, 0, 1000);
  said(0.001, 1000, 1900);
  said(0.1, 1900, 2000);
  assert.deepEqual([watch.pauses, watch.isSilent], [0, false]);
  said(0.001, 2000, 5000);
  assert.deepEqual([watch.pauses, watch.isSilent, watch.silentMs], [1, true, 3000]);
});
