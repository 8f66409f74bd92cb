import assert from "node:assert/strict";
import { EventView } from "../../calls/event_view.ts";
import { BOT } from "../../mixer/mixer.ts";
import { aFrame, aListener } from "./support.ts";

Deno.test("EventView tells what was dropped before it goes on", () => {
  const view = new EventView({ channels: 1, silenceAsPcm: false, withEvents: true }, 4);
  // Room for the first position, two frames of 8 bytes, and the notes before one more.
  const { listener, socket, told } = aListener({ maxQueuedBytes: 34 + 16 + 160 });
  view.add(listener, 40);
  for (let n = 10; n < 16; n++) view.write(aFrame(4 * n, BOT));
  socket.drain();
  view.write(aFrame(64, BOT));
  socket.drain();
  view.write(aFrame(68, BOT));
  assert.deepEqual(socket.sent.map((data) => typeof data === "string" ? data : data.length), [
    '{"type":"position","position":40}',
    8,
    8,
    '{"type":"dropped","position":48,"frames":4}',
    '{"type":"position","position":64}',
    8,
    8,
  ]);
  assert.equal(told.drops, 4);
});

Deno.test("EventView tells an event that is longer than the queue to one who keeps up", () => {
  const view = new EventView({ channels: 1, silenceAsPcm: false, withEvents: true }, 4);
  const { listener, socket } = aListener({ maxQueuedBytes: 100 });
  view.add(listener, 0);
  socket.drain();
  const event = (name: string) => ({ type: "event", position: 0, name, data: "x".repeat(60_000) });
  view.note(event("first"));
  // The first is still on its way: there is never more than one.
  view.note(event("second"));
  socket.drain();
  view.note(event("third"));
  const told = socket.sent.slice(1).map((text) => JSON.parse(String(text)).name);
  assert.deepEqual(told, ["first", "third"]);
});
