import assert from "node:assert/strict";
import { EventStreamParser } from "../../static/event_stream_parser.js";

const STREAM =
  ': hello\n\nid: 7\nevent: call.started\ndata: {"a":1}\n\nevent: levels\ndata: []\n\n' +
  "data:one\r\ndata: two\r\n\r\nid: 8\rdata:  three\r\rdata: never ended";

const EVENTS = [
  { id: "7", type: "call.started", data: '{"a":1}' },
  { id: "", type: "levels", data: "[]" },
  { id: "", type: "message", data: "one\ntwo" },
  { id: "8", type: "message", data: " three" },
];

Deno.test("EventStreamParser reads fields, comments and every kind of line break", () => {
  assert.deepEqual(new EventStreamParser().push(STREAM), EVENTS);
});

Deno.test("EventStreamParser reads the same from pieces of any size", () => {
  for (let size = 1; size < 20; size++) {
    const parser = new EventStreamParser();
    const events = [];
    for (let at = 0; at < STREAM.length; at += size) {
      events.push(...parser.push(STREAM.slice(at, at + size)));
    }
    assert.deepEqual(events, EVENTS, `pieces of ${size}`);
  }
});

Deno.test("EventStreamParser gives up a line, and a message, that does not end", () => {
  for (const piece of ["x".repeat(1024 * 1024), `data: ${"x".repeat(1024 * 1024)}\n`]) {
    const parser = new EventStreamParser();
    for (let count = 0; count < 4; count++) parser.push(piece);
    assert.throws(() => parser.push(piece.slice(0, 8)), RangeError);
  }
});

Deno.test("EventStreamParser takes any number of messages that end", () => {
  const parser = new EventStreamParser();
  const piece = `data: ${"x".repeat(1024 * 1024)}\n\n`;
  for (let count = 0; count < 8; count++) assert.equal(parser.push(piece).length, 1);
});
