/** Twilio messages for tests: the recorded call of the fixture, and single ones made to measure. */

/** The fixture's messages, one call from `connected` to `stop`. */
export const TWILIO_CALL: readonly string[] = Deno.readTextFileSync(
  new URL("../fixtures/twilio_call.jsonl", import.meta.url),
).trimEnd().split("\n");

const START = JSON.parse(TWILIO_CALL[1]);

/** The fixture's start, with fields of `start` exchanged. */
export function twilioStart(fields: Record<string, unknown> = {}): string {
  return JSON.stringify({ ...START, start: { ...START.start, ...fields } });
}

/** A media message in Twilio's exact shape, with fields of `media` exchanged. */
export function twilioMedia(fields: Record<string, unknown> = {}): string {
  return JSON.stringify({
    event: "media",
    sequenceNumber: "7",
    media: { track: "inbound", chunk: "3", timestamp: "60", payload: "AAECAw==", ...fields },
    streamSid: START.streamSid,
  });
}
