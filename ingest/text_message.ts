import { IngestError } from "./provider.ts";
import { shownKind } from "./shown.ts";

/** Longest text message a provider may send, in bytes of UTF-8. */
const MAX_TEXT_BYTES = 64 * 1024;

/**
 * Reads a text message as a JSON object. The values are as received: nothing is checked but the size
 * and that it is an object.
 *
 * @throws {IngestError} `too_big` or `bad_message`; what was received is not repeated, it may hold a
 * credential
 */
export function readTextMessage(message: string): Record<string, unknown> {
  if (exceedsUtf8Bytes(message, MAX_TEXT_BYTES)) {
    throw new IngestError(
      "too_big",
      `Cannot read message: a text message takes at most ${MAX_TEXT_BYTES} bytes, received ` +
        `${message.length} characters`,
    );
  }
  let value: unknown;
  try {
    value = JSON.parse(message);
  } catch {
    throw new IngestError(
      "bad_message",
      `Cannot read message: text must be a JSON object, received ${message.length} characters ` +
        "that are not JSON",
    );
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new IngestError(
      "bad_message",
      `Cannot read message: text must be a JSON object, received ${shownKind(value)}`,
    );
  }
  return value as Record<string, unknown>;
}

function exceedsUtf8Bytes(text: string, limit: number): boolean {
  // A UTF-16 code unit takes 1 to 3 bytes, so only lengths in between need counting.
  if (text.length > limit) return true;
  if (text.length * 3 <= limit) return false;
  return new TextEncoder().encode(text).length > limit;
}
