import assert from "node:assert/strict";
import { MuteList } from "../../mixer/mute_list.ts";

Deno.test("MuteList covers what is between begin() and end(), the end excluded", () => {
  const mutes = new MuteList();
  assert.equal(mutes.nextAt(0), Infinity);
  mutes.begin(100);
  mutes.end(200);
  mutes.begin(300);
  mutes.end(301);
  assert.deepEqual([0, 100, 199, 200, 300, 301].map((at) => mutes.nextAt(at)), [
    100,
    100,
    199,
    300,
    300,
    Infinity,
  ]);
  assert.deepEqual([99, 100, 199, 200, 300, 301].map((at) => mutes.endAt(at)), [
    99,
    200,
    200,
    200,
    301,
    301,
  ]);
});

Deno.test("MuteList.begin() during a pause changes nothing, nor does end() outside of one", () => {
  const mutes = new MuteList();
  mutes.end(50);
  assert.equal(mutes.active, false);
  mutes.begin(100);
  mutes.begin(150);
  assert.equal(mutes.active, true);
  assert.equal(mutes.nextAt(0), 100);
  assert.equal(mutes.endAt(1e9), Infinity);
  mutes.end(200);
  mutes.end(300);
  mutes.end(120);
  assert.equal(mutes.active, false);
  assert.equal(mutes.endAt(150), 200);
});

Deno.test("MuteList.removeBefore() forgets what ended, and keeps a pause that goes on", () => {
  const mutes = new MuteList();
  mutes.begin(100);
  mutes.end(200);
  mutes.begin(300);
  mutes.removeBefore(1000);
  assert.equal(mutes.count, 1);
  assert.equal(mutes.active, true);
  assert.equal(mutes.nextAt(1000), 1000);
  mutes.end(1100);
  assert.equal(mutes.endAt(1000), 1100);
  mutes.removeBefore(1100);
  assert.equal(mutes.count, 0);
});

Deno.test("MuteList keeps pauses that meet as one, and empty ones not at all", () => {
  const mutes = new MuteList();
  for (let turn = 0; turn < 1000; turn++) {
    mutes.begin(500);
    mutes.end(500);
  }
  assert.equal(mutes.count, 0);
  for (let at = 0; at < 1000; at++) {
    mutes.begin(at);
    mutes.end(at + 1);
  }
  assert.equal(mutes.count, 1);
  assert.equal(mutes.endAt(0), 1000);
});
