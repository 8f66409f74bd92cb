import assert from "node:assert/strict";
import { ManualClock } from "../../../mixer/clock.ts";
import { Announcer } from "../../../static/wall/announcer.js";
import { nameOf } from "../../../static/wall/naming.js";
import { telling, warningText } from "../../../static/wall/warnings.js";

Deno.test("nameOf() calls a call by its caller, else by its id", () => {
  const metadata = { direction: "inbound", From: "+1 555", agent: "support", empty: " " };
  assert.deepEqual(nameOf({ id: "a", metadata }), {
    who: "+1 555",
    agent: "support",
    rest: [["direction", "inbound"]],
  });
  assert.deepEqual(nameOf({ id: "a", metadata: {} }), { who: "a", agent: "", rest: [] });
});

Deno.test("warningText() has words for every code, the server's own for those it does not know", () => {
  assert.equal(warningText({ code: "track_silent", track: "bot" }), "Bot silent");
  assert.equal(warningText({ code: "clipping", track: "user" }), "Caller distorted");
  assert.equal(warningText({ code: "new_one", message: "The moon is up" }), "The moon is up");
  assert.equal(warningText({ code: "new_one" }), "new one");
});

Deno.test("telling() leaves out what another warning implies", () => {
  const of = (
    ...keys: string[]
  ) => [
    ...telling(new Map(keys.map((key) => [key, { code: key.split("/")[0], since: 0 }]))).keys(),
  ];
  const silent = ["track_silent/user", "track_silent/bot"];
  assert.deepEqual(of(...silent), silent);
  assert.deepEqual(of(...silent, "both_silent/", "clipping/bot"), ["both_silent/", "clipping/bot"]);
  assert.deepEqual(of(...silent, "both_silent/", "ingest_lost/"), ["ingest_lost/"]);
});

Deno.test("Announcer leaves out what is over before its time has come", async () => {
  const clock = new ManualClock();
  const said: string[] = [];
  const announcer = new Announcer((text) => said.push(text), {
    now: () => clock.now(),
    setTimeout: (callback, ms) => clock.setTimeout(callback, ms),
  });
  announcer.warn("Bot silent", "Ann", () => false);
  await clock.advance(500);
  announcer.warn("Bot silent", "Bob", () => true);
  await clock.advance(500);
  assert.deepEqual(said, ["Warning: Bot silent, call Bob"]);
});

Deno.test("Announcer says together what comes together, and nothing twice within a minute", async () => {
  const clock = new ManualClock();
  const said: string[] = [];
  const announcer = new Announcer((text) => said.push(text), {
    now: () => clock.now(),
    setTimeout: (callback, ms) => clock.setTimeout(callback, ms),
  });
  announcer.warn("Bot silent", "Ann");
  announcer.warn("Bot silent", "Ann");
  await clock.advance(499);
  assert.deepEqual(said, []);
  await clock.advance(1);
  assert.deepEqual(said, ["Warning: Bot silent, call Ann"]);
  for (const who of ["Bob", "Cid", "Dan", "Eve"]) announcer.warn("Bot silent", who);
  await clock.advance(4999);
  assert.equal(said.length, 1);
  await clock.advance(1);
  assert.equal(
    said[1],
    "4 warnings: Bot silent, call Bob; Bot silent, call Cid; Bot silent, call Dan; and 1 more",
  );
  announcer.warn("Bot silent", "Ann");
  await clock.advance(60_000);
  assert.equal(said.length, 2);
  announcer.warn("Bot silent", "Ann");
  await clock.advance(60_000);
  assert.equal(said.length, 3);
});
