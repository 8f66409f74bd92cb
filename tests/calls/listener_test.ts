import assert from "node:assert/strict";
import { aListener } from "./support.ts";

const FRAME = new Uint8Array(800);

Deno.test("Listener.send() never queues more than its limit", () => {
  const { listener, socket, told } = aListener({ maxQueuedBytes: 8000 });
  for (let i = 0; i < 15; i++) listener.send(FRAME);
  assert.equal(socket.bufferedAmount, 8000);
  assert.equal(told.drops, 5);
  socket.bufferedAmount = 7200;
  listener.send(FRAME);
  assert.equal(socket.bufferedAmount, 8000);
});

Deno.test("Listener.send() closes a socket that takes nothing for too long, once", () => {
  const { listener, socket, told, clock } = aListener({ maxSlowMs: 1000 });
  for (let i = 0; i < 10; i++) listener.send(FRAME);
  listener.send(FRAME);
  clock.stall(999);
  listener.send(FRAME);
  assert.deepEqual(socket.closes, []);
  clock.stall(1);
  listener.send(FRAME);
  assert.deepEqual(socket.closes, [{ code: 1013, reason: "too slow" }]);
  assert.deepEqual([listener.ended, told.ends], [true, 1]);
  // From now on the socket is not touched, whatever it says.
  socket.drain();
  listener.send(FRAME);
  listener.sendLast("x");
  listener.closed();
  listener.close(1000, "");
  assert.deepEqual([socket.sent.length, socket.closes.length, told.ends], [10, 1, 1]);
});

Deno.test("Listener.send() forgives a socket that took something in between", () => {
  const { listener, socket, clock } = aListener({ maxSlowMs: 1000 });
  for (let round = 0; round < 5; round++) {
    for (let i = 0; i < 11; i++) listener.send(FRAME);
    clock.stall(900);
    listener.send(FRAME);
    socket.drain();
  }
  assert.deepEqual(socket.closes, []);
});

Deno.test("Listener.sendLast() sends however full the socket is", () => {
  const { listener, socket, told } = aListener();
  socket.bufferedAmount = 1e9;
  listener.sendLast(new Uint8Array(0));
  assert.deepEqual([socket.sent.length, told.drops], [1, 0]);
});

Deno.test("Listener.close() ends once, and does what else was asked for", () => {
  const { listener, told } = aListener();
  let left = 0;
  listener.onEnd(() => left++);
  listener.closed();
  listener.closed();
  assert.deepEqual([told.ends, left, listener.ended], [1, 1, true]);
});

Deno.test("Listener survives a socket that throws", () => {
  const { listener, socket, told } = aListener();
  socket.broken = true;
  listener.send(FRAME);
  listener.sendLast("x");
  listener.close(1000, "");
  assert.equal(told.ends, 1);
});

Deno.test("Listener.send() asks the socket anew after a text, whose bytes it alone knows", () => {
  const { listener, socket, told } = aListener({ maxQueuedBytes: 8000 });
  listener.send(FRAME);
  listener.send("\u4f60\u597d");
  socket.bufferedAmount = 7300;
  listener.send(FRAME);
  assert.deepEqual([socket.bufferedAmount, told.drops], [7300, 1]);
});
