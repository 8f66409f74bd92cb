import assert from "node:assert/strict";
import { View, type ViewOptions } from "../../calls/view.ts";
import { BOT, USER } from "../../mixer/mixer.ts";
import { aFrame, aListener } from "./support.ts";

const PLAIN: ViewOptions = { channels: 1, silenceAsPcm: false };

function heard(options: ViewOptions, sources: number) {
  const { listener, socket } = aListener();
  const view = new View(options, 4);
  view.add(listener);
  view.write(aFrame(0, sources));
  return socket.sent.map((data) => [...new Int16Array((data as Uint8Array).slice().buffer)]);
}

Deno.test("View.write() sends each view its own samples", () => {
  const both = USER | BOT;
  assert.deepEqual(heard(PLAIN, both), [[11, 22, 33, 44]]);
  assert.deepEqual(heard({ ...PLAIN, track: "user" }, both), [[1, 2, 3, 4]]);
  assert.deepEqual(heard({ ...PLAIN, track: "bot" }, both), [[10, 20, 30, 40]]);
  assert.deepEqual(heard({ ...PLAIN, channels: 2 }, both), [[1, 10, 2, 20, 3, 30, 4, 40]]);
});

Deno.test("View.write() sends silence of the side that is listened to only as PCM", () => {
  assert.deepEqual(heard({ ...PLAIN, track: "user" }, BOT), []);
  assert.deepEqual(heard({ ...PLAIN, track: "bot" }, USER), []);
  assert.equal(heard({ ...PLAIN, channels: 2 }, USER).length, 1);
  assert.deepEqual(heard(PLAIN, 0), []);
  assert.equal(heard({ ...PLAIN, silenceAsPcm: true }, 0).length, 1);
});

Deno.test("View.write() gives a sign of life with every hundredth frame of silence", () => {
  const { listener, socket } = aListener();
  const view = new View(PLAIN, 4);
  view.add(listener);
  const silence = (frames: number) => {
    for (let i = 0; i < frames; i++) view.write(aFrame(0, 0));
    return socket.sent.length;
  };
  assert.equal(silence(99), 0);
  assert.equal(silence(1), 1);
  assert.deepEqual(socket.sent[0], new Uint8Array(2));
  assert.equal(silence(99), 1);
  assert.equal(silence(1), 2);
  assert.equal(silence(50), 2);
  view.write(aFrame(0, USER));
  assert.equal(silence(99), 3);
  assert.equal(silence(1), 4);
});

Deno.test("View.write() goes on with the others when one leaves during it", () => {
  const view = new View(PLAIN, 4);
  const all = Array.from({ length: 3 }, () => aListener({ maxSlowMs: 0 }));
  for (const { listener } of all) view.add(listener);
  // The one in the middle is full, and is closed while the frame is sent.
  all[1].socket.bufferedAmount = 8000;
  view.write(aFrame(0, USER));
  assert.deepEqual(all.map(({ socket }) => socket.sent.length), [1, 0, 1]);
  assert.equal(view.size, 2);
});

Deno.test("View.end() sends the empty message and closes with 1000", () => {
  const { listener, socket } = aListener();
  const view = new View(PLAIN, 4);
  view.add(listener);
  view.end();
  view.end();
  assert.deepEqual(socket.sent, [new Uint8Array(0)]);
  assert.deepEqual(socket.closes, [{ code: 1000, reason: "call ended" }]);
  assert.equal(view.size, 0);
});
