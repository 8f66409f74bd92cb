import assert from "node:assert/strict";
import { Broadcast } from "../../calls/broadcast.ts";
import { USER } from "../../mixer/mixer.ts";
import { aFrame, aListener } from "./support.ts";

Deno.test("Broadcast.write() reaches every view, and those alone who are there", () => {
  const broadcast = new Broadcast(4);
  const one = aListener();
  const two = aListener();
  broadcast.add(one.listener, { channels: 1, silenceAsPcm: false });
  broadcast.write(aFrame(0, USER));
  broadcast.add(two.listener, { channels: 2, silenceAsPcm: true });
  broadcast.write(aFrame(4, USER));
  assert.equal(broadcast.size, 2);
  one.listener.closed();
  broadcast.write(aFrame(8, USER));
  assert.equal(broadcast.size, 1);
  assert.deepEqual([one.socket.sent.length, two.socket.sent.length], [2, 2]);
});

Deno.test("Broadcast keeps the pace of the signs of life for whoever comes during silence", () => {
  const broadcast = new Broadcast(4);
  for (let i = 0; i < 60; i++) broadcast.write(aFrame(0, 0));
  const { listener, socket } = aListener();
  broadcast.add(listener, { channels: 1, silenceAsPcm: false });
  for (let i = 0; i < 40; i++) broadcast.write(aFrame(0, 0));
  assert.equal(socket.sent.length, 1);
});

Deno.test("Broadcast.close() tells every listener the same code", () => {
  const broadcast = new Broadcast(4);
  const all = [aListener(), aListener()];
  broadcast.add(all[0].listener, { channels: 1, silenceAsPcm: false });
  broadcast.add(all[1].listener, { channels: 1, track: "bot", silenceAsPcm: false });
  broadcast.close(1001, "server going away");
  for (const { socket } of all) {
    assert.deepEqual(socket.closes, [{ code: 1001, reason: "server going away" }]);
    assert.deepEqual(socket.sent, []);
  }
  assert.equal(broadcast.size, 0);
});
