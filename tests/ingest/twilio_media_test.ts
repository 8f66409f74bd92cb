import assert from "node:assert/strict";
import fc from "fast-check";
import { IngestError, type IngestEvent } from "../../ingest/provider.ts";
import { twilio } from "../../ingest/twilio.ts";
import { scanTwilioMedia, type TwilioMedia } from "../../ingest/twilio_media.ts";
import { mutated, splicedText } from "./mutations.ts";
import { eventsOf, NO_REPLY } from "./parsing.ts";
import { TWILIO_CALL, twilioMedia } from "./twilio_messages.ts";

const SEED = 20260102;
const media = (): TwilioMedia => ({ track: "bot", mediaMs: -1, sequence: -1, payload: "" });

/** What a started parser makes of a message: copies of its events, or the code of its error. */
function outcomeOf(message: string): IngestEvent[] | string {
  const parser = twilio.open(NO_REPLY);
  eventsOf(parser, TWILIO_CALL[1]);
  try {
    return eventsOf(parser, message);
  } catch (error) {
    assert.ok(error instanceof IngestError);
    return error.code;
  }
}

/**
 * Asserts that a message means the same with a blank before it, which the scan leaves to JSON.parse;
 * answers whether the scan takes it without.
 */
function assertScanIsSound(message: string): boolean {
  assert.equal(scanTwilioMedia(` ${message}`, media()), false);
  assert.deepEqual(outcomeOf(message), outcomeOf(` ${message}`));
  return scanTwilioMedia(message, media());
}

Deno.test("scanTwilioMedia() takes every media message of the fixture and nothing else", () => {
  const taken = TWILIO_CALL.filter(assertScanIsSound);
  assert.deepEqual(taken, TWILIO_CALL.filter((message) => JSON.parse(message).event === "media"));
  assert.equal(taken.length, 45);
});

Deno.test("scanTwilioMedia() leaves what only JSON.parse can judge", () => {
  const message = twilioMedia();
  const left = [
    message.replace('"chunk":"3"', '"chunk":"4294967296"'),
    message.replace('"timestamp":"60"', '"timestamp":"60","timestamp":"80"'),
    message.replace('"inbound"', '"both"'),
    message + " ",
    message + "}",
    message + "\n",
    ` ${message}`,
    message.replaceAll(":", ": "),
    twilioMedia({ payload: "A".repeat(4096) }),
    twilioMedia({ chunk: undefined }),
  ];
  assert.deepEqual(left.filter(assertScanIsSound), []);
});

Deno.test("twilio payloads that base64 and JSON judge differently mean what JSON says", () => {
  const payloads = [
    "AA\\u0045C",
    "AA\nEC",
    "AA EC",
    "AAE\tC",
    "AAE",
    "AA",
    "A",
    "AA==",
    "AAE=",
    "AA=A",
  ];
  for (const payload of payloads) assertScanIsSound(twilioMedia().replace("AAECAw==", payload));
  assert.equal(outcomeOf(twilioMedia().replace("AAECAw==", "AA\nEC")), "bad_message");
  const [event] = outcomeOf(twilioMedia().replace("AAECAw==", "AA\\u0045C")) as IngestEvent[];
  assert.deepEqual(event.type === "audio" && event.payload, Uint8Array.of(0, 1, 2));
});

Deno.test(`scanTwilioMedia() never disagrees with JSON.parse (seed ${SEED})`, () => {
  const calls = TWILIO_CALL.filter((message) => message.includes('"event":"media"')).slice(0, 6);
  calls.push(twilioMedia(), twilioMedia({ track: "outbound", timestamp: "4294967295" }));
  const count = fc.oneof(
    { weight: 3, arbitrary: fc.nat().map(String) },
    { weight: 1, arbitrary: fc.constantFrom("4294967296", "9999999999", "-0", "00", "") },
  );
  const payload = fc.oneof(
    { weight: 3, arbitrary: fc.base64String() },
    { weight: 1, arbitrary: fc.string({ maxLength: 8 }) },
  );
  const track = fc.constantFrom("inbound", "outbound");
  const made = fc.record({ track, chunk: count, timestamp: count, payload }).map(twilioMedia);
  const damaged = fc.oneof(mutated(calls).map(String), splicedText(fc.constantFrom(...calls)));
  const anything = fc.oneof(made, damaged, splicedText(made), splicedText(damaged));
  let taken = 0;
  fc.assert(
    fc.property(anything, (message) => {
      if (assertScanIsSound(message)) taken++;
    }),
    { seed: SEED, numRuns: 5000 },
  );
  assert.ok(taken > 500, `only ${taken} of 5000 were taken: the property says little`);
});
