import assert from "node:assert/strict";
import { IngestInbox, MAX_WAITING, MAX_WAITING_SIZE } from "../../sessions/ingest_inbox.ts";

/** What an inbox hands out, and that it is empty then. */
function drained(inbox: IngestInbox): unknown[] {
  const taken: unknown[] = [];
  inbox.drain((...message) => void taken.push(message));
  inbox.drain(() => assert.fail("handed out twice"));
  return taken;
}

Deno.test("IngestInbox.drain() hands out what came, in order, with its time and lag, once", () => {
  const inbox = new IngestInbox();
  assert.deepEqual(drained(inbox), []);
  const bytes = new ArrayBuffer(3);
  inbox.add("one", 10, 0);
  inbox.add(bytes, 20.5, 7);
  inbox.add("three", 30, 0.25);
  assert.deepEqual(drained(inbox), [["one", 10, 0], [bytes, 20.5, 7], ["three", 30, 0.25]]);
  inbox.add("four", 40, 0);
  assert.deepEqual(drained(inbox), [["four", 40, 0]]);
});

Deno.test("IngestInbox.isFull at 64 messages, or as soon as they are 64 KiB", () => {
  const inbox = new IngestInbox();
  for (let count = 0; count < MAX_WAITING; count++) {
    assert.equal(inbox.isFull, false);
    inbox.add("x", count, 0);
  }
  assert.equal(inbox.isFull, true);
  assert.equal(drained(inbox).length, MAX_WAITING);
  inbox.add("x".repeat(MAX_WAITING_SIZE - 1), 0, 0);
  assert.equal(inbox.isFull, false);
  inbox.add(new ArrayBuffer(1), 0, 0);
  assert.equal(inbox.isFull, true);
  drained(inbox);
  assert.equal(inbox.isFull, false);
});

Deno.test("IngestInbox.drain() keeps for the next time what is added meanwhile", () => {
  const inbox = new IngestInbox();
  inbox.add("one", 1, 0);
  inbox.add("two", 2, 0);
  const taken: unknown[] = [];
  inbox.drain((data) => {
    taken.push(data);
    if (data === "one") inbox.add("three", 3, 0);
  });
  assert.deepEqual(taken, ["one", "two"]);
  assert.deepEqual(drained(inbox), [["three", 3, 0]]);
});
