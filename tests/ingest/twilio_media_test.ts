import assert from "node:assert/strict";
import fc from "fast-check";
import { readTwilioMedia, scanTwilioMedia, type TwilioMedia } from "../../ingest/twilio_media.ts";
import { mutated, splicedText } from "./mutations.ts";
import { TWILIO_CALL, twilioMedia } from "./twilio_messages.ts";

const SEED = 20260102;
const empty = (): TwilioMedia => ({
  track: "bot",
  mediaMs: -1,
  sequence: -1,
  payload: "untouched",
});

/** Asserts that a scan answers what JSON.parse does, or nothing; answers whether it did. */
function assertScanIsSound(message: string): boolean {
  const scanned = empty();
  if (!scanTwilioMedia(message, scanned)) {
    assert.deepEqual(scanned, empty());
    return false;
  }
  const parsed = empty();
  const fields = JSON.parse(message);
  assert.equal(fields.event, "media");
  readTwilioMedia(fields, parsed);
  assert.deepEqual(scanned, parsed);
  return true;
}

Deno.test("scanTwilioMedia() takes every media message of the fixture and nothing else", () => {
  const taken = TWILIO_CALL.filter(assertScanIsSound);
  assert.deepEqual(taken, TWILIO_CALL.filter((message) => JSON.parse(message).event === "media"));
  assert.equal(taken.length, 45);
});

Deno.test("scanTwilioMedia() leaves what only JSON.parse can judge", () => {
  const media = twilioMedia();
  const left = [
    media.replace("AAEC", "AA\\u0045C"),
    media.replace("AAEC", "AA\nEC"),
    media.replace('"chunk":"3"', '"chunk":"4294967296"'),
    media.replace('"timestamp":"60"', '"timestamp":"60","timestamp":"80"'),
    media.replace('"inbound"', '"both"'),
    media + " ",
    media + "}",
    media + "\n",
    ` ${media}`,
    media.replaceAll(":", ": "),
    twilioMedia({ payload: "A".repeat(4096) }),
    twilioMedia({ chunk: undefined }),
  ];
  assert.deepEqual(left.filter(assertScanIsSound), []);
});

Deno.test(`scanTwilioMedia() never disagrees with JSON.parse (seed ${SEED})`, () => {
  const media = TWILIO_CALL.filter((message) => message.includes('"event":"media"')).slice(0, 6);
  media.push(twilioMedia(), twilioMedia({ track: "outbound", timestamp: "4294967295" }));
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
  const damaged = fc.oneof(mutated(media).map(String), splicedText(fc.constantFrom(...media)));
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
