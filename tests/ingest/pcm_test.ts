import assert from "node:assert/strict";
import { pcm } from "../../ingest/pcm.ts";
import { assertRefused, eventsOf, NO_REPLY } from "./parsing.ts";
import { openPcm, pcmStart } from "./pcm_messages.ts";
import { testProvider } from "./provider_contract.ts";

testProvider({
  provider: pcm,
  opening: [pcmStart()],
  audio: [Uint8Array.of(0, 20, 0, 0, 0, 0xff, 0x7f, 1), Uint8Array.of(1, 40, 1, 0, 0, 1, 2, 3, 4)],
  others: [
    '{"type":"clear"}',
    '{"type":"pause"}',
    '{"type":"resume"}',
    '{"type":"event","name":"transcript","data":{"text":"hello","words":[1,2]}}',
    '{"type":"end","reason":"hangup"}',
  ],
});

Deno.test("pcm text messages become events", () => {
  const parser = openPcm();
  const events = [
    '{"type":"clear"}',
    '{"type":"pause"}',
    '{"type":"resume"}',
    '{"type":"event","name":"n","data":null}',
    '{"type":"end","reason":"hangup"}',
    '{"type":"end"}',
    '{"type":"end","reason":""}',
  ].flatMap((message) => eventsOf(parser, message));
  assert.deepEqual(events, [
    { type: "clear", track: "bot" },
    { type: "pause" },
    { type: "resume" },
    { type: "event", name: "n", data: null },
    { type: "stop", reason: "hangup" },
    { type: "stop", reason: "ended" },
    { type: "stop", reason: "ended" },
  ]);
});

Deno.test("pcm text before start is refused", () => {
  for (const type of ["clear", "pause", "resume", "event", "end"]) {
    const message = JSON.stringify({ type, name: "n", data: 1 });
    assertRefused(pcm.open(NO_REPLY), message, "not_started", new RegExp(`^Cannot take ${type}: `));
  }
});

Deno.test("pcm text that is no message of the protocol is refused", () => {
  const bad: [string, RegExp][] = [
    ["", /received 0 characters that are not JSON$/],
    ["hello", /received 5 characters that are not JSON$/],
    ["[]", /received an array$/],
    ["null", /received null$/],
    ['"start"', /received text of 5 characters$/],
    ["12", /received a number$/],
    ["{}", /type takes .* received nothing$/],
    ['{"type":5}', /received 5$/],
    ['{"type":"stop"}', /type takes start, clear, .* received "stop"$/],
    ['{"type":"constructor"}', /received "constructor"$/],
    ["[".repeat(64 * 1024), /not JSON$/],
  ];
  const parser = openPcm();
  for (const [message, says] of bad) assertRefused(parser, message, "bad_message", says);
});

Deno.test("pcm text takes 64 KiB of UTF-8 and not a byte more", () => {
  const parser = openPcm();
  const event = (text: string) => JSON.stringify({ type: "event", name: "n", data: text });
  const room = 64 * 1024 - event("").length;
  assert.equal(eventsOf(parser, event("x".repeat(room))).length, 1);
  assertRefused(parser, event("x".repeat(room + 1)), "too_big", /at most 65536 bytes/);
  assert.equal(eventsOf(parser, event("é".repeat(room / 2))).length, 1);
  assertRefused(parser, event("é".repeat(room / 2 + 1)), "too_big");
  assert.equal(eventsOf(parser, event("€".repeat(room / 3))).length, 1);
  assertRefused(parser, event("€".repeat(room / 3 + 1)), "too_big");
});

Deno.test("pcm event needs a name of 1 to 64 characters and data", () => {
  const parser = openPcm();
  const event = (fields: unknown) => JSON.stringify({ type: "event", ...fields as object });
  assert.equal(eventsOf(parser, event({ name: "n".repeat(64), data: [] })).length, 1);
  for (const name of [undefined, "", "n".repeat(65), 5]) {
    assertRefused(parser, event({ name, data: 1 }), "bad_message", /name takes 1 to 64 characters/);
  }
  assertRefused(parser, event({ name: "n" }), "bad_message", /data takes any JSON .*send null/);
});

Deno.test("pcm event data nests only as deep as can be written again", () => {
  const parser = openPcm();
  const nested = (depth: number) =>
    `{"type":"event","name":"n","data":${"[".repeat(depth)}${"]".repeat(depth)}}`;
  assert.equal(eventsOf(parser, nested(64)).length, 1);
  assertRefused(parser, nested(65), "bad_message", /nested at most 64 deep/);
  assertRefused(parser, nested(32_000), "bad_message", /nested at most 64 deep/);
});

Deno.test("pcm end cuts a long reason and refuses one that is not text", () => {
  const parser = openPcm();
  const end = (reason: unknown) => JSON.stringify({ type: "end", reason });
  const [event] = eventsOf(parser, end("r".repeat(500)));
  assert.deepEqual(event, { type: "stop", reason: "r".repeat(128) });
  const [split] = eventsOf(parser, end("r".repeat(127) + "😀"));
  assert.ok(split.type === "stop" && split.reason.isWellFormed());
  assertRefused(parser, end(5), "bad_message", /reason takes text, received 5$/);
  assertRefused(parser, end(null), "bad_message", /received null$/);
});
