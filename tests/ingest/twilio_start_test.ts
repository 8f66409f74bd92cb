import assert from "node:assert/strict";
import type { StartEvent } from "../../ingest/provider.ts";
import { twilio } from "../../ingest/twilio.ts";
import { assertRefused, eventsOf, NO_REPLY } from "./parsing.ts";
import { twilioStart } from "./twilio_messages.ts";

function startOf(fields: Record<string, unknown>): StartEvent {
  const [event] = eventsOf(twilio.open(NO_REPLY), twilioStart(fields));
  assert.equal(event.type, "start");
  return event as StartEvent;
}

Deno.test("twilio start keeps the token out of everything but the credential", () => {
  const event = startOf({ customParameters: { token: "secret-key", agent: "a" } });
  assert.equal(event.credential, "secret-key");
  assert.ok(!JSON.stringify({ ...event, credential: "" }).includes("secret-key"));
  assert.equal(startOf({ customParameters: { token: "\t secret-key " } }).credential, "secret-key");
});

Deno.test("twilio start without custom parameters leaves everything to the defaults", () => {
  for (const customParameters of [undefined, {}, { token: "" }]) {
    const event = startOf({ customParameters, streamSid: undefined });
    assert.deepEqual([event.media, event.metadata], [{}, {}]);
    assert.ok(!("credential" in event));
  }
});

Deno.test("twilio start reads media options written as text", () => {
  const media = (customParameters: unknown) => startOf({ customParameters }).media;
  assert.deepEqual(media({ live: "true", recording: "false" }), { live: true, recording: false });
  assert.deepEqual(media({ live: "0", recording: "1" }), { live: false, recording: true });
  assert.deepEqual(media({ live: "True", recording: " NO " }), { live: true, recording: false });
  assert.deepEqual(media({ live: "YES", recording: "FALSE" }), { live: true, recording: false });
  assert.deepEqual(media({ maxDurationSeconds: "86400" }), { maxDurationSeconds: 86400 });
});

const MULAW = { encoding: "audio/x-mulaw", sampleRate: 8000, channels: 1 };
const many = Object.fromEntries(Array.from({ length: 64 }, (_, index) => [`key${index}`, "v"]));

const BAD_STARTS: [Record<string, unknown>, RegExp][] = [
  [{ callSid: undefined }, /start\.callSid takes 1 to 128 of .*, received nothing$/],
  [{ callSid: "../x" }, /start\.callSid .*received "\.\.\/x"$/],
  [{ streamSid: 5 }, /start\.streamSid takes text .*received 5$/],
  [{ mediaFormat: undefined }, /start\.mediaFormat takes an object .*received nothing$/],
  [
    { mediaFormat: { ...MULAW, encoding: "audio/x-l16" } },
    /start\.mediaFormat\.encoding takes audio\/x-mulaw, received "audio\/x-l16"$/,
  ],
  [
    { mediaFormat: { ...MULAW, sampleRate: 16000 } },
    /start\.mediaFormat\.sampleRate takes 8000, received 16000$/,
  ],
  [{ mediaFormat: { ...MULAW, channels: 2 } }, /start\.mediaFormat\.channels takes 1, received 2$/],
  [{ customParameters: [] }, /start\.customParameters takes an object of strings/],
  [
    { customParameters: { live: "maybe" } },
    /start\.customParameters\.live takes true, false, 1, 0, yes or no as text, received "maybe"$/,
  ],
  [{ customParameters: { recording: true } }, /recording takes true, .* as text, received true$/],
  [
    { customParameters: { maxDurationSeconds: "1e3" } },
    /maxDurationSeconds takes an integer from 1 to 86400 as text, received "1e3"$/,
  ],
  [{ customParameters: { maxDurationSeconds: "0" } }, /integer from 1 to 86400, received 0$/],
  [{ customParameters: { maxDurationSeconds: "86401" } }, /received 86401$/],
  [
    { customParameters: { token: 12345 } },
    /token takes at most 4096 characters, received a number$/,
  ],
  [{ customParameters: { token: "t".repeat(4097) } }, /token .*received text of 4097 characters$/],
  [{ customParameters: { agent: 5 } }, /customParameters\.agent takes text .*received a number$/],
  [{ customParameters: { a: "v".repeat(1025) } }, /received text of 1025 characters$/],
  [{ customParameters: many }, /customParameters takes at most 64 entries, received 65$/],
];

Deno.test("twilio start names the field that is wrong, what it takes and what it got", () => {
  for (const [fields, says] of BAD_STARTS) {
    const parser = twilio.open(NO_REPLY);
    assertRefused(parser, twilioStart(fields), "bad_start", says);
    assert.equal(eventsOf(parser, twilioStart())[0].type, "start");
  }
  assertRefused(twilio.open(NO_REPLY), '{"event":"start"}', "bad_start", /start takes an object/);
});
