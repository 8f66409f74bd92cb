import assert from "node:assert/strict";
import { pcm } from "../../ingest/pcm.ts";
import type { StartEvent } from "../../ingest/provider.ts";
import { assertRefused, eventsOf, NO_REPLY } from "./parsing.ts";
import { FULL_START, pcmStart } from "./pcm_messages.ts";

function startOf(fields: Record<string, unknown>): StartEvent {
  const [event] = eventsOf(pcm.open(NO_REPLY), JSON.stringify({ type: "start", ...fields }));
  assert.equal(event.type, "start");
  return event as StartEvent;
}

Deno.test("pcm start carries every field and ignores unknown ones", () => {
  const [event] = eventsOf(pcm.open(NO_REPLY), pcmStart({ resume: true, colour: "green" }));
  const { timestamps: _, ...fields } = FULL_START;
  assert.deepEqual(event, { ...fields, resume: true });
});

Deno.test("pcm start needs nothing but its type, and shares no default between calls", () => {
  const first = startOf({});
  assert.deepEqual(first, { type: "start", tracks: {}, media: {}, metadata: {}, resume: false });
  first.metadata.agent = "changed";
  assert.deepEqual(startOf({}).metadata, {});
});

Deno.test("pcm start takes each field up to its limit", () => {
  startOf({ callId: "a".repeat(128) });
  startOf({ callId: "A-z_0.9" });
  startOf({ tracks: { user: { encoding: "alaw", sampleRate: 8000 } } });
  startOf({ tracks: { bot: { encoding: "pcm_s16le", sampleRate: 48000 } } });
  startOf({ media: { maxDurationSeconds: 86400 } });
  startOf({ metadata: { ["k".repeat(128)]: "v".repeat(1024) } });
  const entries = Array.from({ length: 64 }, (_, index) => [`key${index}`, "value"]);
  assert.equal(Object.keys(startOf({ metadata: Object.fromEntries(entries) }).metadata).length, 64);
});

const format = (encoding: unknown, sampleRate: unknown) => ({ encoding, sampleRate });
const many = (count: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`key${index}`, "value"]));

const BAD_STARTS: [Record<string, unknown>, RegExp][] = [
  [{ callId: "" }, /callId takes 1 to 128 of .*, received ""$/],
  [{ callId: "a".repeat(129) }, /callId takes .*\(129 characters\)$/],
  [{ callId: "a/b" }, /callId takes .*received "a\/b"$/],
  [{ callId: "CA1\n" }, /callId/],
  [{ callId: ".." }, /callId takes .*not \. or \.\. alone.*received "\.\."$/],
  [{ callId: null }, /callId takes .*received null$/],
  [{ sampleRate: 44100 }, /sampleRate takes 8000 or 16000, received 44100$/],
  [{ sampleRate: "8000" }, /sampleRate takes 8000 or 16000, received "8000"$/],
  [{ tracks: [] }, /tracks takes an object with user and bot, received an array$/],
  [{ tracks: { user: "mulaw" } }, /tracks\.user takes an object with encoding and sampleRate/],
  [
    { tracks: { bot: format("opus", 8000) } },
    /tracks\.bot\.encoding takes pcm_s16le, mulaw or alaw, received "opus"$/,
  ],
  [
    { tracks: { user: format("alaw", 7999) } },
    /tracks\.user\.sampleRate takes an integer from 8000 to 48000, received 7999$/,
  ],
  [{ tracks: { user: format("alaw", 48001) } }, /received 48001$/],
  [{ tracks: { user: format("alaw", 8000.5) } }, /received 8000\.5$/],
  [{ tracks: { user: format("alaw", undefined) } }, /received nothing$/],
  [{ timestamps: 1 }, /timestamps takes true or false, received 1$/],
  [{ media: { live: "yes" } }, /media\.live takes true or false, received "yes"$/],
  [{ media: { recording: 0 } }, /media\.recording takes true or false, received 0$/],
  [
    { media: { maxDurationSeconds: 0 } },
    /media\.maxDurationSeconds takes an integer from 1 to 86400, received 0$/,
  ],
  [{ media: { maxDurationSeconds: 86401 } }, /received 86401$/],
  [{ metadata: { age: 5 } }, /metadata\.age takes text of at most 1024 .*, received a number$/],
  [
    { metadata: { a: "v".repeat(1025) } },
    /metadata\.a takes .*, received text of 1025 characters$/,
  ],
  [{ metadata: { ["k".repeat(129)]: "v" } }, /metadata takes names of at most 128 characters/],
  [{ metadata: many(65) }, /metadata takes at most 64 entries, received 65$/],
  [{ resume: "true" }, /resume takes true or false, received "true"$/],
];

Deno.test("pcm start names the field that is wrong, what it takes and what it got", () => {
  for (const [fields, says] of BAD_STARTS) {
    const parser = pcm.open(NO_REPLY);
    assertRefused(parser, pcmStart(fields), "bad_start", says);
    assert.equal(eventsOf(parser, pcmStart())[0].type, "start");
  }
});

Deno.test("pcm start does not let metadata reach a prototype", () => {
  const [event] = eventsOf(
    pcm.open(NO_REPLY),
    '{"type":"start","metadata":{"__proto__":"x","constructor":"y"}}',
  );
  assert.deepEqual(Object.getPrototypeOf((event as StartEvent).metadata), Object.prototype);
  assert.equal((event as StartEvent).metadata.constructor, "y");
});
