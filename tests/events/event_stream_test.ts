import assert from "node:assert/strict";
import { EventStream } from "../../events/event_stream.ts";

function aStream(maxQueuedBytes = 100) {
  const told = { slow: 0, ended: 0 };
  const stream = new EventStream({ maxQueuedBytes, onSlow: () => told.slow++ });
  stream.onEnd(() => told.ended++);
  return { stream, told, reader: stream.body.getReader() };
}

Deno.test("EventStream.send() writes an event as the standard has it", async () => {
  const { stream, reader } = aStream();
  stream.send({ event: "thing", data: { text: "two\nlines" }, id: "p.1" });
  stream.send({ event: "other", data: 1 });
  stream.ping();
  stream.close();
  let text = "";
  for (let { done, value } = await reader.read(); !done; { done, value } = await reader.read()) {
    text += new TextDecoder().decode(value);
  }
  assert.equal(
    text,
    'id: p.1\nevent: thing\ndata: {"text":"two\\nlines"}\n\nevent: other\ndata: 1\n\n: ping\n\n',
  );
});

Deno.test("EventStream ends when nobody reads and more waits than may", async () => {
  const { stream, told, reader } = aStream();
  // 24 bytes each.
  for (let i = 0; i < 4; i++) stream.send({ event: "x", data: "12" });
  assert.equal(stream.ended, false);
  stream.send({ event: "x", data: "12" });
  stream.send({ event: "x", data: "12" });
  assert.equal(stream.ended, true);
  assert.deepEqual(told, { slow: 1, ended: 1 });
  assert.deepEqual(await reader.read(), { done: true, value: undefined }, "nothing is kept for it");
  stream.onEnd(() => told.ended++);
  assert.equal(told.ended, 2, "one that comes too late is told at once");
});

Deno.test("EventStream.hasRoom() waits for the reader, or for the end", async () => {
  const { stream, told, reader } = aStream(200);
  assert.equal(await stream.hasRoom(), true);
  for (let i = 0; i < 8; i++) stream.send({ event: "x", data: "12" });
  let room: boolean | undefined;
  void stream.hasRoom().then((answer) => room = answer);
  while (room === undefined) await reader.read();
  assert.equal(room, true);
  for (let i = 0; i < 3; i++) stream.send({ event: "x", data: "12" });
  await reader.cancel();
  assert.equal(stream.ended, true);
  assert.equal(await stream.hasRoom(), false);
  assert.deepEqual(told, { slow: 0, ended: 1 });
});
