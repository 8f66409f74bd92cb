import assert from "node:assert/strict";
import { type Feed, Inbox, type WaitingMessage } from "../../mixer/inbox.ts";

function aFeed(): Feed {
  const parser = { parse: () => [] };
  return { parser, broken: 0, closed: false, refused: () => {}, ahead: () => {} };
}

/** An inbox, and what it has handed out since somebody last looked. */
function anInbox(onTaken: (message: WaitingMessage) => void = () => {}) {
  let taken: unknown[] = [];
  const inbox = new Inbox((message) => {
    const { feed, data, arrivedMs, lagMs } = message;
    taken.push([feed, data, arrivedMs, lagMs]);
    onTaken(message);
  });
  const look = () => {
    const before = taken;
    taken = [];
    return before;
  };
  return { inbox, look };
}

Deno.test("Inbox.drain() hands out what came of any feed, in order, with its time and lag, once", () => {
  const { inbox, look } = anInbox();
  const [feed, other] = [aFeed(), aFeed()];
  inbox.drain();
  assert.deepEqual(look(), []);
  const bytes = new ArrayBuffer(3);
  inbox.add(feed, "one", 10, 0);
  inbox.add(other, bytes, 20.5, 7);
  inbox.add(feed, "three", 30, 0.25);
  assert.deepEqual(look(), []);
  inbox.drain();
  assert.deepEqual(look(), [[feed, "one", 10, 0], [other, bytes, 20.5, 7], [
    feed,
    "three",
    30,
    0.25,
  ]]);
  inbox.drain();
  assert.deepEqual(look(), []);
});

Deno.test("Inbox.add() has all taken at 64 messages, or as soon as they are 64 KiB", () => {
  const { inbox, look } = anInbox();
  const feed = aFeed();
  for (let count = 1; count < 64; count++) inbox.add(feed, "x", count, 0);
  assert.equal(look().length, 0);
  inbox.add(feed, "x", 64, 0);
  assert.equal(look().length, 64);
  inbox.add(feed, "x".repeat(64 * 1024 - 1), 0, 0);
  assert.equal(look().length, 0);
  inbox.add(feed, new ArrayBuffer(1), 0, 0);
  assert.equal(look().length, 2);
  inbox.add(feed, "x", 0, 0);
  assert.equal(look().length, 0);
});

Deno.test("Inbox.drain() keeps for the next time what is added meanwhile", () => {
  const feed = aFeed();
  const { inbox, look } = anInbox(({ data }) => {
    if (data === "one") inbox.add(feed, "three", 3, 0);
  });
  inbox.add(feed, "one", 1, 0);
  inbox.add(feed, "two", 2, 0);
  inbox.drain();
  assert.deepEqual(look(), [[feed, "one", 1, 0], [feed, "two", 2, 0]]);
  inbox.drain();
  assert.deepEqual(look(), [[feed, "three", 3, 0]]);
});
