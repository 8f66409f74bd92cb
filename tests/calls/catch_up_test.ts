import assert from "node:assert/strict";
import { CatchUp } from "../../calls/catch_up.ts";
import type { Past } from "../../calls/past.ts";
import { ManualClock } from "../../mixer/clock.ts";
import { aListener } from "./support.ts";

const FRAME = 400;
const FRAMES = 4000;

/** A past of so many frames of ones. */
function aPast(): Past & { closed: number } {
  return {
    closed: 0,
    begin: 0,
    read: (position) => Promise.resolve({ position, pcm: new Int16Array(2 * 20 * FRAME).fill(1) }),
    close() {
      this.closed++;
    },
  };
}

function aCatchUp() {
  const clock = new ManualClock();
  const past = aPast();
  const told = { joined: 0 };
  const { listener, socket } = aListener({ clock, maxSlowMs: 1000 });
  const catchUp = new CatchUp({
    clock,
    past,
    events: [],
    listener,
    view: { channels: 1, silenceAsPcm: true },
    frameSamples: FRAME,
    edge: () => FRAMES * FRAME,
    join: () => told.joined++,
  });
  return { clock, past, told, listener, socket, catchUp };
}

Deno.test("CatchUp queues no more than 256 KiB, and closes a socket that takes nothing", async () => {
  const { clock, past, told, listener, socket, catchUp } = aCatchUp();
  const done = catchUp.run(0);
  for (let turn = 0; turn < 20; turn++) await clock.advance(20);
  assert.ok(socket.bufferedAmount > 250 * 1024 && socket.bufferedAmount < 257 * 1024 + 800);
  // It takes something: it is given more, and its patience begins anew.
  await clock.advance(400);
  assert.equal(listener.ended, false);
  socket.drain();
  for (let turn = 0; turn < 20; turn++) await clock.advance(20);
  assert.ok(socket.bufferedAmount > 250 * 1024);
  assert.equal(listener.ended, false);
  await clock.advance(1500);
  assert.deepEqual(socket.closes, [{ code: 1013, reason: "too slow" }]);
  await done;
  assert.equal(past.closed, 1);
  assert.equal(told.joined, 0);
  assert.equal(clock.pendingTimers, 0);
});

Deno.test("CatchUp lets others have their turn every 64 KiB, and joins when its queue is short", async () => {
  const { clock, told, socket, catchUp } = aCatchUp();
  const done = catchUp.run(0);
  let turns = 0;
  for (; told.joined === 0; turns++) {
    const before = socket.sent.length;
    await clock.advance(0);
    const sent = (socket.sent.length - before) * 2 * FRAME;
    // A turn may end and the next begin within one advance, but time does not pass between.
    assert.ok(sent <= 5 * 64 * 1024, `${sent} bytes`);
    socket.drain();
    await clock.advance(20);
    assert.ok(turns < 1000);
  }
  await done;
  assert.equal(socket.sent.length, FRAMES);
});

Deno.test("CatchUp ends when its listener leaves", async () => {
  const { clock, past, told, listener, catchUp } = aCatchUp();
  const done = catchUp.run(0);
  await clock.advance(20);
  listener.closed();
  await clock.advance(20);
  await done;
  assert.equal(told.joined, 0);
  assert.equal(past.closed, 1);
});
